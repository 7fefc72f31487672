# shellcheck shell=bash
# What every end-to-end case does: a namespace of its own, waiting with a deadline, a request to the backend, and evidence when it
# fails. A case sources this file first; KUBECONFIG names a cluster with the operator in it.
set -euo pipefail
shopt -s inherit_errexit
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/hack/lib/paths.sh"
case_name=$(basename "$0" .sh)
# The whole sentence does not fit into a namespace's name; its beginning and a hash do.
ns=e2e-$(cut -c1-30 <<<"$case_name" | sed 's/-*$//')-$(sha256sum <<<"$case_name$$" | cut -c1-5)

k() { kubectl -n "$ns" "$@"; }
note() { printf '%s  %s\n' "$(date +%T)" "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}

# left_out WHY : this cluster cannot run the case. ctest calls it skipped then, and not passed (SKIP_RETURN_CODE in CMakeLists.txt).
is_left_out=false
left_out() {
  note "left out: $*"
  is_left_out=true
  exit 77
}

# No `| grep -q` in here: it closes the pipe at the first hit, the writer dies of it, and pipefail makes a failure of the hit.

# eventually SECONDS WHAT COMMAND... : poll until COMMAND succeeds; the case fails with WHAT when the time is over.
eventually() {
  local seconds=$1 what=$2 end=$((SECONDS + $1)) begun=$SECONDS
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what: not within $seconds s"
    sleep 0.25
  done
  note "$what ($((SECONDS - begun)) s)"
}

is() { [ "$("${@:2}")" = "$1" ]; } # is VALUE COMMAND... : for use with eventually

apply_promptsales() { # apply_promptsales NAME [SPEC-LINE...] : tier MVP, and more lines of the spec
  local name=$1
  shift
  { printf 'apiVersion: promptsales.io/v1alpha1\nkind: PromptSales\nmetadata: {name: %s}\nspec:\n  tier: MVP\n' "$name"
    if [ $# -gt 0 ]; then printf '  %s\n' "$@"; fi
  } | k apply -f -
}
condition() { # condition NAME TYPE FIELD : for instance condition demo Ready reason
  k get promptsales "$1" -o jsonpath="{.status.conditions[?(@.type==\"$2\")].$3}"
}
ready_at_its_generation() { # Ready, and said about the spec as it is now
  [ "$(condition "$1" Ready status)" = True ] &&
    is "$(k get promptsales "$1" -o jsonpath='{.metadata.generation}')" k get promptsales "$1" -o jsonpath='{.status.observedGeneration}'
}
becomes_ready() { eventually "${2:-150}" "$1 is Ready" ready_at_its_generation "$1"; }

ca_bundle() { k get configmap "$1-ca-bundle" -o jsonpath='{.data.ca\.crt}'; } # ca_bundle NAME : what clients of its backend trust

# request NAME METHOD PATH [BODY] : the backend's answer, by way of the Service, over TLS that trusts the resource's own CA and
# nothing else. Prints the body; fails unless the status is 2xx. On the local cluster the request goes to the Service's own address
# from the node; elsewhere through a port that kubectl forwards.
request() {
  local name=$1 method=$2 path=$3 host=$1-backend.$ns.svc body=()
  [ $# -lt 4 ] || body=(-H 'Content-Type: application/json' --data-raw "$4")
  local curl=(curl -sS --fail-with-body --max-time 10 --cacert /dev/stdin -X "$method" "${body[@]}" "https://$host$path")
  if [ "${CLUSTER_ENGINE:-local}" = local ]; then
    ca_bundle "$name" | CLUSTER_NAME=$cluster_name "$root/hack/cluster.sh" exec \
      "${curl[@]}" --resolve "$host:443:$(k get service "$name-backend" -o jsonpath='{.spec.clusterIP}')"
    return
  fi
  local log pid rc=0 port
  log=$(mktemp)
  k port-forward "service/$name-backend" :443 >"$log" 2>&1 &
  pid=$!
  for _ in $(seq 40); do port=$(grep -om1 '127.0.0.1:[0-9]*' "$log" | cut -d: -f2) && break; sleep 0.25; done
  ca_bundle "$name" | "${curl[@]}" --connect-to "$host:443:127.0.0.1:$port" || rc=$?
  kill "$pid" 2>/dev/null
  rm -f "$log"
  return $rc
}
answers() { request "$1" GET /v1/campaigns; }
has_campaign() { request "$1" GET /v1/campaigns | grep -F "$2"; } # has_campaign NAME CAMPAIGN-NAME

# The evidence of a failure: everything in the namespace but the Secrets' contents, and the operator's log.
keep_evidence() {
  local dir=$ARTIFACTS/e2e/$case_name
  mkdir -p "$dir"
  k get promptsales -o yaml >"$dir/promptsales.yaml" 2>&1 || true
  k get all,pvc,configmaps,networkpolicies,poddisruptionbudgets -o wide >"$dir/objects.txt" 2>&1 || true
  k get deployments,statefulsets,pods -o yaml >"$dir/workloads.yaml" 2>&1 || true
  k describe pods >"$dir/pods.txt" 2>&1 || true
  k get events --sort-by=.lastTimestamp >"$dir/events.txt" 2>&1 || true
  local pod
  for pod in $(k get pods -o name 2>/dev/null); do
    k logs "$pod" --all-containers >"$dir/${pod#pod/}.log" 2>&1 || true
    k logs "$pod" --all-containers --previous >"$dir/${pod#pod/}.previous.log" 2>/dev/null || rm -f "$dir/${pod#pod/}.previous.log"
  done
  kubectl -n promptsales-system logs deployment/promptsales-operator --tail=2000 >"$dir/operator.log" 2>&1 || true
  echo "--- conditions"
  k get promptsales -o jsonpath='{range .items[*].status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\n"}{end}' 2>/dev/null || true
  echo "--- last events"
  tail -8 "$dir/events.txt"
  echo "--- everything else: $dir"
}
# Waits, since the next case needs the room on the node; but not for the drain of a backend that nobody calls any more: in a
# namespace that is being deleted nothing replaces a pod, and so a second, shorter grace period holds.
remove_namespace() {
  kubectl delete namespace "$ns" --ignore-not-found --wait=false >/dev/null
  k delete pods --all --grace-period=2 --wait=false >/dev/null
  kubectl wait --for=delete "namespace/$ns" --timeout=90s >/dev/null
}
# What a case has outside of its namespace is removed by an at_end of its own. No case sets a trap: the exit code would be the trap's.
at_end() { :; }
end_case() {
  local rc=$?
  if [ $rc = 77 ] && ! $is_left_out; then rc=1; fi # curl ends so when it cannot read a CA bundle: that is a failure
  if [ $rc != 0 ] && ! $is_left_out; then keep_evidence || true; fi
  at_end || true
  # To look at is what has failed; the others would fill the node.
  if [ $rc = 0 ] || [ "${PRESERVE_CLUSTER:-false}" != true ]; then remove_namespace || true; fi
  exit $rc
}

[ -n "${KUBECONFIG:-}" ] || fail "KUBECONFIG is not set: run this case with 'make test-e2e CTEST_ARGS=\"-R $case_name\"'"
cluster_name=$(basename "$(dirname "$(readlink -f "$KUBECONFIG")")") # of the local engine
trap end_case EXIT
kubectl create namespace "$ns" >/dev/null
# Our pods must be welcome where only restricted ones are.
kubectl label namespace "$ns" pod-security.kubernetes.io/enforce=restricted >/dev/null
