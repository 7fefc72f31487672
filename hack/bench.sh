#!/usr/bin/env bash
# bench.sh : the figures of the operator, measured on a fresh one-node cluster of its own. `make bench`.
# Each line has the value, the target and the line above which it fails; the exit status tells whether one did.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
export CLUSTER_ENGINE=local CLUSTER_NAME=promptsales-bench # figures from somebody else's cluster would say nothing
export PRESET=release
steps_begin 4

step "checking the machine, building"
"$here/install-deps.sh" build cluster
"$here/build-tools.sh"
"$here/build.sh" promptsales-operator promptsales-backend

step "cluster and operator"
trap '"$here/cluster.sh" destroy' EXIT
"$here/cluster.sh" destroy
"$here/cluster.sh" create >/dev/null
KUBECONFIG=$("$here/cluster.sh" kubeconfig)
export KUBECONFIG
"$here/deploy.sh" up

step "measuring (about three minutes)"
status=0
python3 "$ROOT/bench/first_light.py" "$PROMPTSALES_STATE/$CLUSTER_NAME/log/audit.log" || status=$?

step "done on $(uname -srm), $(nproc) cores, $(awk '/MemTotal/ {printf "%.0f GiB", $2 / 1048576}' /proc/meminfo)"
exit $status
