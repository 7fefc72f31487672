# shellcheck shell=bash
# Engine `local`: real etcd, kube-apiserver, controller-manager, scheduler, kubelet, containerd and kube-proxy in mount, network,
# PID, IPC and UTS namespaces of their own. Sourced by cluster.sh.
#
# No bridge, route, firewall rule or sysctl of the machine is touched, and nothing in the cluster can reach out. The API is
# reached on 127.0.0.1, at a free port (API_PORT asks for a certain one). Everything a cluster writes is in STATE:
#   kubeconfig             the administrator's            log/COMPONENT.log, log/audit.log
#   kubeconfig-operator    the operator's ServiceAccount  volumes/   the data of its PersistentVolumes
STATE=$PROMPTSALES_STATE/$CLUSTER_NAME
NODE=${NODE:-$CLUSTER_NAME}
NODE_IP=${NODE_IP:-10.88.0.2} POD_CIDR=${POD_CIDR:-10.244.0.0/24}
SVC_CIDR=${SVC_CIDR:-10.96.0.0/16} SVC_IP=${SVC_IP:-10.96.0.1} DNS_IP=${DNS_IP:-10.96.0.10}
CNI_BIN=${CNI_BIN:-/usr/lib/cni} ETCD=${ETCD:-$TRIXIE/usr/bin/etcd}
PAUSE_IMAGE=registry.local/pause:3.10
WITH_NODE=${WITH_NODE:-1}
# Without a node the workload controllers stay out: a test plays their part and writes the status it wants to see reacted to.
# Garbage collection, namespace deletion and service accounts are real.
without_node=garbage-collector-controller,namespace-controller,serviceaccount-controller,serviceaccount-token-controller
without_node+=,root-ca-certificate-publisher-controller,resourcequota-controller,persistentvolumeclaim-protection-controller
if [ "$WITH_NODE" = 1 ]; then KCM_CONTROLLERS=${KCM_CONTROLLERS:-*}; else KCM_CONTROLLERS=${KCM_CONTROLLERS:-$without_node}; fi
export STATE NODE NODE_IP POD_CIDR SVC_CIDR SVC_IP DNS_IP CNI_BIN ETCD WITH_NODE KCM_CONTROLLERS

local_kubectl() { "$TOOLS_BIN/kubectl" --kubeconfig "$STATE/kubeconfig" "$@"; }

# is PID COMMAND... : the process is ours. A stale PID file must never end somebody else's process.
is() {
  local pid=$1
  shift
  [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] && [[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == *"$*"* ]]
}
init_pid() { cat "$STATE/init.pid" 2>/dev/null || true; }
running() { is "$(init_pid)" "node-init.sh $STATE "; }
healthy() {
  running && [ -e "$STATE/ready" ] && [ -s "$STATE/kubeconfig" ] &&
    local_kubectl get --raw /readyz --request-timeout=5s >/dev/null 2>&1
}

locked() { # one creator or destroyer of a cluster at a time; the second waits
  mkdir -p "$PROMPTSALES_STATE"
  exec 9>"$PROMPTSALES_STATE/.$CLUSTER_NAME.lock"
  flock 9
}

check_root() {
  [ "$(id -u)" = 0 ] || die "the local cluster needs root for namespaces and cgroups: run this as root, or set CLUSTER_ENGINE=kind, k3d or existing."
}
check_port() {
  [ -n "${API_PORT:-}" ] && command -v python3 >/dev/null || return 0
  python3 -c 'import socket, sys; socket.create_server(("127.0.0.1", int(sys.argv[1]))).close()' "$API_PORT" 2>/dev/null ||
    die "port $API_PORT of 127.0.0.1 is taken or not a port: set API_PORT to a free one, or leave it unset and any free port is used."
}
# What no package mends, so that it is said before anything is installed or built.
engine_check() {
  check_root
  ! command -v unshare >/dev/null || unshare --mount --net --pid --fork true 2>/dev/null ||
    die "this machine does not allow new namespaces (a container without privileges?): run in a privileged one, or set CLUSTER_ENGINE=kind, k3d or existing."
  [ -w /sys/fs/cgroup ] ||
    die "control groups cannot be made here: run in a privileged container that has the machine's (--cgroupns=host), or set CLUSTER_ENGINE=kind, k3d or existing."
  healthy || check_port # a cluster that is up has its port itself
}
check_machine() {
  engine_check
  local b missing=()
  local need=(openssl unshare nsenter setpriv ip python3)
  [ "$WITH_NODE" = 0 ] || need+=(containerd ctr runc nft)
  for b in "${need[@]}"; do command -v "$b" >/dev/null || missing+=("$b"); done
  [ "$WITH_NODE" = 0 ] || [ -x "$CNI_BIN/ptp" ] || missing+=("$CNI_BIN/ptp")
  [ ${#missing[@]} = 0 ] || die "missing on this machine: ${missing[*]}; run 'make deps' first."
}

engine_create() {
  check_machine
  locked
  if healthy; then
    if [ "$WITH_NODE" = "$(cat "$STATE/with-node")" ]; then
      say "cluster $CLUSTER_NAME is up already: reused"
      echo "export KUBECONFIG=$STATE/kubeconfig"
      return
    fi
    die "cluster $CLUSTER_NAME is up with WITH_NODE=$(cat "$STATE/with-node"): destroy it first (hack/cluster.sh destroy), or take another CLUSTER_NAME."
  fi
  "$here/build-tools.sh" kubernetes etcd
  export PRELOAD=
  if [ "$WITH_NODE" = 1 ]; then
    "$here/build-tools.sh" coredns metrics-server
    "$here/images/build-images.sh" pause coredns metrics-server
    PRELOAD="$IMAGES_OUT/pause.tar $IMAGES_OUT/coredns.tar $IMAGES_OUT/metrics-server.tar"
  fi
  start_cluster 9>&- # what it starts must not hold the lock
}

start_cluster() {
  local begun=$SECONDS
  trap 'end_processes' EXIT # a start that fails leaves nothing running, only the logs that tell why
  end_processes # what a killed run left behind; its data stays, and the cluster goes on from there
  mkdir -p "$STATE/log"
  rm -f "$STATE/ready" "$STATE/api-port" "$STATE"/run/*.pid "$STATE"/run/*.hold
  echo "$WITH_NODE" >"$STATE/with-node"
  "$here/cluster/certs.sh" "$STATE/pki" "$NODE" "$NODE_IP" "$SVC_IP" "$TOOLS_BIN/kubectl"
  . "$here/cluster/config.sh"
  write_configs
  start_init
  start_forwarder
  write_kubeconfigs
  if [ "$WITH_NODE" = 1 ]; then add_ons; fi
  trap - EXIT
  say "cluster $CLUSTER_NAME is up after $((SECONDS - begun)) s ($(local_kubectl version -o json | grep -m2 gitVersion | tail -1 | cut -d'"' -f4); state in $STATE)"
  echo "export KUBECONFIG=$STATE/kubeconfig"
}

# `unshare --fork`: the child is process 1 of the new PID namespace; its PID out here is what ends the cluster.
start_init() {
  setsid unshare --mount --propagation private --net --pid --ipc --uts --fork --mount-proc --kill-child \
    "$here/cluster/node-init.sh" "$STATE" </dev/null >"$STATE/log/init.log" 2>&1 &
  local u=$! end=$((SECONDS + ${UP_TIMEOUT:-240})) p=
  until p=$(cat "/proc/$u/task/$u/children" 2>/dev/null | tr -d ' ') && [ -n "$p" ]; do
    kill -0 "$u" 2>/dev/null || die "the node could not be started: $(tail -1 "$STATE/log/init.log"); the rest is in $STATE/log/init.log."
    sleep 0.05
  done
  echo "$p" >"$STATE/init.pid"
  until [ -e "$STATE/ready" ]; do
    kill -0 "$p" 2>/dev/null || die "the node ended while starting: $(tail -1 "$STATE/log/init.log"); see $STATE/log, then run this again."
    [ "$SECONDS" -lt "$end" ] || die "the cluster was not ready in time: see $STATE/log; remove it with 'CLUSTER_NAME=$CLUSTER_NAME hack/cluster.sh destroy'."
    sleep 0.2
  done
}

start_forwarder() {
  setsid python3 "$here/cluster/nsproxy.py" "$STATE" "$(init_pid)" "${API_PORT:-0}" 127.0.0.1 6443 \
    </dev/null >"$STATE/log/nsproxy.log" 2>&1 &
  echo $! >"$STATE/nsproxy.pid"
  wait_until 10 test -s "$STATE/api-port" ||
    die "the API cannot be reached from outside: $(tail -1 "$STATE/log/nsproxy.log"); see $STATE/log, then run this again."
}

write_kubeconfigs() {
  local u to url
  url=https://127.0.0.1:$(cat "$STATE/api-port")
  for u in admin:kubeconfig operator:kubeconfig-operator; do
    to=$STATE/${u#*:}
    (umask 077 && sed "s#https://127.0.0.1:6443#$url#" "$STATE/pki/${u%:*}.conf" >"$to.new")
    mv "$to.new" "$to"
  done
  # A pod made before its service account exists is refused.
  wait_until 60 local_kubectl -n default get serviceaccount default ||
    die "the API at $url does not answer as it should: see $STATE/log/kube-apiserver.log."
}

# metrics-server is not waited for: only autoscalers ask it, and they ask again.
add_ons() {
  local_kubectl apply -f "$here/cluster/storageclass.yaml" -f "$here/cluster/coredns.yaml" -f "$here/cluster/metrics-server.yaml" >/dev/null
  local_kubectl -n kube-system rollout status deployment/coredns --timeout=90s >/dev/null ||
    die "CoreDNS did not start: 'kubectl --kubeconfig $STATE/kubeconfig -n kube-system describe pods' tells why."
}

# end_processes : end what runs of this cluster, and nothing else.
end_processes() {
  local p
  p=$(cat "$STATE/nsproxy.pid" 2>/dev/null || true)
  if is "$p" "nsproxy.py $STATE "; then kill "$p" 2>/dev/null || true; fi
  p=$(init_pid)
  if is "$p" "node-init.sh $STATE "; then
    kill -KILL "$p" 2>/dev/null || true # process 1: the kernel ends the rest of its PID namespace
    wait_until 15 bash -c "! kill -0 $p" || die "process $p of cluster $CLUSTER_NAME does not end; try again in a minute."
  fi
  rm -f "$STATE/init.pid" "$STATE/nsproxy.pid"
  local c
  for c in /sys/fs/cgroup/"$NODE" /sys/fs/cgroup/*/"$NODE"; do
    if [ -d "$c" ]; then find "$c" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
  done
}

engine_destroy() {
  check_root
  locked
  end_processes
  # One file system: a mount that is still there is left alone rather than emptied. The lock file stays: somebody may wait on it.
  rm -rf --one-file-system "$STATE"
  say "cluster $CLUSTER_NAME is gone"
}

must_run() { running || die "cluster $CLUSTER_NAME is not running: 'CLUSTER_NAME=$CLUSTER_NAME hack/cluster.sh create' starts it."; }
inside() { nsenter --target "$(init_pid)" --mount --net --pid --ipc --uts --root --wd -- "$@"; }

engine_load() {
  must_run
  local archive
  for archive; do
    [ -r "$archive" ] || die "no image archive at $archive: build it with 'make images'."
    if [ -e "${archive%.tar}.hash" ] && cmp -s "${archive%.tar}.hash" "$STATE/loaded/$(basename "$archive")"; then continue; fi
    # The archive is seen in there too: only some folders are mounted over.
    inside ctr -a /run/containerd/containerd.sock -n k8s.io images import "$(readlink -f "$archive")" >/dev/null ||
      die "the node did not take $archive: build it again with 'make images'."
    mkdir -p "$STATE/loaded"
    if [ -e "${archive%.tar}.hash" ]; then cp "${archive%.tar}.hash" "$STATE/loaded/$(basename "$archive")"; fi
  done
}

# Ends with us: whoever kills this process ends the command in there too.
engine_exec() {
  must_run
  exec nsenter --target "$(init_pid)" --mount --net --pid --ipc --uts --root --wd -- \
    env KUBECONFIG="$STATE/pki/admin.conf" PATH="$PATH" setpriv --pdeathsig TERM "$@"
}

engine_component() { # engine_component stop|start|restart COMPONENT [SIGNAL]
  must_run
  [ -n "${2:-}" ] && [ -e "$STATE/run/${2:-}.pid" ] ||
    die "cluster $CLUSTER_NAME has no component '${2:-}': it has $(cd "$STATE/run" && ls ./*.pid | sed 's#^./##; s#.pid$##' | xargs)."
  case $1 in
    stop) touch "$STATE/run/$2.hold"; inside kill "${3:--TERM}" "$(cat "$STATE/run/$2.pid")" ;;
    start) rm -f "$STATE/run/$2.hold" ;;
    restart) inside kill "${3:--TERM}" "$(cat "$STATE/run/$2.pid")" ;; # comes back in a second
  esac
}

engine_export_logs() {
  cp -r "$STATE/log" "$1/components" 2>/dev/null || true
  cp -rL "$STATE/fs/var/log/pods" "$1/pods" 2>/dev/null || true
}

engine_kubeconfig() { echo "$STATE/kubeconfig"; }
engine_status() {
  if healthy; then
    echo "cluster $CLUSTER_NAME: up, with-node=$(cat "$STATE/with-node"), https://127.0.0.1:$(cat "$STATE/api-port"), state $STATE"
  elif running; then
    echo "cluster $CLUSTER_NAME: starting or ill; logs in $STATE/log"
    return 1
  else
    echo "cluster $CLUSTER_NAME: not running"
    return 1
  fi
}
