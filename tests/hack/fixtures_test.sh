#!/usr/bin/env bash
# What the fixtures of the end-to-end cases do to a cluster that somebody uses: nothing, unless it was they who put the operator there.
. "$(dirname "$0")/checks.sh"
fixtures=$root/tests/fixtures

a_cluster_in_use() {
  program kubectl <<'END'
case "$*" in
  "get namespace/promptsales-system"*) echo namespace/promptsales-system ;;
  "get crd"*) echo customresourcedefinition.apiextensions.k8s.io/promptsales.promptsales.io ;;
esac
END
}
the_operator_of_others_stays() {
  a_cluster_in_use
  mkdir "$here/links"
  ln -s "$KUBECONFIG" "$here/links/cluster.kubeconfig" # as an earlier run of this build folder has left it
  touch "$here/links/cluster.ours"
  run "$fixtures/cluster-up.sh" "$here/links"
  gives_up_saying 'this cluster has the operator already'
  run "$fixtures/cluster-down.sh" "$here/links" # ctest cleans up after a set-up that failed, too
  ends_with 0
  has_not_asked delete
}
a_cluster_that_does_not_answer_is_left_alone() {
  program kubectl <<'END'
echo 'Unable to connect to the server' >&2
exit 1
END
  run "$fixtures/cluster-up.sh" "$here/links"
  gives_up_saying 'whether this cluster has the operator already could not be found out'
  run "$fixtures/cluster-down.sh" "$here/links"
  ends_with 0
  has_not_asked delete
}
what_a_failed_set_up_put_there_goes() {
  program kubectl <<'END'
case "$*" in
  apply*) exit 1 ;; # the set-up fails in its middle
esac
END
  export OPERATOR_IMAGE=a BACKEND_IMAGE=b
  run "$fixtures/cluster-up.sh" "$here/links"
  [ "$ended" != 0 ] || wrong "the set-up did not fail"
  run "$fixtures/cluster-down.sh" "$here/links"
  ends_with 0
  has_asked 'delete --ignore-not-found -f'
  : >"$here/asked"
  run "$fixtures/cluster-down.sh" "$here/links"
  has_not_asked delete
}

check "An operator that was there before the tests stays, though they clean up" the_operator_of_others_stays
check "A cluster that does not answer is left alone" a_cluster_that_does_not_answer_is_left_alone
check "What a set-up that failed half-way has put there is removed, once" what_a_failed_set_up_put_there_goes
