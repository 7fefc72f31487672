#!/usr/bin/env bash
# A PromptSales works on a Postgres and a Valkey that objects of another kind provide (servicebinding.io: status.binding.name names
# the Secret), and on a NATS of its own or of somebody else. Pods keep what they have while the object names nothing that can be used.
. "$(dirname "$0")/../lib.sh"

small='{requests: {cpu: 20m, memory: 64Mi}}'
backend="backend: {resources: $small, autoscaling: {type: None, minReplicas: 1}}"
says() { # says CONDITION REASON TEXT
  is "False $2" k get promptsales shop -o jsonpath="{range .status.conditions[?(@.type=='$1')]}{.status} {.reason}{end}" &&
    [[ $(condition shop "$1" message) == *"$3"* ]]
}
entry() { k get secret "$1" -o jsonpath="{.data.$2}" | base64 -d; } # entry SECRET KEY
pod_uid() { k get pod "$1" -o jsonpath='{.metadata.uid}'; }
# The program's own look at everything that its pod has mounted: Postgres, Valkey and NATS.
reaches_all() { k exec "deployment/$1-backend" -c backend -- /promptsales-backend check; }

# The kind that provides, and the role by which its owner lets the operator read it.
kind=providedservices.${ns#e2e-}.example.org
provided() { # provided NAME [SECRET] : an object of that kind; its provider has made SECRET
  k apply -f - <<<"{\"apiVersion\": \"${kind#*.}/v1\", \"kind\": \"ProvidedService\", \"metadata\": {\"name\": \"$1\"}}" >/dev/null
  [ $# = 1 ] || k patch "$kind" "$1" --subresource=status --type=merge -p "{\"status\": {\"binding\": {\"name\": \"$2\"}}}"
}
at_end() {
  kubectl delete crd "$kind" --ignore-not-found --wait=false >/dev/null
  kubectl delete clusterrole,clusterrolebinding "$ns" --ignore-not-found >/dev/null
}
kubectl apply -f - <<X
{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "$kind"}, "spec": {
  "group": "${kind#*.}", "scope": "Namespaced", "names": {"kind": "ProvidedService", "plural": "providedservices", "singular": "providedservice"},
  "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}}
X
kubectl wait --for=condition=Established "crd/$kind" --timeout=20s
kubectl create clusterrole "$ns" --verb=get,list,watch --resource="$kind"
kubectl create clusterrolebinding "$ns" --clusterrole="$ns" --serviceaccount=promptsales-system:promptsales-operator

# The servers of one resource are the existing ones of the other, NATS among them.
apply_promptsales store "$backend" \
  'database: {type: Embedded, resources: {requests: {cpu: 50m, memory: 256Mi}}}' "cache: {type: Embedded, resources: $small}" \
  "messaging: {type: Embedded, storage: 1Gi, resources: $small}"
becomes_ready store
# Ready is the pods; Services lead to them when the node has heard of it.
eventually 20 "the backend reaches what the operator runs for it" reaches_all store
# Network policies of the servers let only their own backend in, where they are enforced.
k patch promptsales store --type=merge -p '{"spec": {"networkPolicy": {"enabled": false}}}'
for part in database cache messaging; do
  k create secret generic "bought-$part" --from-literal=uri="$(entry "store-$part-binding" uri)"
done

provided database
provided cache bought-cache
ref() { printf '{type: ServiceRef, serviceRef: {apiVersion: %s/v1, kind: ProvidedService, name: %s}}' "${kind#*.}" "$1"; }
apply_promptsales shop "$backend" "database: $(ref database)" "cache: $(ref cache)" \
  'messaging: {type: Secret, secretRef: {name: bought-messaging}}'
eventually 20 "a service that is not provided yet is named" says DatabaseReady Provisioning status.binding.name
provided database bought-database
becomes_ready shop
[ "$(k get statefulsets -l promptsales.io/name=shop -o name)" = "" ] || fail "a server was made although one was named"
eventually 20 "the backend reaches the services that it was given" reaches_all shop
eventually 20 "the Service leads to it" answers shop
request shop POST /v1/campaigns '{"name": "provided"}' >/dev/null
has_campaign store provided >/dev/null || fail "shop does not work on the database that it was given"

k create secret generic renamed --from-literal=password=other
provided database renamed
eventually 10 "the Secret that lacks a key is named" says DatabaseReady KeyMissing renamed
answers shop >/dev/null || fail "pods lost the connection that they had"
provided database bought-database
becomes_ready shop 60

first=$(pod_uid store-messaging-0)
k delete pod store-messaging-0 --wait=false
is_another() { [ "$(pod_uid store-messaging-0)" != "$first" ]; }
eventually 60 "NATS is started again" is_another
becomes_ready store 60
eventually 20 "the backend reaches NATS after its restart" reaches_all store
eventually 20 "the other backend reaches NATS after its restart" reaches_all shop
