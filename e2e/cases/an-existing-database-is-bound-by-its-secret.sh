#!/usr/bin/env bash
# A PromptSales works on a Postgres and a Valkey that somebody else runs, named by Secrets with keys of their own. What is wrong with
# such a Secret is said within ten seconds, pods keep the connection that they have, and mending it is noticed.
. "$(dirname "$0")/../lib.sh"

small='backend: {resources: {requests: {cpu: 20m, memory: 64Mi}}, autoscaling: {type: None, minReplicas: 1}}'
says() { # says CONDITION REASON TEXT
  is "False $2" k get promptsales shop -o jsonpath="{range .status.conditions[?(@.type=='$1')]}{.status} {.reason}{end}" &&
    [[ $(condition shop "$1" message) == *"$3"* ]]
}
entry() { k get secret "$1" -o jsonpath="{.data.$2}" | base64 -d; } # entry SECRET KEY
revision() { k get deployment shop-backend -o jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}'; }

# The servers of one resource are the existing ones of the other.
apply_promptsales store "$small" \
  'database: {type: Embedded, resources: {requests: {cpu: 50m, memory: 256Mi}}}' \
  'cache: {type: Embedded, resources: {requests: {cpu: 20m, memory: 64Mi}}}'
becomes_ready store
k create secret generic bought-database --from-literal=DB_HOST="$(entry store-database-binding host)" --from-literal=port=5432 \
  --from-literal=user="$(entry store-database-binding username)" --from-literal=password="$(entry store-database-binding password)" \
  --from-literal=dbname="$(entry store-database-binding database)"
k create secret generic bought-cache --from-literal=uri="$(entry store-cache-binding uri)"
# Network policies of the servers let only their own backend in, where they are enforced.
k patch promptsales store --type=merge -p '{"spec": {"networkPolicy": {"enabled": false}}}'
before=$(k get secret bought-database bought-cache -o jsonpath='{range .items[*]}{.metadata.resourceVersion} {end}')

apply_promptsales shop "$small" \
  'database: {type: Secret, secretRef: {name: bought-database, keys: {host: DB_HOST}}}' 'cache: {type: Secret, secretRef: {name: bought-cache}}'
becomes_ready shop
[ "$(k get statefulsets -l promptsales.io/name=shop -o name)" = "" ] || fail "a server was made although one was named"
eventually 20 "the Service leads to it" answers shop # Ready is the pod; the node hears of it a moment later
request shop POST /v1/campaigns '{"name": "shared"}' >/dev/null
has_campaign store shared >/dev/null || fail "shop does not work on the database that it was given"
[ "$(k get secret bought-database bought-cache -o jsonpath='{range .items[*]}{.metadata.resourceVersion} {end}')" = "$before" ] ||
  fail "the operator changed a Secret that is not its own"

first=$(revision)
k annotate secret bought-database seen=today >/dev/null
password=$(entry bought-database password)
k patch secret bought-database --type=json -p '[{"op": "remove", "path": "/data/password"}]' >/dev/null
eventually 10 "the missing key is named" says DatabaseReady KeyMissing password
answers shop >/dev/null || fail "pods lost the connection that they had"
k patch secret bought-database --type=merge -p "{\"stringData\": {\"password\": \"$password\"}}" >/dev/null
becomes_ready shop 60
saved=$(k get secret bought-cache -o json | jq 'del(.metadata.uid, .metadata.resourceVersion, .metadata.creationTimestamp)') # in no file: it is a password
k delete secret bought-cache
eventually 10 "the missing Secret is named" says CacheReady SecretMissing bought-cache
answers shop >/dev/null || fail "pods lost the connection that they had"
k apply -f - <<<"$saved"
becomes_ready shop 60
[ "$(revision)" = "$first" ] || fail "pods were replaced although no entry that they use has changed"
