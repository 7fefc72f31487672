#!/usr/bin/env bash
# The sample as a person applies it becomes Ready, the demo shows it, and the commands that the demo prints reach the backend.
. "$(dirname "$0")/../lib.sh"

folder=$(mktemp -d)
at_end() { rm -rf "$folder"; }
shown=$folder/shown
shows() { grep -qE "$1" "$shown" || fail "the demo does not show $2: $(cat "$shown")"; } # shows PATTERN WHAT

k apply -f "$root/manifests/samples/mvp.yaml"
READY_TIMEOUT=180 DEMO_NAMESPACE=$ns "$root/hack/demo.sh" show >"$shown"
ready_at_its_generation demo || fail "the demo takes it for Ready, and it is not"
shows '^NAME +TIER +READY +REASON +REPLICAS +AGE$' "the heading of the table"
shows '^demo +MVP +True +Ready +[0-9]+ ' "that it is Ready"
shows '^pod/demo-backend-[-a-z0-9]+ .* Running ' "a backend pod"
shows '^persistentvolumeclaim/data-demo-database-0 +Bound ' "the database's volume"
for child in serviceaccount configmap service deployment.apps poddisruptionbudget.policy horizontalpodautoscaler.autoscaling \
  networkpolicy.networking.k8s.io; do
  shows "^  $child/demo-backend\$" "$child/demo-backend"
done
for child in statefulset.apps/demo-database statefulset.apps/demo-cache; do shows "^  $child\$" "$child"; done
shows '^\{"items":\[' "what the backend answers"

# "Reach it yourself": the printed lines as they stand, only that the port is a free one, and that curl is patient while kubectl begins
# to forward it. What they leave in the background ends with them.
port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
printf '%s\n' silent show-error fail-with-body 'max-time 10' 'retry 20' 'retry-delay 1' retry-connrefused >"$folder/.curlrc"
{ echo "trap 'kill \$(jobs -p)' EXIT"; sed -n '/^Reach it yourself:$/,/^$/ { /^  /p }' "$shown" | sed "s/\<8443\>/$port/g"; } >"$folder/commands"
note "$(cat "$folder/commands")"
reached=$(cd "$folder" && CURL_HOME=$folder bash -euo pipefail commands 2>&1) || fail "the printed commands do not work: $reached"
note "$reached"
[[ $reached == *'"items":'*'"name":"spring"'* ]] || fail "they do not list the campaigns, or make none"
has_campaign demo spring >/dev/null || fail "the campaign that they make is not kept"

# At rest nothing restarts and nothing waits; the pod that has brought the schema up to date has ended well.
unwell=$(k get pods --field-selector 'status.phase!=Running,status.phase!=Succeeded' -o name)
[ -z "$unwell" ] || fail "not running: $unwell"
ended=$(k get pods --field-selector status.phase=Succeeded -o jsonpath='{.items[*].metadata.labels.app\.kubernetes\.io/component}')
[ "$ended" = migration ] || fail "one pod, that of the migration, was to end, and not: $ended"
