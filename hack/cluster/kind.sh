# shellcheck shell=bash
# Engine `kind`: a cluster in Docker, made by the person's own kind. Sourced by cluster.sh.
kubeconfig_file=$PROMPTSALES_STATE/kind-$CLUSTER_NAME.kubeconfig

need_kind() {
  command -v kind >/dev/null || die "kind is missing: install it, or take another CLUSTER_ENGINE (local, k3d, existing)."
  command -v kubectl >/dev/null || die "kubectl is missing: install it first."
  docker info >/dev/null 2>&1 || die "Docker does not answer, and kind needs it: start Docker, or take CLUSTER_ENGINE=local."
}
exists() { kind get clusters 2>/dev/null | grep -x "$CLUSTER_NAME" >/dev/null; }

engine_check() { need_kind; }
engine_create() {
  need_kind
  mkdir -p "$PROMPTSALES_STATE"
  if exists; then
    say "cluster $CLUSTER_NAME is up already: reused"
    kind export kubeconfig --name "$CLUSTER_NAME" --kubeconfig "$kubeconfig_file" >&2 &&
      kubectl --kubeconfig "$kubeconfig_file" get --raw /readyz --request-timeout=10s >/dev/null ||
      die "kind knows the cluster $CLUSTER_NAME, but it does not answer: start its containers" \
        "('docker start $CLUSTER_NAME-control-plane'), or remove it with 'kind delete cluster --name $CLUSTER_NAME'."
  else
    kind create cluster --name "$CLUSTER_NAME" --kubeconfig "$kubeconfig_file" --wait 120s >&2 ||
      die "kind could not make the cluster: the lines above say why; 'kind delete cluster --name $CLUSTER_NAME' removes what it left."
  fi
  echo "export KUBECONFIG=$kubeconfig_file"
}
engine_load() {
  local archive
  for archive; do
    kind load image-archive --name "$CLUSTER_NAME" "$archive" >&2 ||
      die "kind did not take the image archive $archive: the lines above say why; Docker may be out of room ('docker system df')."
  done
}
engine_exec() { exec docker exec -i "$CLUSTER_NAME-control-plane" "$@"; }
engine_export_logs() { kind export logs --name "$CLUSTER_NAME" "$1/kind" >/dev/null 2>&1 || true; }
engine_destroy() {
  need_kind
  if exists; then kind delete cluster --name "$CLUSTER_NAME" --kubeconfig "$kubeconfig_file" >&2; fi
  rm -f "$kubeconfig_file"
}
engine_kubeconfig() { echo "$kubeconfig_file"; }
engine_status() {
  if exists; then echo "cluster $CLUSTER_NAME: known to kind"; else echo "cluster $CLUSTER_NAME: not known to kind"; return 1; fi
}
engine_component() { die "stopping a component is possible with CLUSTER_ENGINE=local only."; }
