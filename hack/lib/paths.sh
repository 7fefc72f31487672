# shellcheck shell=bash
# Where things are. Sourced; sets variables, makes nothing.
#
# PROMPTSALES_CACHE   what is worth keeping between runs and checkouts: Go tools, unpacked Debian packages, root file systems of
#                     images, image archives. Safe to delete at any time.
# PROMPTSALES_STATE   running local clusters, one folder each. `hack/cluster.sh destroy` removes them; do not delete by hand.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export ROOT
[ -n "${HOME:-}" ] || HOME=$(getent passwd "$(id -u)" | cut -d: -f6) # a CI job may have none, and Go wants one
export HOME
export PROMPTSALES_CACHE=${PROMPTSALES_CACHE:-$HOME/.cache/promptsales}
export PROMPTSALES_STATE=${PROMPTSALES_STATE:-/var/tmp/promptsales}
export ARTIFACTS=${ARTIFACTS:-$ROOT/_artifacts}
TOOLS_BIN=$PROMPTSALES_CACHE/tools/bin          # what hack/build-tools.sh built
DEFINITIONS=$PROMPTSALES_CACHE/tools/definitions # CustomResourceDefinitions of others, for tests
TRIXIE=$PROMPTSALES_CACHE/debs/trixie           # Debian 13 packages, unpacked: etcd
GO_HOME=$PROMPTSALES_CACHE/go                   # a Go of our own, when the machine has none that is new enough
IMAGES_OUT=$PROMPTSALES_CACHE/images            # image archives, one per image
export TOOLS_BIN DEFINITIONS TRIXIE GO_HOME IMAGES_OUT

# The kubectl that belongs to the cluster's version goes first; without it (kind, k3d, existing) the person's own is used.
PATH=$TOOLS_BIN:/usr/local/sbin:/usr/sbin:/sbin:$PATH
[ -x "$GO_HOME/bin/go" ] && PATH=$GO_HOME/bin:$PATH
export PATH
