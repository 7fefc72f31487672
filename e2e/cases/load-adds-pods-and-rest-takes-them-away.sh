#!/usr/bin/env bash
# Real scaling: load drives MVP from two pods to three, and when it is over the third goes again. Metrics are those of metrics-server,
# the autoscaler is Kubernetes' own. Before it takes a pod away it waits for five minutes; while the resource is suspended, which keeps
# the operator from putting that back, the test shortens it.
. "$(dirname "$0")/../lib.sh"
[ "${CLUSTER_ENGINE:-local}" = local ] || left_out "needs metrics-server on the local cluster"

has_replicas() { is "$1" k get deployment shop-backend -o jsonpath='{.status.readyReplicas}'; }
is_active() { is True condition shop AutoscalingActive status; }
load() { # for as long as it is not ended, from the node
  CLUSTER_NAME=$cluster_name exec "$root/hack/cluster.sh" exec bash -c \
    'while :; do curl -sk -o /dev/null --max-time 5 --parallel --parallel-max 8 "https://$0/v1/campaigns?[1-400]" || true; done' "$1"
}

# A request of which a little load on a node of two cores takes 40 percent, and a start does not: the third pod that it would make
# stays for the five minutes.
apply_promptsales shop 'backend: {resources: {requests: {cpu: 60m}}, autoscaling: {targetCPUUtilization: 40}}'
becomes_ready shop
eventually 90 "the autoscaler has metrics" is_active
has_replicas 2 || fail "$(k get deployment shop-backend -o jsonpath='{.status.readyReplicas}') pods before any load"

load "$(k get service shop-backend -o jsonpath='{.spec.clusterIP}')" &
loader=$!
at_end() { kill "$loader" 2>/dev/null; }
eventually 120 "a third pod under load" has_replicas 3
ready_at_its_generation shop || eventually 30 "Ready with three" ready_at_its_generation shop
kill "$loader"
wait "$loader" 2>/dev/null || true
k get horizontalpodautoscaler shop-backend
k patch promptsales shop --type=merge -p '{"spec": {"suspend": true}}'
eventually 10 "the resource is suspended" is Suspended condition shop Ready reason
k patch horizontalpodautoscaler shop-backend --type=merge -p '{"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 0}}}}'
eventually 120 "back to two pods at rest" has_replicas 2
k patch promptsales shop --type=merge -p '{"spec": {"suspend": false}}'
becomes_ready shop 30
[ "$(k get horizontalpodautoscaler shop-backend -o jsonpath='{.spec.behavior.scaleDown.stabilizationWindowSeconds}')" = 300 ] ||
  fail "the operator has not put the autoscaler's window back"
