# shellcheck shell=bash
# Whether the cluster of KUBECONFIG has the operator of somebody else. Sourced, after say.sh. An answer that does not come is no "none".

# tests_may_use_the_cluster : ends the script where the tests would replace, and afterwards remove, what somebody uses.
tests_may_use_the_cluster() {
  local there
  there=$(kubectl get namespace/promptsales-system customresourcedefinition/promptsales.promptsales.io --ignore-not-found -o name) ||
    die "whether this cluster has the operator already could not be found out (kubectl says why above), so nothing was done to it: check KUBECONFIG and your permissions."
  [ -z "$there" ] ||
    die "this cluster has the operator already ($(xargs <<<"$there")), and the tests would replace and then remove it: run them on a cluster without it."
}

# operator_image : the image of the operator that the cluster has; nothing if it has none.
operator_image() {
  kubectl -n promptsales-system get deployment promptsales-operator --ignore-not-found -o jsonpath='{.spec.template.spec.containers[0].image}' ||
    die "whether this cluster has the operator already could not be found out (kubectl says why above), so nothing was done to it: check KUBECONFIG and your permissions."
}
