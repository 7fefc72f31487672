#!/usr/bin/env bash
# deploy.sh VERB : the CRD and the operator in the cluster of KUBECONFIG.
#
#   up          images, CRD, operator; returns when the operator is available
#   check       whether images can get there, before anything is built
#   images      builds them, for a later `up`; needs no cluster
#   down        operator and CRD; refuses while a PromptSales resource exists, because its children would lose their keeper
#   remove      only the operator, with the same check
#   install     only the CRD            uninstall   only the CRD, with the same check
#
#   CLUSTER_ENGINE, CLUSTER_NAME   as in cluster.sh: decide how images reach the nodes
#   OPERATOR_IMAGE, BACKEND_IMAGE   images the cluster can already pull, both or neither; no image is built then
#   POSTGRES_IMAGE, VALKEY_IMAGE, NATS_IMAGE   the same of the embedded services; a local cluster takes them with the two above alone
#   KEEP_NAMESPACE=1               with remove: the namespace stays, and what else is in it
#   WITH_NATS=1                    builds the image of embedded messaging too
#   IMAGE_REGISTRY                 with CLUSTER_ENGINE=existing: where our images are pushed (log in with docker first)
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
. "$here/lib/kubernetes-version.sh"
CLUSTER_ENGINE=${CLUSTER_ENGINE:-local}
CLUSTER_NAME=${CLUSTER_NAME:-promptsales}
namespace=promptsales-system
deployment=promptsales-operator
crd=promptsales.promptsales.io

check_cluster() {
  command -v kubectl >/dev/null || die "kubectl is missing: install it, or run 'make deps' and hack/build-tools.sh for the one of the local cluster."
  kubectl get --raw /readyz --request-timeout=10s >/dev/null 2>&1 ||
    die "the cluster of KUBECONFIG=${KUBECONFIG:-~/.kube/config} does not answer: check that file, or make a cluster with hack/cluster.sh create."
}

# Images go to the cluster CLUSTER_NAME, the rest to that of KUBECONFIG.
must_be_one_cluster() {
  local file
  file=$("$here/cluster.sh" kubeconfig)
  [ "$(readlink -f "${KUBECONFIG:-$HOME/.kube/config}")" = "$(readlink -f "$file")" ] ||
    die "images would go to the local cluster $CLUSTER_NAME, and the operator to that of KUBECONFIG=${KUBECONFIG:-~/.kube/config}:" \
      "'export KUBECONFIG=$file', set CLUSTER_NAME to the other one, or CLUSTER_ENGINE if it is not a local one."
}
# The local engine's nodes get the archives that were built here, by names that only exist there.
images_local() {
  must_be_one_cluster
  local images=(postgres valkey operator backend)
  [ "${WITH_NATS:-0}" = 0 ] || images+=(nats) # for spec.messaging.type Embedded
  "$here/images/build-images.sh" "${images[@]}"
  local archives=("${images[@]/#/$IMAGES_OUT/}")
  CLUSTER_NAME=$CLUSTER_NAME "$here/cluster.sh" load "${archives[@]/%/.tar}"
  OPERATOR_IMAGE=$(cat "$IMAGES_OUT/operator.ref") BACKEND_IMAGE=$(cat "$IMAGES_OUT/backend.ref")
  POSTGRES_IMAGE=$(cat "$IMAGES_OUT/postgres.ref") VALKEY_IMAGE=$(cat "$IMAGES_OUT/valkey.ref")
  [ "${WITH_NATS:-0}" = 0 ] || NATS_IMAGE=$(cat "$IMAGES_OUT/nats.ref")
}

# Elsewhere Docker builds ours from the Containerfile; Postgres and Valkey are the public images that the manifest names.
build_with_docker() { # build_with_docker PREFIX : sets OPERATOR_IMAGE and BACKEND_IMAGE
  local program name
  for program in operator backend; do
    name=$1/promptsales-$program
    docker build -f "$ROOT/Containerfile" --target "$program" -t "$name:dev" "$ROOT" >&2 ||
      die "Docker could not build the image of the $program: the lines above say why; where memory is short, fewer compilers at a time" \
        "help ('docker build --build-arg JOBS=1 -f Containerfile .' fills Docker's cache)."
    docker tag "$name:dev" "$name:$(image_tag "$name:dev")" # a changed image is a changed pod
  done
  OPERATOR_IMAGE=$1/promptsales-operator:$(image_tag "$1/promptsales-operator:dev")
  BACKEND_IMAGE=$1/promptsales-backend:$(image_tag "$1/promptsales-backend:dev")
}
image_tag() { docker image inspect --format '{{.Id}}' "$1" | cut -d: -f2 | sed 's/^\(.\{12\}\).*/dev-\1/'; }
images_docker() {
  build_with_docker registry.local # quick where `images` has been there
  local archive
  archive=$(mktemp -d)
  # shellcheck disable=SC2064 # this folder
  trap "rm -rf '$archive'" EXIT
  docker save -o "$archive/images.tar" "$OPERATOR_IMAGE" "$BACKEND_IMAGE" ||
    die "Docker could not write the images to $archive: it may have no room ('df -h $archive'; TMPDIR points elsewhere)."
  "$here/cluster.sh" load "$archive/images.tar"
}
images_are_named() { [ -n "${OPERATOR_IMAGE:-}" ] && [ -n "${BACKEND_IMAGE:-}" ]; }
check_images() {
  if images_are_named; then return; fi
  [ -z "${OPERATOR_IMAGE:-}${BACKEND_IMAGE:-}" ] ||
    die "only one of OPERATOR_IMAGE and BACKEND_IMAGE is set, and building the other would replace it too: set both, or neither."
  [ "$CLUSTER_ENGINE" != local ] || return 0
  command -v docker >/dev/null ||
    die "CLUSTER_ENGINE=$CLUSTER_ENGINE builds images with Docker, which is missing: install it, or set OPERATOR_IMAGE and BACKEND_IMAGE."
  [ "$CLUSTER_ENGINE" != existing ] || [ -n "${IMAGE_REGISTRY:-}" ] ||
    die "an existing cluster pulls its images: set IMAGE_REGISTRY to a registry you can push to," \
      "or OPERATOR_IMAGE and BACKEND_IMAGE to images it can pull."
}
images_existing() {
  build_with_docker "$IMAGE_REGISTRY"
  docker push -q "$OPERATOR_IMAGE" >&2 && docker push -q "$BACKEND_IMAGE" >&2 ||
    die "the images could not be pushed to $IMAGE_REGISTRY: log in with 'docker login' and check that you may push there."
}
provide_images() {
  check_images
  if images_are_named; then return; fi
  case $CLUSTER_ENGINE in
    local) images_local ;;
    kind | k3d) images_docker ;;
    existing) images_existing ;;
  esac
}

build_images() {
  check_images
  if images_are_named; then return; fi
  case $CLUSTER_ENGINE in
    local) "$here/images/build-images.sh" ;; # those of the cluster itself too
    kind | k3d) build_with_docker registry.local ;;
    existing) build_with_docker "$IMAGE_REGISTRY" ;;
  esac
}

# The manifest carries the public images; an overlay puts in those of this cluster. One apply, so one rollout.
manifest() {
  local dir files env=''
  dir=$(mktemp -d)
  cp "$ROOT"/manifests/*.yaml "$dir/"
  [ -z "${BACKEND_IMAGE:-}" ] || env+="{name: RELATED_IMAGE_BACKEND, value: '$BACKEND_IMAGE'}, "
  [ -z "${POSTGRES_IMAGE:-}" ] || env+="{name: RELATED_IMAGE_POSTGRES, value: '$POSTGRES_IMAGE'}, "
  [ -z "${VALKEY_IMAGE:-}" ] || env+="{name: RELATED_IMAGE_VALKEY, value: '$VALKEY_IMAGE'}, "
  [ -z "${NATS_IMAGE:-}" ] || env+="{name: RELATED_IMAGE_NATS, value: '$NATS_IMAGE'}"
  files=$(cd "$dir" && printf '%s, ' ./*.yaml)
  cat >"$dir/kustomization.yaml" <<X
resources: [$files]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: $deployment, namespace: $namespace}
      spec: {template: {spec: {containers: [{name: operator, image: '$OPERATOR_IMAGE', imagePullPolicy: IfNotPresent, env: [$env]}]}}}
X
  local rc=0
  kubectl kustomize "$dir" || rc=$?
  rm -rf "$dir"
  return $rc
}

install_crd() {
  kubectl apply --server-side --force-conflicts -f "$ROOT/crds" >/dev/null ||
    die "the API server did not take the CRD (kubectl says why above): it needs Kubernetes $OLDEST_KUBERNETES or newer," \
      "and you the permission to make CustomResourceDefinitions."
  # Asked for instead of waited for: `kubectl wait` gives up on a CRD that is so new that it has no conditions yet.
  wait_until 30 kubectl get promptsales --all-namespaces ||
    die "the API server does not serve the CRD: 'kubectl describe crd $crd' says why."
}
# With the CRD every resource goes. So an answer that does not come is no "none": only a list that succeeded says that there are none.
no_resources_left() {
  local known left=''
  known=$(kubectl get crd $crd --ignore-not-found -o name) || die_unknown
  [ -z "$known" ] ||
    left=$(kubectl get promptsales --all-namespaces -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {end}') || die_unknown
  [ -z "$left" ] || die "these PromptSales resources still exist: ${left% }; delete them first, so that the operator can take down what belongs to them."
}
remove_operator() {
  if [ "${KEEP_NAMESPACE:-}" = 1 ]; then
    awk 'FNR == 1 { print "---" } { print }' "$ROOT"/manifests/*.yaml | without_namespace | kubectl delete --ignore-not-found -f - >/dev/null
  else
    kubectl delete --ignore-not-found -f "$ROOT/manifests" >/dev/null
  fi || die_left "the operator"
}
remove_crd() { kubectl delete --ignore-not-found -f "$ROOT/crds" >/dev/null || die_left "the CRD"; }
die_left() { die "not all of $1 could be removed (kubectl says why above): mend that, then run this again."; }
without_namespace() { awk 'BEGIN { RS = "(^|\n)---[^\n]*\n"; ORS = "\n---\n" } !/(^|\n)kind: Namespace(\n|$)/'; }
die_unknown() {
  die "whether PromptSales resources exist could not be found out (kubectl says why above), so nothing was removed: mend that, then run this again."
}

up() {
  check_cluster
  must_be_new_enough
  provide_images
  install_crd
  manifest | kubectl apply --server-side --force-conflicts -f - >/dev/null ||
    die "the cluster did not take the operator (kubectl says why above): you need the permission to make namespaces, ClusterRoles and" \
      "their bindings; 'make undeploy' removes what was made."
  kubectl -n $namespace rollout status "deployment/$deployment" --timeout="${DEPLOY_TIMEOUT:-120s}" >/dev/null && return
  kubectl -n $namespace get pods -o wide >&2 || true
  kubectl -n $namespace get events --sort-by=.lastTimestamp 2>/dev/null | tail -10 >&2 || true
  kubectl -n $namespace logs "deployment/$deployment" --tail=30 >&2 || true
  die "the operator did not become available: its pods, events and log are above; 'make undeploy' removes it."
}

case ${1:-} in
  up) up ;;
  check) check_images ;;
  images) build_images ;;
  down)
    check_cluster
    no_resources_left
    remove_operator
    remove_crd
    ;;
  remove) check_cluster; no_resources_left; remove_operator ;;
  install) check_cluster; must_be_new_enough; install_crd ;;
  uninstall) check_cluster; no_resources_left; remove_crd ;;
  *) sed -n '2,/^set -/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2 ;;
esac
