#!/usr/bin/env bash
# debs.sh SUITE DEST PACKAGE... : unpack PACKAGEs of another Debian suite (trixie, sid) under DEST, downloaded by apt's own client
# with its signature check, in an apt state of its own. Installs nothing and changes no apt source of the machine.
# With PACKAGES_ALONE=1 (the default) only these packages come, not what they depend on: right for Go programs, which need libc only.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"

# The archives that this machine's apt already uses: mirrors, a cache or Debian's own. Cloud images name a file of mirrors, which
# counts as the first of them.
archives() {
  local uri
  apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | sort -u | while read -r uri; do
    case $uri in
      mirror+file:*) awk '/^[a-z]+:/ { print $1; exit }' "$(sed 's#^mirror+file:/*#/#; s#/$##' <<<"$uri")" ;;
      *) echo "$uri" ;;
    esac
  done
}
archive_uri() { archives | awk '/debian\/?$/ && !found { print; found = 1 }'; }
# Of fixes since the release. Where apt has none, it is looked for beside the archive, where Debian keeps it.
security_uri() {
  local uri
  uri=$(archives | awk '/debian-security\/?$/ && !found { print; found = 1 }')
  [ -n "$uri" ] || uri=$(archive_uri | sed 's#/*$#-security#')
  echo "$uri"
}

# apt_state DIR SUITE URI : an apt configuration that knows one suite and no installed package.
apt_state() {
  mkdir -p "$1/state/lists/partial" "$1/cache/archives/partial"
  : >"$1/status"
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
    "$3" "$2" >"$1/debian.sources"
  cat >"$1/apt.conf" <<CONF
Dir::State "$1/state";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
Dir::Etc::sourcelist "$1/debian.sources";
Dir::Etc::sourceparts "/dev/null";
APT::Sandbox::User "root";
CONF
}

case ${1:-} in
  --uri) archive_uri; exit ;;
  --security-uri) security_uri; exit ;;
  '') die "usage: debs.sh SUITE DEST PACKAGE..." ;;
esac
suite=$1 dest=$2
shift 2
uri=$(archive_uri)
[ -n "$uri" ] || die "apt on this machine has no Debian archive among its sources: add one to /etc/apt/sources.list.d and run 'apt-get update'."

# Unpacked beside DEST and moved there whole: a broken download leaves nothing half done behind.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
apt_state "$work" "$suite" "$uri"
export APT_CONFIG=$work/apt.conf
cd "$work"
{ apt-get -qq update && apt-get -qq download "$@"; } >"$work/log" 2>&1 ||
  { tail -3 "$work/log" >&2; die "apt could not download '$*' of Debian $suite: check the network and /etc/apt, then run this again."; }
mkdir -p "$work/root"
for d in "$work"/*.deb; do dpkg -x "$d" "$work/root"; done
rm -rf "$dest.new"
mkdir -p "$dest.new"
if [ -d "$dest" ]; then cp -a "$dest/." "$dest.new/"; fi # packages that are there stay
cp -a "$work/root/." "$dest.new/"
rm -rf "$dest"
mv -T "$dest.new" "$dest"
