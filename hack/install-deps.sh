#!/usr/bin/env bash
# install-deps.sh [GROUP...] : what a fresh Debian 12 lacks for building, running and testing. Groups: build, cluster, test; all of
# them when none is named. When everything is there it takes a fraction of a second and asks no package server.
#
# Checks come first, so a machine that cannot do it is left as it was.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"

build=(g++ cmake ninja-build ccache lld pkg-config libcpprest-dev libyaml-cpp-dev nlohmann-json3-dev libssl-dev libspdlog-dev
  prometheus-cpp-dev libgtest-dev libgmock-dev libboost-dev libboost-system-dev libpq-dev zlib1g-dev clang-format python3 python3-yaml
  jq curl git make ca-certificates)
cluster=(containerd runc containernetworking-plugins buildah mmdebstrap nftables iptables conntrack iproute2 openssl util-linux mount
  procps debian-archive-keyring gcc libc6-dev)
test=(postgresql redis-server)

missing=()
find_missing() { # find_missing PACKAGE... : adds to `missing` what dpkg does not have installed
  local p installed
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | awk '$2 == "installed" { print $1 }') || true # unknown ones
  for p; do grep -qx "$p" <<<"$installed" || missing+=("$p"); done
}

check_system() {
  local id='' version='' codename=''
  if [ -r /etc/os-release ]; then
    id=$(. /etc/os-release; echo "$ID")
    version=$(. /etc/os-release; echo "${VERSION_ID:-}")
    codename=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
  fi
  [ "$id" = debian ] && [ "${version%%.*}" = 12 ] ||
    die "this is ${id:-an unknown system} ${version:-}${codename:+ ($codename)}, and the packages are those of Debian 12:" \
      "use Debian 12 (a virtual machine or a privileged container will do), or build with Docker from the Containerfile."
}
check_root() {
  [ "$(id -u)" = 0 ] ||
    die "missing packages can only be installed by root: run 'make deps' as root (su, or sudo where there is one), which would install:" \
      "${missing[*]}."
}

check_space() { # check_space GIB FOLDER WHAT [VARIABLE] : VARIABLE is what points elsewhere
  local folder=$2 free
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  free=$(($(df -Pk "$folder" | awk 'NR == 2 { print $4 }') / 1024 / 1024))
  [ "$free" -ge "$1" ] || die "$3 needs $1 GiB of disk at $2, and $free GiB are free: make room${4:+, or point $4 at a larger disk}."
}
# When nothing is there yet: Go's modules and what it compiles come to some 8 GiB, tools, root file systems and images to 4.
check_space_of_the_first_build() {
  local go_cache
  go_cache=$(go env GOCACHE 2>/dev/null || echo "${GOCACHE:-$HOME/.cache/go-build}")
  if [ "$(disk_of "$go_cache")" = "$(disk_of "$PROMPTSALES_CACHE")" ]; then
    check_space 14 "$PROMPTSALES_CACHE" "the first build, with Go's cache in $go_cache," PROMPTSALES_CACHE
  else
    check_space 9 "$go_cache" "compiling the Kubernetes programs" GOCACHE
    check_space 6 "$PROMPTSALES_CACHE" "the first build" PROMPTSALES_CACHE
  fi
}
disk_of() { # disk_of FOLDER : what it is on, or will be
  local folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  df -P "$folder" | awk 'NR == 2 { print $1 }'
}
compiler_cache() { ccache -k cache_dir 2>/dev/null || echo "${CCACHE_DIR:-$HOME/.cache/ccache}"; } # before there is a ccache: its default

install_packages() {
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  local log
  log=$(mktemp)
  # Databases and containerd are installed as programs: no service is started, now or at the next boot, and no database cluster made.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  if [[ " ${missing[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 ||
    { tail -5 "$log" >&2; die "apt could not install the packages (whole log: $log): check the network and /etc/apt, then run this again."; }
  rm -f "$log"
  disable_services
}
disable_services() {
  [ -d /run/systemd/system ] || return 0
  local service
  for service in redis-server containerd; do
    if [[ " ${missing[*]} " == *" $service "* ]]; then systemctl --quiet disable "$service" || true; fi
  done
}

# The oldest Go that the tool modules accept is in their go.mod.
go_needed() { sed -n 's/^go //p' "$here"/tools/*/go.mod | sort -V | tail -1; }
go_is_new_enough() {
  local have
  have=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//') && [ -n "$have" ] &&
    [ "$(printf '%s\n' "$(go_needed)" "$have" | sort -V | head -1)" = "$(go_needed)" ]
}

# Debian 12 has an old Go; trixie-backports has the newer ones. Unpacked into the cache, so the machine's own Go is not touched.
install_go() {
  local minor root
  minor=$(go_needed | cut -d. -f1,2)
  say "installing Go $minor into $GO_HOME (this machine has $(go env GOVERSION 2>/dev/null || echo none))"
  root=$PROMPTSALES_CACHE/debs/go-$minor
  "$here/debs.sh" trixie-backports "$root" "golang-$minor-go" "golang-$minor-src"
  ln -sfn "$root/usr/lib/go-$minor" "$GO_HOME"
  PATH=$GO_HOME/bin:$PATH
  go_is_new_enough || die "the Go in $GO_HOME does not run or is too old: install Go $(go_needed) or newer and put it on PATH."
}

[ $# -gt 0 ] || set -- build cluster test
for group; do
  case $group in
    build) find_missing "${build[@]}" ;;
    cluster) find_missing "${cluster[@]}" ;;
    test) find_missing "${test[@]}" ;;
    *) die "there is no group '$group': known are build, cluster and test." ;;
  esac
done
if [ ${#missing[@]} -gt 0 ]; then
  check_system
  check_root
  check_space 1 /var/cache/apt "downloading packages"
  check_space 2 /usr "installing packages"
fi
check_space 2 "${BUILD_DIR:-$ROOT/build}" "the C++ build" BUILD_DIR
check_space 2 "$(compiler_cache)" "the compiler's cache" CCACHE_DIR
if [[ " $* " == *" cluster "* ]]; then
  check_space 2 "$PROMPTSALES_STATE" "a running cluster" PROMPTSALES_STATE
  if "$here/build-tools.sh" --check; then
    check_space 3 "$PROMPTSALES_CACHE" "a run with everything cached" PROMPTSALES_CACHE
  else
    check_space_of_the_first_build
  fi
fi
[ ${#missing[@]} = 0 ] || install_packages
if [[ " $* " == *" cluster "* ]] && ! go_is_new_enough; then install_go; fi
