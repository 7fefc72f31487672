#!/usr/bin/env bash
# bench.sh : the figures that an operator is judged by, on a real cluster of the local engine. `make bench`.
#
#   memory and threads of the operator, idle after its start, over TLS
#   requests by verb from the creation of one PromptSales to Ready; the time that took, and the operator's own share of it
#   writes in REST_SECONDS (60) at rest, and at a restart of the operator
# Requests come from the API server's audit log (hack/count-requests.py). PRESERVE_CLUSTER=true keeps the cluster.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
export CLUSTER_ENGINE=local CLUSTER_NAME=promptsales-bench
state=$PROMPTSALES_STATE/$CLUSTER_NAME
export KUBECONFIG=$state/kubeconfig
audit=$state/log/audit.log
rest=${REST_SECONDS:-60}
k() { kubectl -n bench "$@"; }

end_bench() { [ "${PRESERVE_CLUSTER:-false}" = true ] || "$here/cluster.sh" destroy; }

operator_process() { # resident memory and threads of the operator's process
  # shellcheck disable=SC2016 # expands on the node
  "$here/cluster.sh" exec bash -c '
    for p in /proc/[0-9]*; do
      if [ "$(readlink $p/exe)" = /promptsales-operator ] || [[ "$(tr "\0" " " <$p/cmdline 2>/dev/null)" == /promptsales-operator* ]]; then
        awk "/^VmRSS/ { rss = \$2 / 1024 } /^RssAnon/ { anon = \$2 / 1024 } /^Threads/ { n = \$2 } END { printf \"    RSS %.1f MiB (anonymous %.1f), threads %d\n\", rss, anon, n }" $p/status
      fi
    done'
}
mark() { stat -c %s "$audit"; }
ready() { [ "$(k get promptsales demo -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}')" = True ]; }

steps_begin 6
step "build, images, cluster"
"$here/install-deps.sh" build cluster
"$here/build-tools.sh"
"$here/build.sh" promptsales-operator promptsales-backend
trap end_bench EXIT
"$here/cluster.sh" destroy
"$here/cluster.sh" create >/dev/null
"$here/deploy.sh" up
kubectl create namespace bench >/dev/null
sleep 5 # lists are read and freed

step "idle"
operator_process

step "one PromptSales, from creation to Ready"
from=$(mark)
k apply -f "$ROOT/manifests/samples/mvp.yaml" >/dev/null
wait_until 180 ready || die "demo did not become Ready: see 'make demo', which tells why."
sleep 2 # the last status write reaches the log
python3 "$here/count-requests.py" "$audit" "$from" demo
operator_process

step "at rest for $rest s"
from=$(mark)
sleep "$rest"
python3 "$here/count-requests.py" "$audit" "$from"

step "restart of the operator, and $((rest / 2)) s"
from=$(mark)
kubectl -n promptsales-system delete pod --all --wait >/dev/null
kubectl -n promptsales-system rollout status deployment/promptsales-operator --timeout=60s >/dev/null
sleep $((rest / 2))
python3 "$here/count-requests.py" "$audit" "$from"
operator_process
step "done"
