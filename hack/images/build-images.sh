#!/usr/bin/env bash
# build-images.sh [IMAGE...] : OCI image archives for the local cluster, built by buildah without any image registry. IMAGE is pause,
# coredns, metrics-server, postgres, valkey, nats, operator or backend; all of them when none is named, nats only with WITH_NATS=1.
#
#   OPERATOR_BINARY, BACKEND_BINARY   release binaries (default build/release/...)
#
# Results: $PROMPTSALES_CACHE/images/IMAGE.tar, and IMAGE.ref with the name to run it by. Names of our own programs end in a hash of
# their content, so that a changed image is a changed pod. Nothing whose inputs did not change is built again; a changed binary
# only makes a new top layer.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/say.sh"
. "$here/../lib/paths.sh"
OPERATOR_BINARY=${OPERATOR_BINARY:-$ROOT/build/release/operator/promptsales-operator}
BACKEND_BINARY=${BACKEND_BINARY:-$ROOT/build/release/backend/promptsales-backend}
roots=$PROMPTSALES_CACHE/rootfs
work=
if [ $# = 0 ]; then
  set -- pause coredns metrics-server postgres valkey operator backend
  [ "${WITH_NATS:-0}" = 0 ] || set -- "$@" nats
fi

# A store of our own: removing the cache folder removes it too, and nobody else's images are in the way.
store() {
  buildah --root "$PROMPTSALES_CACHE/buildah" --runroot /run/promptsales-buildah --storage-driver "$STORAGE_DRIVER" "$@"
}
choose_storage_driver() { # overlay where the file system allows it; vfs copies, which always works
  local c
  for STORAGE_DRIVER in overlay vfs; do
    if c=$(store from scratch 2>/dev/null) && store mount "$c" >/dev/null 2>&1; then
      store rm "$c" >/dev/null
      return
    fi
  done
  die "buildah cannot make a container here: run as root, on a file system with space, in a container that may mount."
}

hash_of() { # hash_of FILE-OR-TEXT... : of the files' contents and of the words
  local a
  for a; do if [ -f "$a" ]; then cat "$a"; else echo "$a"; fi; done | sha256sum | cut -c1-12
}

# fresh IMAGE HASH : the archive there was made from the same inputs.
fresh() { [ -s "$IMAGES_OUT/$1.tar" ] && [ "$(cat "$IMAGES_OUT/$1.hash" 2>/dev/null)" = "$2" ]; }

# pack IMAGE HASH REF ROOTFS-OR-BASE CONFIG... : one image. A first argument BASE=name starts from that image instead of nothing.
pack() {
  local image=$1 hash=$2 ref=$3 files=$4 base=scratch c begun=$SECONDS
  shift 4
  case $1 in BASE=*) base=${1#BASE=}; shift ;; esac
  c=$(store from "$base")
  [ -z "$files" ] || store copy --quiet "$c" "$files" / >/dev/null
  store config --created-by "hack/images/build-images.sh" "$@" "$c"
  rm -f "$IMAGES_OUT/$image.tar" "$IMAGES_OUT/$image.hash"
  store commit --quiet --rm --disable-compression "$c" "oci-archive:$IMAGES_OUT/.$image.tar:$ref" >/dev/null
  mv "$IMAGES_OUT/.$image.tar" "$IMAGES_OUT/$image.tar"
  echo "$ref" >"$IMAGES_OUT/$image.ref"
  echo "$hash" >"$IMAGES_OUT/$image.hash"
  say "  $ref: $(size_of "$image") MB compressed, built in $((SECONDS - begun)) s"
}
size_of() { gzip -c <"$IMAGES_OUT/$1.tar" | wc -c | awk '{ printf "%.1f", $1 / 1e6 }'; }

# debian_root NAME SUITE PACKAGES KEEP... : cached unpacked packages; prints the folder.
debian_root() {
  local name=$1 dir
  shift
  dir=$roots/$name-$(hash_of "$here/rootfs.sh" "$*")
  if [ ! -e "$dir.whole" ]; then
    say "  unpacking Debian packages of $1: $2"
    mkdir -p "$roots"
    "$here/rootfs.sh" "$dir" "$@"
    touch "$dir.whole"
  fi
  echo "$dir"
}

image_pause() {
  local hash
  hash=$(hash_of "$here/pause.c")
  fresh pause "$hash" && return
  mkdir -p "$work/pause"
  gcc -Os -static -s -o "$work/pause/pause" "$here/pause.c"
  pack pause "$hash" registry.local/pause:3.10 "$work/pause" --user 65535:65535 --entrypoint '["/pause"]'
}

# image_tool NAME : a program of hack/build-tools.sh, alone.
image_tool() {
  "$here/../build-tools.sh" "$1"
  local hash
  hash=$(hash_of "$TOOLS_BIN/.stamp-$1" v1)
  fresh "$1" "$hash" && return
  mkdir -p "$work/$1"
  cp "$TOOLS_BIN/$1" "$work/$1/"
  pack "$1" "$hash" "registry.local/$1:dev" "$work/$1" --user 65534:65534 --entrypoint "[\"/$1\"]"
}

image_postgres() {
  local hash root
  hash=$(hash_of "$here/rootfs.sh" "$here/postgres-entrypoint.sh" postgresql-17-v1)
  fresh postgres "$hash" && return
  root=$(debian_root postgres trixie postgresql-17,postgresql-client-17,busybox-static busybox)
  cp -a "$root" "$work/postgres"
  install -m 755 "$here/postgres-entrypoint.sh" "$work/postgres/entrypoint"
  ln -sf busybox "$work/postgres/usr/bin/sh" # initdb runs its helpers through sh
  mkdir -p "$work/postgres/var/lib/postgresql/data" "$work/postgres/var/run/postgresql"
  chown 999:999 "$work/postgres/var/lib/postgresql/data" "$work/postgres/var/run/postgresql"
  pack postgres "$hash" registry.local/postgres:17 "$work/postgres" --user 999:999 --stop-signal SIGINT --port 5432 \
    --env PATH=/usr/lib/postgresql/17/bin:/usr/bin --env PGDATA=/var/lib/postgresql/data/pgdata --env LANG=C.UTF-8 \
    --entrypoint '["/entrypoint"]'
}

image_valkey() {
  local hash root
  hash=$(hash_of "$here/rootfs.sh" valkey-8.1-v1)
  fresh valkey "$hash" && return
  root=$(debian_root valkey trixie valkey-server 'valkey-*')
  cp -a "$root" "$work/valkey"
  mkdir -p "$work/valkey/data"
  chown 999:999 "$work/valkey/data"
  pack valkey "$hash" registry.local/valkey:8.1 "$work/valkey" --user 999:999 --port 6379 --env PATH=/usr/bin --workingdir /data \
    --entrypoint '["valkey-server"]'
}

image_nats() { # only where messaging is embedded: not among those that are built unasked
  "$here/../build-tools.sh" nats
  local hash
  hash=$(hash_of "$TOOLS_BIN/.stamp-nats" v1)
  fresh nats "$hash" && return
  mkdir -p "$work/nats/usr/bin" "$work/nats/data"
  cp "$TOOLS_BIN/nats-server" "$work/nats/usr/bin/"
  chown 999:999 "$work/nats/data"
  pack nats "$hash" registry.local/nats:2.14 "$work/nats" --user 999:999 --port 4222 --env PATH=/usr/bin --workingdir /data \
    --entrypoint '["nats-server"]'
}

# image_program NAME BINARY : one of our own.
image_program() {
  local name=$1 binary=$2 hash file=promptsales-$1
  [ -x "$binary" ] || die "there is no program at $binary: run 'make build' first, or say where it is with ${name^^}_BINARY."
  hash=$(hash_of "$binary" "$here/program-rootfs.sh" "$here/rootfs.sh" "$here/build-images.sh")
  fresh "$name" "$hash" && return
  mkdir -p "$work/$name"
  strip -s -o "$work/$name/$file" "$binary"
  local base
  base=$(program_base "$name" "$binary")
  pack "$name" "$hash" "registry.local/$file:dev-$hash" "$work/$name" "BASE=$base" --user 65532:65532 --entrypoint "[\"/$file\"]"
}

# program_base NAME BINARY : the image with a program's libraries, made once per set of libraries; prints its name.
program_base() {
  local name=$1 binary=$2 base c
  base=localhost/promptsales-$name-base:$(hash_of "$here/program-rootfs.sh" "$here/rootfs.sh" "$(ldd "$binary" | awk '{ print $1, $3 }' | sort)")
  if ! store image exists "$base" 2>/dev/null && ! store inspect --type image "$base" >/dev/null 2>&1; then
    "$here/program-rootfs.sh" "$work/$name-root" "$binary"
    c=$(store from scratch)
    store copy --quiet "$c" "$work/$name-root" / >/dev/null
    store commit --quiet --rm --disable-compression "$c" "$base" >/dev/null
  fi
  echo "$base"
}

build() {
  case $1 in
    pause | postgres | valkey | nats) "image_$1" ;;
    coredns | metrics-server) image_tool "$1" ;;
    operator) image_program operator "$OPERATOR_BINARY" ;;
    backend) image_program backend "$BACKEND_BINARY" ;;
    *) die "there is no image '$1': known are pause, coredns, metrics-server, postgres, valkey, nats, operator and backend." ;;
  esac
}

[ "$(id -u)" = 0 ] || die "building images needs root for buildah and mmdebstrap: run this as root, or build Containerfile with Docker."
for b in buildah mmdebstrap gcc; do command -v $b >/dev/null || die "$b is missing: run 'make deps' first."; done
mkdir -p "$IMAGES_OUT"
work=$(mktemp -d "$PROMPTSALES_CACHE/images-work-XXXXXX")
trap 'rm -rf "$work"' EXIT
exec 7>"$PROMPTSALES_CACHE/.images.lock"
flock 7 # the second of two callers finds everything built
choose_storage_driver 7>&-
for image; do build "$image"; done
