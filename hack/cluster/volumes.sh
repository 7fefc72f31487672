#!/usr/bin/env bash
# volumes.sh STATE NODE : gives every PersistentVolumeClaim of this cluster's StorageClasses a folder on the node (the provisioner
# of StorageClass `standard`). Runs beside the control plane, restarted when it ends.
#
# A claim gets STATE/volumes/NAMESPACE_CLAIM_UID as a `local` volume of the size it asked for; the size is not enforced. When the
# claim is deleted, the class's reclaim policy decides: Delete removes volume and folder, Retain leaves both.
set -euo pipefail
shopt -s inherit_errexit
STATE=$1 NODE=$2
provisioner=promptsales.io/node-folder
kubectl=${TOOLS_BIN:?}/kubectl

# provision NAMESPACE CLAIM UID SIZE CLASS MODES : create the volume, bound to this claim and no other. Again: changes nothing.
provision() {
  local ns=$1 claim=$2 uid=$3 size=$4 class=$5 modes=$6 pv=pvc-$3 by policy dir
  read -r by policy < <("$kubectl" get storageclass "$class" -o jsonpath='{.provisioner} {.reclaimPolicy}{"\n"}')
  [ "$by" = "$provisioner" ] || return 0
  dir=$STATE/volumes/${ns}_${claim}_$uid
  # Anyone may write, like the usual local provisioners: pods run as all sorts of users, and some set no fsGroup.
  mkdir -p "$dir" && chmod 0777 "$dir"
  "$kubectl" create -f - <<PV
apiVersion: v1
kind: PersistentVolume
metadata:
  name: $pv
  annotations: { pv.kubernetes.io/provisioned-by: $provisioner }
spec:
  capacity: { storage: $size }
  accessModes: $modes
  persistentVolumeReclaimPolicy: $policy
  storageClassName: $class
  claimRef: { apiVersion: v1, kind: PersistentVolumeClaim, namespace: $ns, name: $claim, uid: $uid }
  local: { path: $dir }
  nodeAffinity:
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: kubernetes.io/hostname, operator: In, values: [$NODE] }] }] }
PV
}

# reclaim PV FOLDER : a released volume whose policy is Delete. Only folders of our own are ever removed.
reclaim() {
  case $2 in
    "$STATE"/volumes/?*) ;;
    *) return 0 ;;
  esac
  "$kubectl" delete pv "$1" --wait=false
  rm -rf --one-file-system "$2"
}

# A watch first lists what exists, so a restart misses nothing. It ends now and then; `start` in node-init.sh begins it again.
watch_claims() {
  local columns='{.metadata.namespace} {.metadata.name} {.metadata.uid} {.spec.resources.requests.storage}'
  columns+=' {.spec.storageClassName} {.status.phase} {.spec.accessModes}{"\n"}'
  local ns claim uid size class phase modes
  "$kubectl" get pvc --all-namespaces --watch -o jsonpath="$columns" |
    while read -r ns claim uid size class phase modes; do
      [ "$phase" = Pending ] || continue
      provision "$ns" "$claim" "$uid" "$size" "$class" "$modes" || true # exists already: an event seen twice
    done
}

watch_volumes() {
  local columns='{.metadata.name} {.status.phase} {.spec.persistentVolumeReclaimPolicy} {.spec.local.path}'
  columns+=' {.metadata.annotations.pv\.kubernetes\.io/provisioned-by}{"\n"}'
  local pv phase policy dir by
  "$kubectl" get pv --watch -o jsonpath="$columns" |
    while read -r pv phase policy dir by; do
      if [ "$phase $policy $by" = "Released Delete $provisioner" ]; then reclaim "$pv" "$dir" || true; fi
    done
}

# When one watch ends, end both and be restarted. node-init.sh gives this script a process group of its own, so 0 is only us.
trap 'trap - EXIT TERM; kill 0' EXIT TERM
watch_claims &
watch_volumes &
wait -n
