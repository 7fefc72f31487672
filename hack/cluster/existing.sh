# shellcheck shell=bash
# Engine `existing`: the cluster that KUBECONFIG (or ~/.kube/config) points at. Nothing here makes or removes it. Sourced by cluster.sh.
kubeconfig_file=$(realpath -m "${KUBECONFIG:-$HOME/.kube/config}")

engine_check() {
  [[ ${KUBECONFIG:-} != *:* ]] || die "KUBECONFIG names several files, and one is needed: write them into one with 'kubectl config view --raw --flatten'."
  engine_create >/dev/null
  must_be_new_enough --kubeconfig "$kubeconfig_file"
}
engine_create() {
  command -v kubectl >/dev/null || die "kubectl is missing: install it first."
  [ -r "$kubeconfig_file" ] || die "there is no kubeconfig at $kubeconfig_file: set KUBECONFIG to that of your cluster."
  kubectl --kubeconfig "$kubeconfig_file" get --raw /readyz --request-timeout=10s >/dev/null 2>&1 ||
    die "the cluster of $kubeconfig_file does not answer: check its address and your credentials with 'kubectl cluster-info'."
  echo "export KUBECONFIG=$kubeconfig_file"
}
engine_load() { die "an existing cluster pulls images from a registry: set IMAGE_REGISTRY, or OPERATOR_IMAGE and BACKEND_IMAGE."; }
engine_exec() { die "there is no way onto the nodes of an existing cluster: ask it with kubectl, or take CLUSTER_ENGINE=local."; }
engine_export_logs() { :; }
engine_destroy() { say "the existing cluster is yours: left as it is"; }
engine_kubeconfig() { echo "$kubeconfig_file"; }
engine_status() { engine_create >/dev/null && echo "the existing cluster of $kubeconfig_file answers"; }
engine_component() { die "stopping a component is possible with CLUSTER_ENGINE=local only."; }
