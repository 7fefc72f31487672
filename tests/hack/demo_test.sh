#!/usr/bin/env bash
# What `make demo` adds to a cluster of somebody else, `make demo-down` removes, and nothing else.
. "$(dirname "$0")/checks.sh"

# a_cluster [THERE...] : answers like a cluster that has these objects, by KIND/NAME, and gets the demo ready at once.
a_cluster() {
  printf '%s\n' "$@" >"$here/there"
  program kubectl <<END
case "\$*" in
  *"get namespace kube-system"*) echo the-uid ;;
  *"get deployment promptsales-operator"*) ! grep -qx deployment/promptsales-operator "$here/there" || echo registry.example/operator:1 ;;
  "get crd promptsales"*) ! grep -qx crd/promptsales.promptsales.io "$here/there" || echo crd/promptsales.promptsales.io ;;
  *"get promptsales --all-namespaces -o"*) ;;
  *"get promptsales demo"*) printf 'True\tReady\tall of it' ;;
  *"get "*"/"*"--ignore-not-found"*) for word; do grep -x "\$word" "$here/there" || true; done ;;
esac
END
  export OPERATOR_IMAGE=registry.example/operator:2 BACKEND_IMAGE=registry.example/backend:2
}
the_demo_runs() {
  run "$hack/demo.sh" up
  ends_with 0
  printf '%s\n' namespace/promptsales-demo namespace/promptsales-system deployment/promptsales-operator crd/promptsales.promptsales.io >"$here/there"
}

what_was_added_goes() {
  a_cluster
  the_demo_runs
  run "$hack/demo.sh" up # a second run reuses its own operator
  ends_with 0
  run "$hack/demo.sh" down
  ends_with 0
  has_asked 'delete namespace promptsales-demo'
  has_asked "delete --ignore-not-found -f $root/manifests"
  has_asked "delete --ignore-not-found -f $root/crds"
  run "$hack/demo.sh" down
  says 'there is no demo on this cluster: nothing to remove'
}
what_was_there_stays() {
  a_cluster namespace/promptsales-demo namespace/promptsales-system crd/promptsales.promptsales.io
  the_demo_runs
  : >"$here/asked"
  run "$hack/demo.sh" down
  ends_with 0
  has_asked 'delete --ignore-not-found -f -' # the operator without its namespace
  has_not_asked 'delete namespace'
  has_not_asked "delete --ignore-not-found -f $root/crds"
}
an_operator_is_not_replaced() {
  a_cluster namespace/promptsales-system deployment/promptsales-operator crd/promptsales.promptsales.io
  run "$hack/demo.sh" up
  gives_up_saying 'this cluster has the operator already (image registry.example/operator:1)'
  has_not_asked apply
}
no_answer_is_not_no_demo() {
  a_cluster
  the_demo_runs
  program kubectl <<'END'
echo 'Unable to connect to the server' >&2
exit 1
END
  : >"$here/asked"
  run "$hack/demo.sh" down
  gives_up_saying 'does not answer'
  does_not_say 'nothing to remove'
  has_not_asked delete
  [ -s "$PROMPTSALES_STATE/promptsales-demo.made-the-uid" ] || wrong "the record of what was added is gone"
}
what_is_half_done_names_the_way_out() {
  a_cluster
  the_demo_runs
  program made <"$PROMPTSALES_CACHE/tools/bin/kubectl" # the cluster, but for what each row takes away
  local row
  for row in 'create namespace|the cluster did not take the namespace promptsales-demo' '-n promptsales-demo apply|the cluster did not take manifests/samples/mvp.yaml' \
    'get promptsales demo|demo did not become Ready in time' 'get --raw /api/v1/|the backend does not answer over its Service'; do
    program kubectl <<END
[[ "\$*" != *'${row%|*}'* ]] || { echo no >&2; exit 1; }
exec "$PROMPTSALES_CACHE/tools/bin/made" "\$@"
END
    READY_TIMEOUT=0 ANSWER_TIMEOUT=0 run "$hack/demo.sh" up
    gives_up_saying "${row#*|}"
    says "'make demo-down CLUSTER_ENGINE=existing' removes"
  done
}
showing_changes_nothing() {
  a_cluster
  DEMO_NAMESPACE=elsewhere run "$hack/demo.sh" show
  ends_with 0
  says 'kubectl -n elsewhere port-forward service/demo-backend 8443:443 &'
  has_asked '-n elsewhere get promptsales demo'
  has_not_asked promptsales-demo
  program kubectl <<<'echo "promptsales.promptsales.io \"demo\" not found" >&2; exit 1'
  run "$hack/demo.sh" show
  gives_up_saying 'there is no demo to show (kubectl says why above)'
  has_not_asked apply
  has_not_asked delete
}

check "What the demo has added is removed again" what_was_added_goes
check "What was there before the demo stays" what_was_there_stays
check "An operator of somebody else is not replaced" an_operator_is_not_replaced
check "A cluster that does not answer is not one without a demo" no_answer_is_not_no_demo
check "A demo that ends half-way says how to remove it" what_is_half_done_names_the_way_out
check "What the demo shows is shown again without changing anything" showing_changes_nothing
