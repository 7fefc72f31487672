#!/usr/bin/env bash
# program-rootfs.sh DEST BINARY : the root file system that one dynamically linked C++ program needs and nothing else: the shared
# libraries that the loader asks for, CA certificates, and user 65532. No shell, no package manager.
#
# The libraries come from Debian packages of this machine's release (found by ldd and dpkg), not from the machine itself, so they
# carry its security updates. Unpacked packages are cached by their names; copying out of them takes a second.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/say.sh"
. "$here/../lib/paths.sh"
dest=$1 binary=$2

libraries() { # every file the loader opens for the program, the loader itself included
  ldd "$binary" | awk '/=> not found/ { print "missing:" $1; next } /=> \// { print $3; next } $1 ~ /^\// { print $1 }' | sort -u
}
package_of() { # dpkg may know a file by its path before or after /usr was merged
  local f=$1 real
  real=$(realpath "$f")
  dpkg -S "$f" "/usr$f" "${f#/usr}" "$real" "${real#/usr}" 2>/dev/null | head -1 | cut -d: -f1 || true
}

libs=$(libraries)
if missing=$(grep -o 'missing:.*' <<<"$libs"); then die "$binary needs ${missing#missing:}, which this machine lacks: run 'make deps'."; fi
packages=ca-certificates
for lib in $libs; do
  package=$(package_of "$lib")
  [ -n "$package" ] || die "$lib, which $binary needs, is of no Debian package, so no image can carry it: link against a packaged library."
  packages+=,$package
done
packages=$(tr , '\n' <<<"$packages" | sort -u | paste -sd,)
. /etc/os-release
unpacked=$PROMPTSALES_CACHE/rootfs/$(sha256sum <<<"$VERSION_CODENAME $packages $(cat "$here/rootfs.sh")" | cut -c1-16)
if [ ! -e "$unpacked/.whole" ]; then
  say "  unpacking Debian packages: $packages"
  mkdir -p "$PROMPTSALES_CACHE/rootfs"
  "$here/rootfs.sh" "$unpacked" "$VERSION_CODENAME" "$packages"
  touch "$unpacked/.whole"
fi

rm -rf "$dest"
mkdir -p "$dest"/usr/lib64 "$dest"/etc/ssl/certs "$dest"/usr/lib/ssl "$dest"/tmp "$dest"/proc "$dest"/sys "$dest"/dev
chmod 1777 "$dest/tmp"
ln -s usr/lib "$dest/lib"
ln -s usr/lib64 "$dest/lib64"
for lib in $libs; do
  in_root=$(realpath -m --no-symlinks "$lib")
  [ "${in_root#/usr/}" != "$in_root" ] || in_root=/usr$in_root
  from=$unpacked$in_root
  [ -e "$from" ] || from=$unpacked${in_root#/usr}
  mkdir -p "$dest$(dirname "$in_root")"
  cp -L "$from" "$dest$in_root"
done
cp "$unpacked/etc/ssl/certs/ca-certificates.crt" "$dest/etc/ssl/certs/"
ln -s /etc/ssl/certs "$dest/usr/lib/ssl/certs"
ln -s /etc/ssl/certs/ca-certificates.crt "$dest/usr/lib/ssl/cert.pem"
echo 'hosts: files dns' >"$dest/etc/nsswitch.conf"
echo 'nonroot:x:65532:65532::/:/none' >"$dest/etc/passwd"
echo 'nonroot:x:65532:' >"$dest/etc/group"
/sbin/ldconfig -r "$dest"

# The proof: in the new root, by its own loader, everything is found.
cp "$binary" "$dest/.program"
loader=$(grep -m1 -o '/lib[^ ]*/ld-linux[^ ]*' <<<"$libs")
found=$(chroot "$dest" "$loader" --list /.program 2>&1) || die "the program does not load in its image: $(tail -1 <<<"$found")"
rm "$dest/.program"
if grep -q 'not found' <<<"$found"; then die "the image lacks $(grep 'not found' <<<"$found" | xargs): check hack/images/program-rootfs.sh."; fi
