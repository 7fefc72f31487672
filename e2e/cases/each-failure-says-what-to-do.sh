#!/usr/bin/env bash
# Whatever keeps a resource from working is said within ten seconds, by the right condition and reason and with what helps, and it is
# not said any longer when it is gone. One row a failure: cause, what is said, mend.
. "$(dirname "$0")/../lib.sh"

app=shop # whom the rows are about
says() { # says CONDITION REASON TEXT
  is "False $2" k get promptsales "$app" -o jsonpath="{range .status.conditions[?(@.type=='$1')]}{.status} {.reason}{end}" &&
    [[ $(condition "$app" "$1" message) == *"$3"* ]]
}
says_otherwise() { [ "$(condition "$app" "$1" reason)" != "$2" ]; }

# row NAME CONDITION REASON TEXT CAUSE MEND : CAUSE and MEND are functions; MEND is nothing_yet where the next row goes on from here.
# SAYS_WITHIN, in seconds, where a pod must start first, whose time is the node's: the ten seconds begin when it has failed.
row() {
  note "--- $1"
  "$5" >/dev/null
  local begun=$SECONDS
  eventually "${SAYS_WITHIN:-10}" "$1: $2 is False, $3" says "$2" "$3" "$4"
  note "$(condition "$app" "$2" message)"
  if [ "$6" = nothing_yet ]; then return; fi # the next row's cause takes this one's place
  "$6" >/dev/null
  eventually 60 "$1: $3 is gone" says_otherwise "$2" "$3"
  note "said and taken back in $((SECONDS - begun)) s"
}

spec() { k patch promptsales shop --type=merge -p "{\"spec\": $1}"; }
plain() { spec '{"image": null, "backend": null}'; }

cause_image() { spec '{"image": "registry.local/no-such-image:v0"}'; }
cause_crash() { spec '{"backend": {"env": [{"name": "PROMPTSALES_LOG_LEVEL", "value": "loud"}]}}'; }
cause_shortage() { spec '{"backend": {"resources": {"requests": {"cpu": "64"}}}}'; }
cause_config() { spec '{"backend": {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "no-such-secret", "key": "token"}}}]}}'; }
cause_key() {
  k create secret generic partner --from-literal=other=1
  spec '{"backend": {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "partner", "key": "token"}}}]}}'
}
# The namespace has more pods than it may have, and a changed setting needs one more.
cause_quota() {
  k create quota full --hard=pods=1
  spec '{"backend": {"env": [{"name": "CHANGED", "value": "1"}]}}'
}
cause_no_pod() { k delete pod shop-cache-0; } # its StatefulSet says in Events alone why there is no other
mend_quota() { k delete quota full; plain; }
cause_limit_range() {
  k apply -f - <<<'{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}, "spec": {"limits": [{"type": "Container", "max": {"memory": "16Mi"}}]}}'
  spec '{"backend": {"env": [{"name": "CHANGED", "value": "2"}]}}'
}
mend_limit_range() { k delete limitrange small; plain; }
cause_conflict() { # the child goes, and before it can come back there is one of somebody else
  spec '{"networkPolicy": {"enabled": false}}'
  k wait --for=delete networkpolicy/shop-cache --timeout=20s
  k apply -f - <<<'{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "shop-cache"}, "spec": {"podSelector": {}, "ingress": [{}]}}'
  spec '{"networkPolicy": null}'
}
mend_conflict() { k delete networkpolicy shop-cache; }
cause_owner() { # the same, and it belongs to a resource of somebody else
  spec '{"networkPolicy": {"enabled": false}}'
  k wait --for=delete networkpolicy/shop-cache --timeout=20s
  k create configmap landlord
  k apply -f - <<X
{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "shop-cache", "ownerReferences": [
  {"apiVersion": "v1", "kind": "ConfigMap", "name": "landlord", "controller": true, "uid": "$(k get configmap landlord -o jsonpath='{.metadata.uid}')"}]},
  "spec": {"podSelector": {}, "ingress": [{}]}}
X
  spec '{"networkPolicy": null}'
}
no_pod_is_let_in() { # not even one that Pod Security has nothing against
  ! k create --dry-run=server -f - <<<'{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"}, "spec": {
    "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}, "containers": [{"name": "probe", "image": "none",
    "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}]}}'
}
# No field of the resource makes a pod that restricted Pod Security would refuse; what others add to its pods may.
cause_pod_security() {
  kubectl apply -f - <<X
{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicy", "metadata": {"name": "$ns"}, "spec": {
  "reinvocationPolicy": "Never", "failurePolicy": "Fail",
  "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]},
  "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": "Object{spec: Object.spec{hostNetwork: true}}"}}]}}
---
{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": "$ns"}, "spec": {
  "policyName": "$ns", "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "$ns"}}}}}
X
  eventually 20 "the policy is in force" no_pod_is_let_in
  spec '{"backend": {"env": [{"name": "CHANGED", "value": "4"}]}}'
}
lift_pod_security() { kubectl delete --ignore-not-found mutatingadmissionpolicybinding/"$ns" mutatingadmissionpolicy/"$ns"; }
mend_pod_security() { lift_pod_security; plain; }
cause_policy() {
  kubectl apply -f - <<X
{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "$ns"}, "spec": {
  "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]},
  "validations": [{"expression": "false", "message": "no pods on Saturdays"}]}}
---
{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "$ns"}, "spec": {
  "policyName": "$ns", "validationActions": ["Deny"], "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "$ns"}}}}}
X
  eventually 20 "the policy is in force" no_pod_is_let_in
  spec '{"backend": {"env": [{"name": "CHANGED", "value": "3"}]}}'
}
lift_policy() { kubectl delete --ignore-not-found validatingadmissionpolicybinding/"$ns" validatingadmissionpolicy/"$ns"; }
mend_policy() { lift_policy; plain; }
cause_budget() { spec '{"backend": {"autoscaling": {"maxReplicas": 100}}}'; }
# The local cluster's own; elsewhere it is somebody's, or there is none.
cause_metrics() { metrics_are_off=true; kubectl -n kube-system scale deployment/metrics-server --replicas=0; }
mend_metrics() { kubectl -n kube-system scale deployment/metrics-server --replicas=1; }

sql() { # sql STATEMENT : by the role of the backend, on the database's own node address
  local password
  password=$(k get secret shop-database -o jsonpath='{.data.password}' | base64 -d)
  k exec shop-database-0 -- psql -qtA "postgresql://promptsales:$password@127.0.0.1/promptsales" -c "$1"
}
migrate_again() { k delete job -l app.kubernetes.io/component=migration; }
# Without its records it begins anew, and all is there already.
cause_migration() { sql 'ALTER TABLE schema_migrations RENAME TO kept'; migrate_again; }
mend_migration() { sql 'DROP TABLE IF EXISTS schema_migrations; ALTER TABLE kept RENAME TO schema_migrations'; } # its next attempt succeeds
cause_password() {
  former=$(sql "SELECT rolpassword FROM pg_authid WHERE rolname = 'promptsales'")
  sql "ALTER ROLE promptsales PASSWORD 'of somebody else'"
}
mend_password() {
  k exec shop-database-0 -- psql -q 'postgresql://promptsales:of%20somebody%20else@127.0.0.1/promptsales' -c "ALTER ROLE promptsales PASSWORD '$former'"
}
cause_downgrade() { sql "INSERT INTO schema_migrations (version, checksum) VALUES (999, '')"; migrate_again; }
# As the message says, for who does not want to wait: one attempt is enough to know.
mend_downgrade() { sql 'DELETE FROM schema_migrations WHERE version = 999'; migrate_again; }
# Twice: the first time the kubelet just starts it again.
stop_database() { k exec store-database-0 -- pg_ctl stop -D /var/lib/postgresql/data/pgdata -m fast -W; }
was_restarted() { [ "$(k get pod store-database-0 -o jsonpath='{.status.containerStatuses[0].restartCount}')" -gt 0 ]; }
cause_database() {
  stop_database
  eventually 20 "it is started again" was_restarted
  eventually 30 "it is stopped again" stop_database
}
cause_cache() { k patch pod store-cache-0 -p '{"spec": {"containers": [{"name": "valkey", "image": "registry.local/no-such-image:v0"}]}}'; }
mend_cache() { k delete pod store-cache-0; }
nothing() { :; }

expired_certificate() { # into $dir
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=shop -keyout "$dir/tls.key" -out "$dir/request" \
    -addext "subjectAltName=DNS:shop-backend.$ns.svc" 2>/dev/null
  openssl x509 -req -in "$dir/request" -signkey "$dir/tls.key" -days -1 -copy_extensions copy -out "$dir/tls.crt" 2>/dev/null
}
cause_no_secret() { spec '{"tls": {"type": "Secret", "secretRef": {"name": "given"}}}'; }
cause_no_key() { expired_certificate; k create secret generic given --from-file="$dir/tls.crt"; }
cause_expired() { k create secret generic given --from-file="$dir/tls.crt" --from-file="$dir/tls.key" --dry-run=client -o yaml | k apply -f -; }
self_signed() { spec '{"tls": null}'; }
cause_issuer() { spec '{"tls": {"type": "CertManager", "issuerRef": {"name": "absent"}}}'; }
cause_unready_issuer() { # as cert-manager says it of a CA whose Secret is not there
  k create -f - <<<'{"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": {"name": "absent"}, "spec": {"ca": {"secretName": "ca"}}}'
  k patch issuer absent --subresource=status --type=merge \
    -p '{"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "ErrGetKeyPair", "message": "secret \"ca\" not found"}]}}'
  cause_issuer
}

# A database whose volume nobody provides, in a namespace of its own beside the others.
volume_row() {
  ns=$ns-v
  kubectl create namespace "$ns" >/dev/null
  apply_promptsales shop 'backend: {resources: {requests: {cpu: 5m, memory: 32Mi}}, autoscaling: {minReplicas: 1}}' \
    'database: {type: Embedded, storageClassName: no-such-class, resources: {requests: {cpu: 5m, memory: 256Mi}}}' \
    'cache: {type: Embedded, resources: {requests: {cpu: 5m, memory: 64Mi}}}' >/dev/null
  SAYS_WITHIN=20 row "no volume" DatabaseReady VolumePending storageClassName nothing give_volume
  row "the namespace is being deleted" Ready Deleting "namespace" cause_deleted mend_deleted
}
cause_deleted() {
  k patch promptsales shop --type=merge -p '{"metadata": {"finalizers": ["example.org/hold"]}}'
  kubectl delete namespace "$ns" --wait=false
}
mend_deleted() { k patch promptsales shop --type=merge -p '{"metadata": {"finalizers": null}}'; }
give_volume() {
  kubectl apply -f - <<X
{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "$ns"}, "spec": {
  "capacity": {"storage": "100Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "no-such-class", "hostPath": {"path": "/tmp"}}}
X
}

# A database and a cache that somebody else runs, in a namespace of its own beside the others: those of the resource `store`.
binding_rows() {
  ns=$ns-b
  local small='backend: {resources: {requests: {cpu: 5m, memory: 32Mi}}, autoscaling: {type: None, minReplicas: 1}}'
  kubectl create namespace "$ns" >/dev/null
  apply_promptsales store "$small" 'networkPolicy: {enabled: false}' \
    'database: {type: Embedded, resources: {requests: {cpu: 5m, memory: 256Mi}}}' \
    'cache: {type: Embedded, resources: {requests: {cpu: 5m, memory: 64Mi}}}' >/dev/null
  becomes_ready store
  password=$(k get secret store-database -o jsonpath='{.data.password}' | base64 -d)
  cache_password=$(k get secret store-cache -o jsonpath='{.data.password}' | base64 -d)
  k create secret generic rented --from-literal=host=store-cache --from-literal=password="not it" >/dev/null
  apply_promptsales shop "$small" 'database: {type: Secret, secretRef: {name: bought}}' 'cache: {type: Secret, secretRef: {name: rented}}' >/dev/null
  row "the Secret of a binding is missing" DatabaseReady SecretMissing "$ns/bought" nothing nothing_yet
  row "its key is missing" DatabaseReady KeyMissing password cause_keyless nothing_yet
  SAYS_WITHIN=20 row "its first password is wrong" DatabaseReady LoginRefused "refuses username and password" give_wrong_password give_password
  eventually 60 "the backend serves" is True condition shop BackendAvailable status
  row "the first password of a cache is wrong" CacheReady LoginRefused "refuses username and password" nothing mend_cache_password
  becomes_ready shop
  SAYS_WITHIN=20 row "another password is wrong" DatabaseReady BindingRejected "refuses username and password" give_wrong_password mend_bought_password
  becomes_ready shop 30
  app=store
  SAYS_WITHIN=20 row "the cache is down" CacheReady ImagePullFailed no-such-image cause_cache mend_cache
  row "the database goes down" DatabaseReady CrashLoop "container postgres" cause_database is_seen_by_others
  becomes_ready shop 60
  becomes_ready store 90
}
cause_keyless() { k create secret generic bought --from-literal=host=store-database --from-literal=dbname=promptsales --from-literal=user=promptsales; }
give() { k patch secret bought --type=merge -p "{\"stringData\": {\"password\": \"$1\"}}"; }
give_wrong_password() { give "not it"; }
give_password() { give "$password"; }
mend_bought_password() {
  answers shop >/dev/null || fail "the pods that were there do not serve any more"
  give_password
}
mend_cache_password() {
  is "False LoginRefused" k get promptsales shop -o jsonpath="{range .status.conditions[?(@.type=='Ready')]}{.status} {.reason}{end}" ||
    fail "Ready says $(condition shop Ready message)"
  k patch secret rented --type=merge -p "{\"stringData\": {\"password\": \"$cache_password\"}}"
}
# The same outage, seen by who uses that database and does not run it.
is_seen_by_others() {
  local app=shop
  eventually 10 "whose database it is not: ServiceUnreachable" says DatabaseReady ServiceUnreachable "pods cannot use the database" >&2
  note "$(condition shop DatabaseReady message)" >&2
}

dir=$(mktemp -d)
definitions_are_ours=false metrics_are_off=false beside=
at_end() {
  rm -rf "$dir"
  if $metrics_are_off; then mend_metrics >/dev/null 2>&1 || true; fi
  lift_policy >/dev/null 2>&1 || true
  lift_pod_security >/dev/null 2>&1 || true
  for pid in $beside; do kill "$pid" 2>/dev/null || true; done
  kubectl -n "$ns-v" patch promptsales shop --type=merge -p '{"metadata": {"finalizers": null}}' >/dev/null 2>&1 || true
  local other
  for other in "$ns-b" "$ns-v"; do (ns=$other && remove_namespace) >/dev/null 2>&1 & done
  wait # where nothing else follows the operator goes next, and what it has made must be gone
  kubectl delete pv "$ns-v" --ignore-not-found --wait=false >/dev/null 2>&1 || true
  if $definitions_are_ours; then kubectl delete -f "$root/e2e/cert-manager.yaml" --wait=false >/dev/null || true; fi
}

# Rows about a resource of their own, beside those that follow.
begin_beside() { # begin_beside FUNCTION
  "$1" >"$dir/$1.log" 2>&1 &
  beside+="$! "
  logs+=("$dir/$1.log")
}
end_beside() {
  local failed=false
  for pid in $beside; do wait "$pid" || failed=true; done
  cat "${logs[@]}"
  ! $failed || fail "one of those that ran beside: see above"
}
logs=()

# What is said within ten seconds takes a node with room: pods of the case before may still be draining.
nobody_else() {
  local pods
  pods=$(kubectl get pods --all-namespaces --no-headers) || return
  [ "$(grep -c '^e2e-' <<<"$pods")" = "$(grep -c "^$ns " <<<"$pods")" ]
}
eventually 120 "the pods of other cases have gone" nobody_else
apply_promptsales shop
if ! kubectl get crd issuers.cert-manager.io >/dev/null 2>&1; then
  definitions_are_ours=true
  kubectl create -f "$root/e2e/cert-manager.yaml" >/dev/null
fi
becomes_ready shop
begin_beside volume_row
begin_beside binding_rows
SAYS_WITHIN=20 row "the image does not exist" Ready ImagePullFailed registry.local/no-such-image:v0 cause_image plain
SAYS_WITHIN=20 row "the program ends at once" BackendAvailable CrashLoop "exit code 1: PROMPTSALES_LOG_LEVEL" cause_crash plain
SAYS_WITHIN=20 row "no node has the room" BackendAvailable Unschedulable "Insufficient cpu" cause_shortage plain
SAYS_WITHIN=20 row "a Secret that a variable names is missing" BackendAvailable ContainerConfigError no-such-secret cause_config plain
SAYS_WITHIN=20 row "a key that a variable names is missing" BackendAvailable ContainerConfigError "couldn't find key token" cause_key plain
row "the quota is used up" BackendAvailable PodsRefused "exceeded quota" cause_quota nothing_yet
row "the quota is used up for the cache" CacheReady PodsRefused "get events" cause_no_pod mend_quota
row "a LimitRange forbids the size" BackendAvailable PodsRefused "maximum memory usage" cause_limit_range mend_limit_range
row "a policy forbids pods" BackendAvailable PodsRefused "no pods on Saturdays" cause_policy mend_policy
if kubectl get --raw /apis/admissionregistration.k8s.io/v1 | grep -F '"MutatingAdmissionPolicy"' >/dev/null; then
  row "Pod Security forbids the pods" BackendAvailable PodsRefused 'violates PodSecurity "restricted' cause_pod_security mend_pod_security
else
  note "--- Pod Security forbids the pods: left out, as this Kubernetes has no MutatingAdmissionPolicy to make it"
fi
row "somebody else has the name" CacheReady NameConflict "NetworkPolicy $ns/shop-cache" cause_conflict mend_conflict
row "somebody else owns the object" CacheReady NameConflict "belongs to another owner" cause_owner mend_conflict
row "more pods than the database has connections for" ConnectionBudget ConnectionBudgetExceeded maxReplicas cause_budget plain
row "the Secret of the certificate is missing" TLSReady SecretMissing "Secret $ns/given does not exist" cause_no_secret nothing_yet
row "its key is missing" TLSReady CertificateIncomplete tls.key cause_no_key nothing_yet
row "it has expired" TLSReady CertificateExpired "renew" cause_expired self_signed
row "the issuer does not exist" TLSReady IssuerNotReady "Issuer absent does not exist: create it" cause_issuer self_signed
row "the issuer cannot sign" TLSReady IssuerNotReady 'secret "ca" not found' cause_unready_issuer self_signed
SAYS_WITHIN=20 row "the migration fails" Ready MigrationFailed "already exists" cause_migration mend_migration
SAYS_WITHIN=20 row "the schema is newer than the image" Ready DowngradeRefused "newer image" cause_downgrade mend_downgrade
row "the database takes another password" DatabaseReady LoginRefused "refuses username and password" cause_password mend_password
if [ "${CLUSTER_ENGINE:-local}" = local ]; then
  row "the autoscaler has no metrics" AutoscalingActive FailedGetContainerResourceMetric metrics-server cause_metrics mend_metrics
else
  note "--- the autoscaler has no metrics: left out, as metrics-server is not ours on CLUSTER_ENGINE=$CLUSTER_ENGINE"
fi
end_beside
becomes_ready shop 90
