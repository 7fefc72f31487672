#!/usr/bin/env bash
# demo.sh up|down|show : one PromptSales on a real cluster, from nothing. `make demo`, `make demo-down`.
#
# Everything it needs is installed and built by it; what is there already is used again. CLUSTER_ENGINE=kind, k3d or existing takes
# your own cluster. `down` removes what `up` made and nothing else; built programs and images stay cached.
#
# `show` is the end of `up`: it waits until the PromptSales `demo` is Ready and shows it, on the cluster of KUBECONFIG where that is
# set, in the namespace DEMO_NAMESPACE. It changes nothing.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
. "$here/lib/side-by-side.sh"
. "$here/lib/operator-there.sh"
. "$here/lib/times.sh"
export CLUSTER_ENGINE=${CLUSTER_ENGINE:-local}
export CLUSTER_NAME=promptsales-demo
build=${BUILD_DIR:-$ROOT/build/${PRESET:-release}}
export OPERATOR_BINARY=$build/operator/promptsales-operator BACKEND_BINARY=$build/backend/promptsales-backend
namespace=promptsales-demo
demo_down="make demo-down$([ "$CLUSTER_ENGINE" = local ] || echo " CLUSTER_ENGINE=$CLUSTER_ENGINE")"

# On an existing cluster `down` removes what `up` has added and nothing else. The record is of one cluster, told by the UID of a
# namespace that every cluster has: KUBECONFIG may name another one by then.
record() {
  local uid
  uid=$(kubectl get namespace kube-system -o jsonpath='{.metadata.uid}' --request-timeout=10s) && [ -n "$uid" ] ||
    die "the cluster of KUBECONFIG=${KUBECONFIG:-~/.kube/config} does not answer (kubectl says why above), so nothing was done to it:" \
      "point KUBECONFIG at the one with the demo."
  echo "$PROMPTSALES_STATE/promptsales-demo.made-$uid"
}
remember() { # remember KIND/NAME [ARGUMENT...] : note what `up` is about to add; ARGUMENTs go to kubectl
  [ "$CLUSTER_ENGINE" = existing ] || return 0
  mkdir -p "$PROMPTSALES_STATE"
  local made there
  made=$(record)
  there=$(kubectl get "$1" --ignore-not-found -o name "${@:2}") ||
    die "whether the cluster has $1 already could not be found out (kubectl says why above): check your permissions;" \
      "'$demo_down' removes what was added."
  [ -n "$there" ] || grep -qsx "$1" "$made" || echo "$1" >>"$made"
}
added() { grep -qx "$1" "$2"; } # added KIND/NAME RECORD
refuse_to_replace() { # an operator that somebody else has put there
  local made image
  made=$(record)
  image=$(operator_image)
  [ -z "$image" ] || grep -qsx deployment/promptsales-operator "$made" ||
    die "this cluster has the operator already (image $image), and the demo would replace it:" \
      "apply manifests/samples/mvp.yaml there instead, or take another cluster."
}

apply_sample() {
  kubectl create namespace "$namespace" --dry-run=client -o yaml | kubectl apply -f - >/dev/null ||
    die "the cluster did not take the namespace $namespace (kubectl says why above); '$demo_down' removes what is there."
  kubectl -n "$namespace" apply -f "$ROOT/manifests/samples/mvp.yaml" >&2 ||
    die "the cluster did not take manifests/samples/mvp.yaml (kubectl says why above); '$demo_down' removes what is there."
}

ready_condition() { # status, reason and message of Ready, tab between
  kubectl -n "$namespace" get promptsales demo -o jsonpath='{range .status.conditions[?(@.type=="Ready")]}{.status}{"\t"}{.reason}{"\t"}{.message}{end}'
}
wait_ready() {
  local end=$((SECONDS + ${READY_TIMEOUT:-300})) now last=
  while :; do
    now=$(ready_condition 2>/dev/null || true)
    if [ "$now" != "$last" ]; then say "    Ready=$(tr '\t' ' ' <<<"${now:-not reported yet}")"; last=$now; fi
    [[ $now != True* ]] || return 0
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.5
  done
}
explain_failure() {
  say "" "The conditions:"
  kubectl -n "$namespace" get promptsales demo -o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\n"}{end}' >&2 || true
  say "The pods and the last events:"
  kubectl -n "$namespace" get pods -o wide >&2 || true
  kubectl -n "$namespace" get events --sort-by=.lastTimestamp 2>/dev/null | tail -10 >&2 || true
  say "The operator's log:"
  kubectl -n promptsales-system logs deployment/promptsales-operator --tail=20 >&2 || true
  "$here/cluster.sh" export-logs "$ARTIFACTS/demo" || true
  die "demo did not become Ready in time: the lines above say where it stands, and everything known is in $ARTIFACTS/demo;" \
    "'$demo_down' removes it."
}

# Requests go through the API server to the Service, so that nothing has to listen on this machine.
campaigns() { kubectl get --raw "/api/v1/namespaces/$namespace/services/https:demo-backend:https/proxy/v1/campaigns"; }

show() {
  echo
  echo "You have a PromptSales:"
  kubectl -n "$namespace" get promptsales
  echo
  echo "What the operator made of 'tier: MVP':"
  kubectl -n "$namespace" get pods,persistentvolumeclaims -l promptsales.io/name=demo
  echo
  kubectl -n "$namespace" get -l promptsales.io/name=demo -o name \
    deployments,statefulsets,jobs,services,horizontalpodautoscalers,poddisruptionbudgets,networkpolicies,configmaps,secrets,serviceaccounts | sed 's/^/  /'
  echo
  echo "The backend answers over its Service (GET /v1/campaigns):"
  wait_until "${ANSWER_TIMEOUT:-20}" campaigns ||
    die "the backend does not answer over its Service: 'kubectl -n $namespace logs deployment/demo-backend' tells more;" \
      "'$demo_down' removes the demo."
  campaigns
  cat <<X


Reach it yourself:
  export KUBECONFIG=$KUBECONFIG$([ "$CLUSTER_ENGINE" != local ] || echo " PATH=$TOOLS_BIN:\$PATH")
  kubectl -n $namespace get configmap demo-ca-bundle -o jsonpath='{.data.ca\.crt}' >ca.crt
  kubectl -n $namespace port-forward service/demo-backend 8443:443 &
  curl --cacert ca.crt --connect-to demo-backend:443:127.0.0.1:8443 https://demo-backend/v1/campaigns
  curl --cacert ca.crt --connect-to demo-backend:443:127.0.0.1:8443 https://demo-backend/v1/campaigns \\
    -X POST -H 'Content-Type: application/json' -d '{"name": "spring"}'

Try next:
  kubectl -n $namespace get promptsales demo -w                          # watch it while you try the others
  kubectl -n $namespace delete pod -l app.kubernetes.io/component=backend  # replaced
  kubectl -n $namespace delete service demo-backend                      # put back by the operator
  kubectl -n $namespace patch promptsales demo --type=merge -p '{"spec":{"backend":{"autoscaling":{"minReplicas":3}}}}'
  kubectl explain promptsales.spec

Remove it:
  $demo_down
X
}
cluster_kubeconfig() { "$here/cluster.sh" kubeconfig; }

up() {
  local total=6
  steps_begin $total
  times_begin "$build"
  step "checking the machine, installing what is missing"
  "$here/cluster.sh" check
  "$here/deploy.sh" check
  [ "$CLUSTER_ENGINE" != existing ] || refuse_to_replace
  if [ "$CLUSTER_ENGINE" = local ]; then
    "$here/install-deps.sh" build cluster
    step "building: C++ programs and, beside them, the Kubernetes programs"
    build_side_by_side promptsales-operator promptsales-backend
  else
    step "building: $([ -n "${OPERATOR_IMAGE:-}" ] && echo "nothing, the images are named" || echo "Docker does it from the Containerfile, as part of step 4")"
  fi
  step "cluster $CLUSTER_NAME ($CLUSTER_ENGINE)"
  "$here/cluster.sh" create >/dev/null
  KUBECONFIG=$(cluster_kubeconfig)
  export KUBECONFIG
  step "images, CRD and operator"
  remember "namespace/$namespace"
  remember namespace/promptsales-system
  remember deployment/promptsales-operator -n promptsales-system
  remember crd/promptsales.promptsales.io
  "$here/deploy.sh" up || { say "what is there already goes with '$demo_down'"; exit $kDied; }
  step "applying manifests/samples/mvp.yaml and waiting for Ready"
  apply_sample
  wait_ready || explain_failure
  step "done"
  show
  times_end "make demo"
}

die_left() { die "$1 of the demo could not be removed (kubectl says why above): mend that, then run '$demo_down' again."; }

# A cluster of our own goes as a whole; in somebody else's only what `up` added goes.
down() {
  if [ "$CLUSTER_ENGINE" != existing ]; then
    "$here/cluster.sh" destroy
    return
  fi
  command -v kubectl >/dev/null || die "kubectl is missing: install it first."
  local made
  made=$(record)
  [ -s "$made" ] || { say "there is no demo on this cluster: nothing to remove"; return; }
  local served
  served=$(kubectl get crd promptsales.promptsales.io --ignore-not-found -o name) ||
    die "what there is of the demo could not be found out (kubectl says why above), so nothing was removed: mend that, then run this again."
  [ -z "$served" ] || kubectl -n "$namespace" delete promptsales demo --ignore-not-found --timeout=60s || die_left "the resource"
  if added "namespace/$namespace" "$made"; then
    kubectl delete namespace "$namespace" --ignore-not-found --timeout=120s || die_left "the namespace $namespace"
  fi
  if added deployment/promptsales-operator "$made"; then
    KEEP_NAMESPACE=$(added namespace/promptsales-system "$made" || echo 1) "$here/deploy.sh" remove
  fi
  if added crd/promptsales.promptsales.io "$made"; then "$here/deploy.sh" uninstall; fi
  rm -f "$made"
}

case ${1:-up} in
  up) up ;;
  down) down ;;
  show)
    namespace=${DEMO_NAMESPACE:-$namespace}
    [ -n "${KUBECONFIG:-}" ] || KUBECONFIG=$(cluster_kubeconfig)
    export KUBECONFIG
    kubectl -n "$namespace" get promptsales demo -o name >/dev/null || die "there is no demo to show (kubectl says why above): 'make demo' makes one."
    wait_ready || die "demo did not become Ready in time: 'kubectl -n $namespace describe promptsales demo' says why."
    show
    ;;
  *) sed -n '2,/^set -/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2 ;;
esac
