#!/usr/bin/env bash
# The CRD goes only when it is known that no PromptSales resource goes with it.
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

check "While resources exist, neither CRD nor operator is removed" resources_stay
check "A list that fails is not taken for an empty one" a_failed_list_is_no_empty_one
check "A CRD that cannot be looked for is not taken for a missing one" a_failed_look_for_the_crd_is_no_missing_one
check "The CRD is removed when no resource is left" the_crd_goes_when_nothing_is_left
check "Resources are not asked for where there is no CRD" nothing_is_listed_where_there_is_no_crd
