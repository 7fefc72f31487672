# shellcheck shell=bash
# Whether the cluster has a Kubernetes that knows what crds/promptsales.yaml asks for. Sourced, after say.sh.
OLDEST_KUBERNETES=1.30

# must_be_new_enough [KUBECTL-ARGUMENT...] : ends the script where the cluster is too old. One that does not tell its version is left to
# its own answer.
must_be_new_enough() {
  local have
  have=$(kubectl "$@" get --raw /version --request-timeout=10s 2>/dev/null | sed -n 's/.*"gitVersion": *"v\([0-9]*\.[0-9]*\).*/\1/p') || return 0
  [ -z "$have" ] || [ "$(printf '%s\n' "$OLDEST_KUBERNETES" "$have" | sort -V | head -1)" = "$OLDEST_KUBERNETES" ] ||
    die "this cluster has Kubernetes $have, and PromptSales needs $OLDEST_KUBERNETES or newer: upgrade the cluster, or take another one."
}
