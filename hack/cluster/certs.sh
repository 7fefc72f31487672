#!/usr/bin/env bash
# certs.sh DIR NODE NODE_IP API_SVC_IP KUBECTL : CA, leaf certificates, keys and kubeconfigs of a one-node cluster, by openssl only.
# EC P-256 keys: all of them take about a second. Run again it changes nothing.
set -euo pipefail
shopt -s inherit_errexit
dir=$(realpath -m "$1") node=$2 node_ip=$3 svc_ip=$4 kubectl=$5
days=3650
[ ! -e "$dir/done" ] || exit 0
umask 077
mkdir -p "$dir" && cd "$dir"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
ca() { # ca FILE CN
  key "$1.key"
  openssl req -x509 -new -sha256 -key "$1.key" -days $days -subj "/CN=$2" -out "$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature
}
leaf() { # leaf CA FILE SUBJECT clientAuth|serverAuth [SAN]
  key "$2.key"
  openssl req -new -sha256 -key "$2.key" -subj "$3" -out "$2.csr"
  {
    echo "basicConstraints=critical,CA:FALSE"
    echo "keyUsage=critical,digitalSignature,keyEncipherment"
    echo "extendedKeyUsage=$4"
    [ -z "${5:-}" ] || echo "subjectAltName=$5"
  } >"$2.ext"
  openssl x509 -req -sha256 -in "$2.csr" -CA "$1.crt" -CAkey "$1.key" -CAcreateserial -days $days \
    -extfile "$2.ext" -out "$2.crt" 2>/dev/null
  rm -f "$2.csr" "$2.ext"
}
kubeconfig() { # kubeconfig NAME SERVER : NAME.conf from NAME.crt and NAME.key
  local c=("$kubectl" --kubeconfig="$1.conf" config)
  "${c[@]}" set-cluster local --server="$2" --certificate-authority=ca.crt --embed-certs >/dev/null
  "${c[@]}" set-credentials "$1" --client-certificate="$1.crt" --client-key="$1.key" --embed-certs >/dev/null
  "${c[@]}" set-context local --cluster=local --user="$1" >/dev/null
  "${c[@]}" use-context local >/dev/null
}

ca ca kubernetes-ca
ca front-proxy-ca front-proxy-ca
sans=DNS:localhost,DNS:$node,IP:127.0.0.1,IP:$svc_ip,IP:$node_ip
sans+=,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
leaf ca apiserver /CN=kube-apiserver serverAuth "$sans"
leaf ca apiserver-kubelet-client "/O=system:masters/CN=kube-apiserver-kubelet-client" clientAuth
leaf front-proxy-ca front-proxy-client /CN=front-proxy-client clientAuth
leaf ca kubelet-server "/O=system:nodes/CN=system:node:$node" serverAuth "DNS:$node,IP:$node_ip"
leaf ca kubelet "/O=system:nodes/CN=system:node:$node" clientAuth
leaf ca controller-manager /CN=system:kube-controller-manager clientAuth
leaf ca scheduler /CN=system:kube-scheduler clientAuth
leaf ca kube-proxy /CN=system:kube-proxy clientAuth
leaf ca admin "/O=system:masters/CN=admin" clientAuth
# The operator run outside a pod is the very same user to RBAC and to the audit log as its ServiceAccount in a pod.
sa=promptsales-system
leaf ca operator "/O=system:serviceaccounts/O=system:serviceaccounts:$sa/O=system:authenticated/CN=system:serviceaccount:$sa:promptsales-operator" \
  clientAuth
openssl genrsa -out sa.key 2048 2>/dev/null
openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
for u in admin operator controller-manager scheduler; do kubeconfig "$u" https://127.0.0.1:6443; done
for u in kubelet kube-proxy; do kubeconfig "$u" "https://$node_ip:6443"; done
touch "$dir/done"
