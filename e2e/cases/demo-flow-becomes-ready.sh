#!/usr/bin/env bash
# The sample as a person applies it becomes Ready, and kubectl shows it.
. "$(dirname "$0")/../lib.sh"

k apply -f "$root/manifests/samples/mvp.yaml"
becomes_ready demo 180

row=$(k get promptsales demo --no-headers)
note "$row"
grep -qw MVP <<<"$row" || fail "the table does not show the tier"
grep -qw True <<<"$row" || fail "the table does not show that it is Ready"
for child in serviceaccount configmap service deployment poddisruptionbudget horizontalpodautoscaler networkpolicy; do
  k get $child demo-backend >/dev/null || fail "demo-backend has no $child"
done
k get statefulset demo-database demo-cache >/dev/null || fail "database or cache is missing"

# At rest nothing restarts and nothing waits; the pod that has brought the schema up to date has ended well.
unwell=$(k get pods --field-selector 'status.phase!=Running,status.phase!=Succeeded' -o name)
[ -z "$unwell" ] || fail "not running: $unwell"
ended=$(k get pods --field-selector status.phase=Succeeded -o jsonpath='{.items[*].metadata.labels.app\.kubernetes\.io/component}')
[ "$ended" = migration ] || fail "one pod, that of the migration, was to end, and not: $ended"
