#!/usr/bin/env bash
# cluster.sh VERB : one Kubernetes cluster for the demo, the tests or yourself; on any of four engines.
#
#   check               whether this machine can have one, before anything is built
#   create              make it, or reuse it when it is healthy; prints `export KUBECONFIG=...`
#   load ARCHIVE...     make OCI image archives available to its nodes
#   exec CMD...         run CMD on the node (local: in the node's namespaces, where pod and Service addresses are reachable)
#   export-logs DIR     objects, events, pod logs and component logs into DIR
#   destroy             remove it and everything in it
#   kubeconfig | status
#   stop | start | restart COMPONENT [SIGNAL]     local engine: etcd, kube-apiserver, kubelet, ... ; an outage on command
#
#   CLUSTER_ENGINE   local     real Kubernetes in its own namespaces on this machine, as root, without Docker (default)
#                    kind, k3d a cluster in Docker, made and removed by that program
#                    existing  the cluster that KUBECONFIG points at; create and destroy leave it alone
#   CLUSTER_NAME     default promptsales; each name is a cluster of its own, any number side by side
#   WITH_NODE=0      local engine: API server, etcd and the controllers that tests need, but no node, so no pods
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
. "$here/lib/kubernetes-version.sh"
CLUSTER_ENGINE=${CLUSTER_ENGINE:-local}
CLUSTER_NAME=${CLUSTER_NAME:-promptsales}
[[ $CLUSTER_NAME =~ ^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$ ]] ||
  die "CLUSTER_NAME '$CLUSTER_NAME' is not usable: take lower-case letters, digits and dashes, at most 40, beginning with a letter."

case $CLUSTER_ENGINE in
  local | kind | k3d | existing) . "$here/cluster/$CLUSTER_ENGINE.sh" ;;
  *) die "CLUSTER_ENGINE is '$CLUSTER_ENGINE', which is none of local, kind, k3d, existing: choose one of these." ;;
esac

# What any cluster can tell about itself; engines add what only they know.
dump_objects() { # dump_objects DIR
  mkdir -p "$1"
  kubectl get events --all-namespaces --sort-by=.lastTimestamp >"$1/events.txt" 2>&1 || true
  kubectl get promptsales,pods,pvc,pv,deployments,statefulsets,services --all-namespaces -o wide >"$1/objects.txt" 2>&1 || true
  kubectl get promptsales --all-namespaces -o yaml >"$1/promptsales.yaml" 2>&1 || true
  # Secrets are not part of a cluster-info dump: no password ends up in an artifact.
  kubectl cluster-info dump --all-namespaces --output-directory="$1/dump" >/dev/null 2>&1 || true
}

verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
  check) engine_check ;;
  create) engine_create ;;
  load) [ $# -gt 0 ] || die "name the image archives to load: hack/cluster.sh load ARCHIVE..."; engine_load "$@" ;;
  exec) engine_exec "$@" ;;
  export-logs)
    dir=${1:-$ARTIFACTS/$CLUSTER_NAME}
    KUBECONFIG=$(engine_kubeconfig)
    export KUBECONFIG
    dump_objects "$dir"
    engine_export_logs "$dir"
    say "logs and objects of cluster $CLUSTER_NAME are in $dir"
    ;;
  destroy) engine_destroy ;;
  kubeconfig) engine_kubeconfig ;;
  status) engine_status || exit 1 ;;
  stop | start | restart) engine_component "$verb" "$@" ;;
  *) sed -n '2,/^set -/p' "$0" | sed '$d; s/^# \{0,1\}//'; [ "$verb" = help ] || exit 2 ;;
esac
