#!/usr/bin/env bash
# The CRD goes only when it is known that no PromptSales resource goes with it; one that is refused says what helps.
. "$(dirname "$0")/checks.sh"

a_cluster_with() { # a_cluster_with RESOURCES : "namespace/name " each
  program kubectl <<END
case "\$*" in
  "get crd"*) echo customresourcedefinition.apiextensions.k8s.io/promptsales.promptsales.io ;;
  "get promptsales"*) printf '%s' '$1' ;;
esac
END
}
resources_stay() {
  a_cluster_with 'shop/a shop/b '
  local verb
  for verb in uninstall down remove; do
    run "$hack/deploy.sh" $verb
    gives_up_saying 'these PromptSales resources still exist: shop/a shop/b;'
  done
  has_not_asked delete
}
a_failed_list_is_no_empty_one() {
  program kubectl <<'END'
case "$*" in
  "get crd"*) echo customresourcedefinition.apiextensions.k8s.io/promptsales.promptsales.io ;;
  "get promptsales"*) echo 'Error from server (Timeout): the server was unable to return a response' >&2; exit 1 ;;
esac
END
  local verb
  for verb in uninstall down remove; do
    run "$hack/deploy.sh" $verb
    gives_up_saying 'whether PromptSales resources exist could not be found out'
    says 'Error from server (Timeout)'
  done
  has_not_asked delete
}
a_failed_look_for_the_crd_is_no_missing_one() {
  program kubectl <<'END'
case "$*" in
  "get crd"*) echo 'Error from server (Forbidden): customresourcedefinitions is forbidden' >&2; exit 1 ;;
esac
END
  run "$hack/deploy.sh" uninstall
  gives_up_saying 'whether PromptSales resources exist could not be found out'
  has_not_asked delete
}
the_crd_goes_when_nothing_is_left() {
  a_cluster_with ''
  run "$hack/deploy.sh" uninstall
  ends_with 0
  has_asked 'delete --ignore-not-found -f'
}
nothing_is_listed_where_there_is_no_crd() {
  program kubectl </dev/null
  run "$hack/deploy.sh" uninstall
  ends_with 0
  has_not_asked 'get promptsales'
}
a_crd_that_is_refused() {
  program kubectl <<'END'
case "$*" in
  apply*) echo 'The CustomResourceDefinition "promptsales.promptsales.io" is invalid' >&2; exit 1 ;;
esac
END
  run "$hack/deploy.sh" install
  gives_up_saying 'the API server did not take the CRD (kubectl says why above): it needs Kubernetes 1.30 or newer'
  says 'is invalid'
}
a_permission_that_is_missing() {
  program kubectl <<'END'
case "$*" in
  "apply --server-side --force-conflicts -f -") echo 'clusterroles.rbac.authorization.k8s.io is forbidden' >&2; exit 1 ;;
  delete*) echo 'clusterroles.rbac.authorization.k8s.io is forbidden' >&2; exit 1 ;;
esac
END
  OPERATOR_IMAGE=registry.example/o:1 BACKEND_IMAGE=registry.example/b:1 run "$hack/deploy.sh" up
  gives_up_saying 'the cluster did not take the operator (kubectl says why above): you need the permission'
  says "'make undeploy' removes what was made"
  run "$hack/deploy.sh" down
  gives_up_saying 'not all of the operator could be removed (kubectl says why above)'
  run "$hack/deploy.sh" uninstall
  gives_up_saying 'not all of the CRD could be removed'
}
an_old_cluster_is_cleared() {
  program kubectl <<'END'
case "$*" in
  *"--raw /version"*) echo '{"gitVersion": "v1.29.0"}' ;;
  "get crd"*) echo customresourcedefinition.apiextensions.k8s.io/promptsales.promptsales.io ;;
esac
END
  run "$hack/deploy.sh" down
  ends_with 0
  has_asked "delete --ignore-not-found -f $root/crds"
}

check "While resources exist, neither CRD nor operator is removed" resources_stay
check "A list that fails is not taken for an empty one" a_failed_list_is_no_empty_one
check "A CRD that cannot be looked for is not taken for a missing one" a_failed_look_for_the_crd_is_no_missing_one
check "The CRD is removed when no resource is left" the_crd_goes_when_nothing_is_left
check "Resources are not asked for where there is no CRD" nothing_is_listed_where_there_is_no_crd
check "A CRD that is refused says which Kubernetes it needs" a_crd_that_is_refused
check "A permission that is missing is said with what helps" a_permission_that_is_missing
check "From a Kubernetes that is too old all can be removed" an_old_cluster_is_cleared
