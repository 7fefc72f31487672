#!/usr/bin/env bash
# node-init.sh STATE : process 1 of the node's own mount, network, PID, IPC and UTS namespaces (local.sh starts it).
# When it is killed the kernel ends everything it started, and every mount, interface and rule goes with its namespaces.
set -euo pipefail
shopt -s inherit_errexit
STATE=$1
: "${NODE:?}" "${NODE_IP:?}" "${POD_CIDR:?}" "${SVC_CIDR:?}" "${TOOLS_BIN:?}" "${ETCD:?}" "${WITH_NODE:?}"
log=$STATE/log pki=$STATE/pki cfg=$STATE/config
here=$(cd "$(dirname "$0")" && pwd)
kubectl=$TOOLS_BIN/kubectl

# What kubelet, containerd and CNI write stays under $STATE.
mount_private_folders() {
  mount --make-rshared / # kubelet wants shared propagation; our peers are only in here
  mount -t tmpfs -o mode=755,size=256m tmpfs /run
  mkdir -p /run/lock /run/netns /run/containerd
  rm -rf "$STATE/fs/var/lib/cni" # addresses of pods that died with the node before us
  local d
  for d in /var/lib/kubelet /var/lib/containerd /var/lib/cni /var/log/pods /var/log/containers /etc/cni/net.d; do
    mkdir -p "$d" "$STATE/fs$d" && mount --bind "$STATE/fs$d" "$d"
  done
}

# kubelet sets six host-wide sysctls; show it the values it wants instead, so that it writes none.
shadow_sysctls() {
  mkdir -p /run/sysctl
  local path value f
  while read -r path value; do
    [ "$(cat "/proc/sys/$path")" = "$value" ] && continue
    f=/run/sysctl/${path//\//.}
    echo "$value" >"$f"
    mount --bind "$f" "/proc/sys/$path"
  done <<SYSCTLS
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SYSCTLS
}

# Loopback, one interface for the node's address, a routed pair for each pod. Nothing leads out of this namespace.
lay_network() {
  ip link add node0 type dummy 2>/dev/null || # some kernels have no dummy device: a veth pair does as well
    { ip link add node0 type veth peer name node0p && ip link set node0p up; }
  ip addr add "$NODE_IP/24" dev node0
  ip link set node0 up
  ip route add "$SVC_CIDR" dev node0 # the node itself reaches Services: DNAT comes after the route look-up
  ip route add unreachable default metric 4096
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # Routes and no bridge: what goes from pod to pod over a bridge passes by the NAT of Services unless br_netfilter is loaded,
  # which is nobody's job here. As on a kernel without it, so that nothing comes to depend on it.
  [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables
  cat >/etc/cni/net.d/10-pods.conflist <<CNI
{ "cniVersion": "1.0.0", "name": "pods", "plugins": [
  { "type": "ptp", "ipMasq": false,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$POD_CIDR" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
CNI
}

# One cgroup of our own for the pods; local.sh removes it.
make_cgroups() {
  local c k
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then # v2
    mkdir -p "/sys/fs/cgroup/$NODE"
    for k in $(cat /sys/fs/cgroup/cgroup.controllers); do
      for c in /sys/fs/cgroup "/sys/fs/cgroup/$NODE"; do echo "+$k" >"$c/cgroup.subtree_control" 2>/dev/null || true; done
    done
    return
  fi
  for c in /sys/fs/cgroup/*/; do # v1: under every mounted controller
    [ "${c%/}" = /sys/fs/cgroup/unified ] && continue
    mkdir -p "$c$NODE"
    if [ -f "$c$NODE/cpuset.cpus" ]; then
      cat "${c}cpuset.cpus" >"$c$NODE/cpuset.cpus"
      cat "${c}cpuset.mems" >"$c$NODE/cpuset.mems"
    fi
  done
}

# start NAME COMMAND... : run it, and again a second after it ends, unless $STATE/run/NAME.hold exists.
# Its log is $STATE/log/NAME.log, its PID (in here) $STATE/run/NAME.pid.
start() {
  local name=$1 rc
  shift
  while :; do
    if [ ! -e "$STATE/run/$name.hold" ]; then
      "$@" >>"$log/$name.log" 2>&1 &
      echo $! >"$STATE/run/$name.pid"
      rc=0
      wait $! || rc=$?
      echo "$(date -u +%FT%TZ) $name ended: $rc"
    fi
    sleep 1
  done &
}

wait_for() { # wait_for SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "timed out: $*"; return 1; }
    sleep 0.2
  done
}

# The data of a throw-away cluster needs no fsync, and history is compacted so that hours of tests stay small.
start_etcd() {
  # shellcheck disable=SC2086 # *_ARGS are lists of flags
  start etcd "$ETCD" --name local --data-dir "$STATE/etcd" --unsafe-no-fsync ${ETCD_ARGS:-} \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster local=http://127.0.0.1:2380
}

start_apiserver() {
  # shellcheck disable=SC2086
  start kube-apiserver "$TOOLS_BIN/kube-apiserver" \
    --advertise-address="$NODE_IP" --bind-address=0.0.0.0 --secure-port=6443 \
    --etcd-servers=http://127.0.0.1:2379 --service-cluster-ip-range="$SVC_CIDR" \
    --client-ca-file="$pki/ca.crt" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" \
    --kubelet-client-key="$pki/apiserver-kubelet-client.key" --kubelet-preferred-address-types=InternalIP,Hostname \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" \
    --requestheader-client-ca-file="$pki/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group \
    --requestheader-username-headers=X-Remote-User \
    --proxy-client-cert-file="$pki/front-proxy-client.crt" --proxy-client-key-file="$pki/front-proxy-client.key" \
    --enable-aggregator-routing=true --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --allow-privileged=true --audit-log-path="$log/audit.log" --audit-policy-file="$cfg/audit.yaml" ${APISERVER_ARGS:-}
}

# Autoscaler and node monitor look often here: a test waits for them, and one node costs nothing to watch.
start_controllers() {
  # shellcheck disable=SC2086
  start kube-controller-manager "$TOOLS_BIN/kube-controller-manager" --kubeconfig="$pki/controller-manager.conf" \
    --authentication-kubeconfig="$pki/controller-manager.conf" --authorization-kubeconfig="$pki/controller-manager.conf" \
    --client-ca-file="$pki/ca.crt" --requestheader-client-ca-file="$pki/front-proxy-ca.crt" --bind-address=127.0.0.1 \
    --allocate-node-cidrs=true --cluster-cidr="$POD_CIDR" --node-cidr-mask-size=24 --service-cluster-ip-range="$SVC_CIDR" \
    --root-ca-file="$pki/ca.crt" --service-account-private-key-file="$pki/sa.key" --use-service-account-credentials=true \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
    --controllers="$KCM_CONTROLLERS" --leader-elect=false \
    --horizontal-pod-autoscaler-sync-period=2s --horizontal-pod-autoscaler-cpu-initialization-period=10s \
    --horizontal-pod-autoscaler-initial-readiness-delay=5s \
    --node-monitor-period=2s --node-monitor-grace-period=15s ${KCM_ARGS:-}
}

start_node() {
  start kube-scheduler "$TOOLS_BIN/kube-scheduler" --kubeconfig="$pki/scheduler.conf" \
    --authentication-kubeconfig="$pki/scheduler.conf" --authorization-kubeconfig="$pki/scheduler.conf" \
    --bind-address=127.0.0.1 --leader-elect=false
  start containerd containerd --config "$cfg/containerd.toml"
  wait_for 30 ctr -a /run/containerd/containerd.sock -n k8s.io version
  # The sandbox image first: without it the kubelet would ask a registry that nothing here can reach.
  local tar
  for tar in ${PRELOAD:-}; do
    ctr -a /run/containerd/containerd.sock -n k8s.io images import "$tar"
  done
  # shellcheck disable=SC2086
  start kubelet "$TOOLS_BIN/kubelet" --config="$cfg/kubelet.yaml" --kubeconfig="$pki/kubelet.conf" \
    --hostname-override="$NODE" --node-ip="$NODE_IP" ${KUBELET_ARGS:-}
  start kube-proxy "$TOOLS_BIN/kube-proxy" --config="$cfg/kube-proxy.yaml"
  start volumes setsid "$here/volumes.sh" "$STATE" "$NODE"
  wait_for 120 "$kubectl" wait --for=condition=Ready "node/$NODE" --timeout=1s
}

mkdir -p "$log" "$STATE/run"
hostname "$NODE"
ip link set lo up
if [ "$WITH_NODE" = 1 ]; then
  mount_private_folders
  shadow_sysctls
  lay_network
  make_cgroups
else
  ip addr add "$NODE_IP/32" dev lo # the API server insists on an address that is not loopback
  ip route add unreachable default metric 4096
fi
start_etcd
start_apiserver
export KUBECONFIG=$pki/admin.conf
wait_for 120 "$kubectl" get --raw /readyz
start_controllers
[ "$WITH_NODE" = 0 ] || start_node
touch "$STATE/ready"
while :; do
  wait || true
  sleep 1
done # process 1 also reaps whatever is orphaned in here
