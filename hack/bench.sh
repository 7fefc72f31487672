#!/usr/bin/env bash
# bench.sh : the figures that an operator is judged by, measured on a fresh cluster of the local engine. `make bench`.
# What is measured, and how, is said in bench/first_light.py. PRESERVE_CLUSTER=true keeps the cluster to look at.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
export CLUSTER_ENGINE=local CLUSTER_NAME=promptsales-bench
build=${BUILD_DIR:-$ROOT/build/${PRESET:-release}}
export OPERATOR_BINARY=$build/operator/promptsales-operator BACKEND_BINARY=$build/backend/promptsales-backend

end_bench() { [ "${PRESERVE_CLUSTER:-false}" = true ] || "$here/cluster.sh" destroy; }

steps_begin 3
step "building"
"$here/install-deps.sh" build cluster
"$here/build-tools.sh"
"$here/build.sh" promptsales-operator promptsales-backend
step "a fresh cluster with the operator"
"$here/cluster.sh" destroy
trap end_bench EXIT
"$here/cluster.sh" create >/dev/null
KUBECONFIG=$("$here/cluster.sh" kubeconfig)
export KUBECONFIG
"$here/deploy.sh" up
step "measuring; about three minutes"
python3 "$ROOT/bench/first_light.py" "$PROMPTSALES_STATE/$CLUSTER_NAME/log/audit.log"
