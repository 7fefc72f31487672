#!/usr/bin/env bash
# A backend pod that is killed is replaced, the Service answers meanwhile, and the resource is Ready again.
. "$(dirname "$0")/../lib.sh"

backend_pods() { k get pods -l promptsales.io/name=shop,app.kubernetes.io/component=backend -o jsonpath='{range .items[*]}{.metadata.uid} {.metadata.name}{"\n"}{end}'; }
replaced() { # the pod UID is gone and as many as before are ready
  ! backend_pods | grep "$1" >/dev/null && is "$2" k get deployment shop-backend -o jsonpath='{.status.readyReplicas}'
}

apply_promptsales shop
becomes_ready shop
read -r uid pod <<<"$(backend_pods | head -1)"
replicas=$(k get deployment shop-backend -o jsonpath='{.status.readyReplicas}')

k delete pod "$pod" --grace-period=0 --force --wait=false
eventually 15 "the Service answers without the killed pod" answers shop
eventually 60 "$pod is replaced" replaced "$uid" "$replicas"
becomes_ready shop 30

# So is the database's, and the backend finds its way back to it.
uid=$(k get pod shop-database-0 -o jsonpath='{.metadata.uid}')
database_is_another() {
  [ "$(k get pod shop-database-0 -o jsonpath='{.metadata.uid}')" != "$uid" ] &&
    is 1 k get statefulset shop-database -o jsonpath='{.status.readyReplicas}'
}
k delete pod shop-database-0 --wait=false
eventually 90 "shop-database-0 is replaced" database_is_another
eventually 30 "the backend answers from the new one" answers shop
becomes_ready shop 60
