#!/usr/bin/env bash
# Deleting the resource removes what it made but the data and the password to it; the same resource made again finds its rows.
# With deletionPolicy: Delete they go as well.
. "$(dirname "$0")/../lib.sh"

apply_promptsales shop
becomes_ready shop
eventually 20 "the backend answers" answers shop
request shop POST /v1/campaigns '{"name": "Kept through deletion"}' >/dev/null
volume=$(k get pvc data-shop-database-0 -o jsonpath='{.spec.volumeName}')
secret=$(k get secret shop-database -o jsonpath='{.metadata.uid}')

k delete promptsales shop --timeout=60s
workloads_gone() { [ -z "$(k get deployments,statefulsets,pods,services,configmaps,horizontalpodautoscalers -l promptsales.io/name=shop -o name)" ]; }
eventually 90 "everything but the data is gone" workloads_gone
[ "$(k get pvc data-shop-database-0 -o jsonpath='{.status.phase} {.spec.volumeName}')" = "Bound $volume" ] || fail "the data's claim is gone or bound anew"
[ "$(k get secret shop-database -o jsonpath='{.metadata.uid}')" = "$secret" ] || fail "the Secret with the password is gone or another"
told_where() { k get events -o jsonpath='{range .items[*]}{.reason} {.message}{"\n"}{end}' | grep 'kept.*data-shop-database-0'; }
eventually 10 "an Event says where the data is" told_where

apply_promptsales shop
becomes_ready shop
eventually 20 "the campaign is there again" has_campaign shop "Kept through deletion"

apply_promptsales shop 'database: {type: Embedded, deletionPolicy: Delete}'
goes_with_it() { [ "$(k get pvc data-shop-database-0 -o jsonpath='{.metadata.ownerReferences[*].kind}')" = PromptSales ]; }
eventually 20 "the claim goes with the resource" goes_with_it
k delete promptsales shop --timeout=60s
data_gone() { [ -z "$(k get pvc,secrets -l promptsales.io/name=shop -o name)" ]; }
eventually 90 "the data is gone too" data_gone
