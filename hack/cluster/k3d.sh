# shellcheck shell=bash
# Engine `k3d`: a k3s cluster in Docker, made by the person's own k3d. Sourced by cluster.sh.
kubeconfig_file=$PROMPTSALES_STATE/k3d-$CLUSTER_NAME.kubeconfig

need_k3d() {
  command -v k3d >/dev/null || die "k3d is missing: install it, or take another CLUSTER_ENGINE (local, kind, existing)."
  command -v kubectl >/dev/null || die "kubectl is missing: install it first."
  docker info >/dev/null 2>&1 || die "Docker does not answer, and k3d needs it: start Docker, or take CLUSTER_ENGINE=local."
}
exists() { k3d cluster get "$CLUSTER_NAME" >/dev/null 2>&1; }

engine_check() { need_k3d; }
engine_create() {
  need_k3d
  mkdir -p "$PROMPTSALES_STATE"
  if exists; then
    say "cluster $CLUSTER_NAME is up already: reused"
    k3d cluster start "$CLUSTER_NAME" >/dev/null 2>&1 || true
  else
    k3d cluster create "$CLUSTER_NAME" --wait --timeout 180s --kubeconfig-update-default=false --no-lb >&2 ||
      die "k3d could not make the cluster: the lines above say why; 'k3d cluster delete $CLUSTER_NAME' removes what it left."
  fi
  (umask 077 && k3d kubeconfig get "$CLUSTER_NAME" >"$kubeconfig_file")
  echo "export KUBECONFIG=$kubeconfig_file"
}
engine_load() { k3d image import --cluster "$CLUSTER_NAME" "$@" >&2 || die "k3d did not take the image archives: the lines above say why; Docker may be out of room ('docker system df')."; }
engine_exec() { exec docker exec -i "k3d-$CLUSTER_NAME-server-0" "$@"; }
engine_export_logs() { docker logs "k3d-$CLUSTER_NAME-server-0" >"$1/k3s.log" 2>&1 || true; }
engine_destroy() {
  need_k3d
  if exists; then k3d cluster delete "$CLUSTER_NAME" >&2; fi
  rm -f "$kubeconfig_file"
}
engine_kubeconfig() { echo "$kubeconfig_file"; }
engine_status() {
  if exists; then echo "cluster $CLUSTER_NAME: known to k3d"; else echo "cluster $CLUSTER_NAME: not known to k3d"; return 1; fi
}
engine_component() { die "stopping a component is possible with CLUSTER_ENGINE=local only."; }
