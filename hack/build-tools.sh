#!/usr/bin/env bash
# build-tools.sh [--check] [NAME...] : the programs of the local cluster that Debian does not have, built from the Go modules in hack/tools/NAME
# (kubernetes: six commands; coredns; metrics-server; nats), and etcd from Debian packages. All when none is named; nats only with
# WITH_NATS=1, as only embedded messaging needs it. `definitions`, for tests: CustomResourceDefinitions as the modules of hack/tools/definitions
# carry them, in $PROMPTSALES_CACHE/tools/definitions, one a file named GROUP_PLURAL.yaml.
#
# Results stay in $PROMPTSALES_CACHE/tools/bin. A module whose go.mod, go.sum and ldflags did not change is not built again.
# --check builds nothing and succeeds when all is built. Two callers do not build twice: the second waits. Cold it takes 6 to 10 minutes
# of two cores and 2.5 GiB of memory.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
check=false
if [ "${1:-}" = --check ]; then check=true; shift; fi
if [ $# = 0 ]; then
  set -- kubernetes coredns metrics-server etcd
  [ "${WITH_NATS:-0}" = 0 ] || set -- "$@" nats
  [ "${WITH_DEFINITIONS:-0}" = 0 ] || set -- "$@" definitions
fi

stamp_of() { # stamp_of NAME : changes when the result would
  { cat "$here/tools/$1/go.mod" "$here/tools/$1/go.sum"; cat "$here/tools/$1/ldflags" 2>/dev/null || true; } | sha256sum | cut -c1-16
}
up_to_date() {
  case $1 in
    etcd) [ -x "$TRIXIE/usr/bin/etcd" ] ;;
    definitions) [ -d "$DEFINITIONS" ] && [ "$(cat "$TOOLS_BIN/.stamp-$1" 2>/dev/null)" = "$(stamp_of "$1")" ] ;;
    *) [ "$(cat "$TOOLS_BIN/.stamp-$1" 2>/dev/null)" = "$(stamp_of "$1")" ] ;;
  esac
}

# Kubernetes refuses to name its own version unless the linker tells it; kubectl and Helm want a real one.
kubernetes_version_flags() {
  local v p
  v=$(awk '{ for (i = 1; i < NF; i++) if ($i == "k8s.io/kubernetes" && $(i + 1) ~ /^v/) { print $(i + 1); exit } }' go.mod)
  for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf ' -X %s.%s' "$p" "gitVersion=$v" "$p" "gitMajor=$(cut -d. -f1 <<<"${v#v}")" "$p" "gitMinor=$(cut -d. -f2 <<<"$v")" \
      "$p" gitTreeState=clean "$p" buildDate=1970-01-01T00:00:00Z
  done
}

# GOTOOLCHAIN=local: the Go that `make deps` chose, never one fetched in passing. VCS stamping would tie the result to this checkout.
go_quietly() { CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-buildvcs=false nice -n 15 go "$@"; }

# Every twenty seconds how far the compiler is; `read` waits without a process that could outlive us.
tell_progress() { # tell_progress NAME LOG TOTAL
  while :; do
    read -rt 20 <> <(:) || true
    say "$1: $(grep -vc '^go: ' "$2") of $3 packages"
  done
}

build_go() { # build_go NAME : into a folder beside the results, moved there when whole
  local name=$1 flags new packages begun=$SECONDS log=$TOOLS_BIN/$1.log
  command -v go >/dev/null || die "Go is missing: run 'make deps' first."
  cd "$here/tools/$name"
  rm -rf "$TOOLS_BIN/.new-$name"-* # of a build that was killed; the lock says it is not another's
  new=$(mktemp -d "$TOOLS_BIN/.new-$name-XXXXXX")
  flags="-s -w $(cat ldflags 2>/dev/null || true)"
  local args=(-v -trimpath -p "${GO_JOBS:-2}" -o "$new/")
  if [ "$name" = kubernetes ]; then
    flags+=$(kubernetes_version_flags)
    args+=("-tags=selinux,notest,grpcnotrace")
  fi
  say "$name: fetching Go modules, then compiling ($([ "$name" = kubernetes ] && echo '4 to 8' || echo '1 to 3') minutes when nothing is cached; log: $log)"
  packages=$(go_quietly list -deps tool 2>"$log" | wc -l) ||
    { tail -3 "$log" >&2; die "the modules of $name could not be fetched: check the network, then run this again."; }
  tell_progress "$name" "$log" "$packages" 8>&- &
  TELLER=$! # not local: the trap runs when this function is long over
  trap 'kill "$TELLER" 2>/dev/null || true' EXIT
  go_quietly build "${args[@]}" -ldflags "$flags" tool >"$log" 2>&1 || {
    rm -rf "$new"
    grep -v '^[a-z0-9./-]*$' "$log" | tail -5 >&2
    die "$name could not be built: see $log; if a download failed, check the network and run this again."
  }
  chmod 755 "$new"/*
  mv -f "$new"/* "$TOOLS_BIN/"
  rmdir "$new"
  stamp_of "$name" >"$TOOLS_BIN/.stamp-$name"
  say "$name: built in $((SECONDS - begun)) s"
}

take_definitions() { # nothing is compiled: the modules carry the files
  local log=$TOOLS_BIN/definitions.log new folder name
  local wanted=(cert-manager.io_{certificates,issuers,clusterissuers} keda.sh_scaledobjects)
  command -v go >/dev/null || die "Go is missing: run 'make deps' first."
  cd "$here/tools/definitions"
  say "definitions: fetching Go modules (log: $log)"
  go_quietly mod download -json >"$log" 2>&1 ||
    { tail -3 "$log" >&2; die "the modules of the definitions could not be fetched: check the network, then run this again."; }
  rm -rf "$DEFINITIONS".new-*
  new=$(mktemp -d "$DEFINITIONS.new-XXXXXX")
  while read -r folder; do
    for name in "${wanted[@]}"; do
      find "$folder" -name "$name.yaml" -path '*crd*' -exec install -m 644 {} "$new/" \;
    done
  done < <(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' "$log")
  for name in "${wanted[@]}"; do
    [ -s "$new/$name.yaml" ] || die "the modules of hack/tools/definitions have no $name.yaml: see $log."
  done
  chmod 755 "$new"
  rm -rf "$DEFINITIONS"
  mv "$new" "$DEFINITIONS"
  stamp_of definitions >"$TOOLS_BIN/.stamp-definitions"
}

build() {
  case $1 in
    definitions) take_definitions ;;
    etcd) say "unpacking etcd from Debian packages"; "$here/debs.sh" trixie "$TRIXIE" etcd-server ;;
    *) build_go "$1" ;;
  esac
}

for name; do
  [ "$name" = etcd ] || [ -e "$here/tools/$name/go.mod" ] ||
    die "there is no tool '$name': known are etcd $(cd "$here/tools" && echo *)."
done
for name; do
  up_to_date "$name" && continue
  if $check; then exit 1; fi
  mkdir -p "$TOOLS_BIN"
  (
    flock 8
    up_to_date "$name" || build "$name" # somebody else may have built it while we waited
  ) 8>"$TOOLS_BIN/.lock-$name"
done
