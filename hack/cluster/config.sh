# shellcheck shell=bash
# Configuration files of a local cluster's components, written to $STATE/config. Sourced by local.sh, which sets the variables.

write_configs() {
  mkdir -p "$STATE/config"
  if [ "$WITH_NODE" = 1 ]; then
    local major
    major=$(containerd --version | grep -oE ' v?[0-9]+\.[0-9]+' | head -1 | tr -d ' v' | cut -d. -f1)
    if [ "${major:-1}" -ge 2 ]; then containerd_2_config; else containerd_1_config; fi >"$STATE/config/containerd.toml"
    kubelet_config >"$STATE/config/kubelet.yaml"
    kube_proxy_config >"$STATE/config/kube-proxy.yaml"
    printf 'nameserver %s\n' "$DNS_IP" >"$STATE/config/resolv.conf"
  fi
  audit_policy >"$STATE/config/audit.yaml"
}

# restrict_oom_score_adj: in a container without CAP_SYS_RESOURCE no sandbox starts otherwise.
containerd_2_config() {
  cat <<X
version = 3
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '$PAUSE_IMAGE'
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
    SystemdCgroup = false
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['$CNI_BIN']
  conf_dir = '/etc/cni/net.d'
X
}

containerd_1_config() {
  cat <<X
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$CNI_BIN"
    conf_dir = "/etc/cni/net.d"
X
}

# failCgroupV1: kubelet >= 1.35 refuses to start on a cgroup v1 host otherwise. Eviction is off: the machine's disk and memory are
# the person's own business, and an evicted pod would be a riddle in a test.
kubelet_config() {
  cat <<X
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: $STATE/pki/ca.crt } }
authorization: { mode: Webhook }
tlsCertFile: $STATE/pki/kubelet-server.crt
tlsPrivateKeyFile: $STATE/pki/kubelet-server.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$NODE
failCgroupV1: false
failSwapOn: false
clusterDNS: [$DNS_IP]
clusterDomain: cluster.local
resolvConf: $STATE/config/resolv.conf
evictionHard: { imagefs.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", memory.available: "0%" }
imageGCHighThresholdPercent: 100
serializeImagePulls: false
nodeStatusUpdateFrequency: 5s
syncFrequency: 10s
shutdownGracePeriod: 0s
oomScoreAdj: 0
X
}

# conntrack: those sysctls are host-wide, so they are left alone.
kube_proxy_config() {
  cat <<X
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ${PROXY_MODE:-nftables}
clusterCIDR: $POD_CIDR
hostnameOverride: $NODE
oomScoreAdj: 0
clientConnection: { kubeconfig: $STATE/pki/kube-proxy.conf }
conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s }
X
}

# Who asked for what, without bodies: tests and benchmarks count the operator's requests by verb, and a 403 shows a missing rule.
# The cluster's own parts are left out; people and tests (admin) are in, as user "admin".
audit_policy() {
  cat <<X
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - { level: None, userGroups: ["system:nodes", "system:serviceaccounts:kube-system"] }
  - { level: None, users: ["system:kube-scheduler", "system:kube-controller-manager", "system:kube-proxy", "system:apiserver",
      "system:anonymous", "kube-apiserver-kubelet-client"] }
  - { level: None, nonResourceURLs: ["/livez*", "/healthz*", "/readyz*", "/openapi*", "/version"] }
  - { level: Metadata }
X
}
