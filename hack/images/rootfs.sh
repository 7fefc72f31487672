#!/usr/bin/env bash
# rootfs.sh DEST SUITE PACKAGE,... [KEEP-IN-BIN...] : a root file system of Debian packages and what they depend on, only unpacked: no
# maintainer script runs. Then trimmed: no shell, apt, dpkg or documentation; of /usr/bin only the names KEEP-IN-BIN (globs) stay.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/say.sh"
dest=$1 suite=$2 packages=$3
shift 3
key=/usr/share/keyrings/debian-archive-keyring.gpg
uri=$("$here/../debs.sh" --uri)
security=$("$here/../debs.sh" --security-uri)

rm -rf "$dest"
mmdebstrap --quiet --mode=root --variant=extract --format=directory --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
  --include="$packages" "$suite" "$dest" \
  "deb [signed-by=$key] $uri $suite main" "deb [signed-by=$key] $security $suite-security main" >"$dest.log" 2>&1 ||
  { tail -3 "$dest.log" >&2; die "the packages $packages of Debian $suite could not be unpacked: check the network and /etc/apt, then run this again."; }
rm -f "$dest.log"
cd "$dest"
lib=usr/lib/$(gcc -dumpmachine)
[ -d "$lib" ] || lib=usr/lib/x86_64-linux-gnu
if [ -d usr/share/ca-certificates/mozilla ]; then
  mkdir -p etc/ssl/certs
  cat usr/share/ca-certificates/mozilla/*.crt >etc/ssl/certs/ca-certificates.crt
fi
rm -rf usr/share/{doc,man,locale,lintian,bug,info,common-licenses,i18n,keyrings,debconf,postgresql-common,ca-certificates,gcc,gdb} usr/share/perl* \
  var/lib/apt var/lib/dpkg var/cache var/log var/backups etc/apt etc/cron* etc/init.d etc/logrotate.d etc/systemd etc/perl etc/default \
  "$lib"/perl* "$lib"/libperl* "$lib"/libLLVM* "$lib"/libz3* "$lib"/gconv "$lib"/libapt* "$lib"/systemd "$lib"/security \
  usr/lib/llvm* usr/lib/{systemd,udev,apt,dpkg,sysusers.d,tmpfiles.d} usr/lib/postgresql/*/lib/{bitcode,llvmjit*} \
  usr/sbin usr/games dev run
find var -xdev -depth -type d -empty -delete 2>/dev/null || true

keep=()
for name; do keep+=(! -name "$name"); done
find usr/bin \( -type f -o -type l \) "${keep[@]}" -delete
mkdir -p tmp dev proc sys usr/sbin var/lib var/run run etc root
chmod 1777 tmp
printf 'root:x:0:0::/:/none\npostgres:x:999:999::/var/lib/postgresql:/none\nnonroot:x:65532:65532::/:/none\nnobody:x:65534:65534::/:/none\n' >etc/passwd
printf 'root:x:0:\npostgres:x:999:\nnonroot:x:65532:\nnogroup:x:65534:\n' >etc/group
echo 'hosts: files dns' >etc/nsswitch.conf
/sbin/ldconfig -r . || true
