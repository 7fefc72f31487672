#!/usr/bin/env bash
# bench.sh [first_light] [fleet] [changes] [commands] : the figures that an operator is judged by, measured on fresh clusters of the local engine. `make bench`.
# What is measured, and how, is said in bench/NAME.py; all of them when none is named. PRESERVE_CLUSTER=true keeps the cluster to look at.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
[ "${CLUSTER_ENGINE:-local}" = local ] ||
  die "the figures are those of a local cluster, and CLUSTER_ENGINE is $CLUSTER_ENGINE: run 'make bench' without it, as root."
export CLUSTER_ENGINE=local CLUSTER_NAME=promptsales-bench
build=${BUILD_DIR:-$ROOT/build/${PRESET:-release}}
export OPERATOR_BINARY=$build/operator/promptsales-operator BACKEND_BINARY=$build/backend/promptsales-backend

[ $# -gt 0 ] || set -- first_light fleet changes commands
for name; do [ -x "$ROOT/bench/$name.py" ] || die "there is no benchmark '$name': known are first_light, fleet, changes and commands."; done

end_bench() { [ "${PRESERVE_CLUSTER:-false}" = true ] || "$here/cluster.sh" destroy; }
fresh_cluster() { # fresh_cluster [WITH_NODE]
  "$here/cluster.sh" destroy
  WITH_NODE=${1:-1} "$here/cluster.sh" create >/dev/null
  KUBECONFIG=$("$here/cluster.sh" kubeconfig)
  export KUBECONFIG
}
bench_first_light() {
  fresh_cluster
  "$here/deploy.sh" up
  say "    measuring one resource; about three minutes"
  "$ROOT/bench/first_light.py" "$PROMPTSALES_STATE/$CLUSTER_NAME/log/audit.log"
}
bench_fleet() { # no node: what is measured is the operator and the API server
  fresh_cluster 0
  say "    measuring two hundred resources; about three minutes"
  (cd "$ROOT" && bench/fleet.py "$OPERATOR_BINARY" "$PROMPTSALES_STATE/$CLUSTER_NAME")
}
bench_changes() {
  fresh_cluster
  "$here/deploy.sh" up
  say "    changing one resource under load; about twelve minutes"
  (cd "$ROOT" && bench/changes.py "$here/cluster.sh" exec)
}
bench_commands() { "$ROOT/bench/commands.py" "$PROMPTSALES_CACHE/times"; } # needs no cluster

failed=0
steps_begin $(($# + 1))
step "building"
"$here/cluster.sh" check
"$here/install-deps.sh" build cluster
"$here/build-tools.sh"
"$here/build.sh" promptsales-operator promptsales-backend
trap end_bench EXIT
for name; do
  step "$name"
  # A process of its own: after `||` a function would go on past its first failure. The others are worth knowing too.
  (trap - EXIT; set -e; "bench_$name") & wait $! || failed=1
done
exit $failed
