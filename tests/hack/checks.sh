# shellcheck shell=bash
# What the checks of hack/ share. A file of checks sources this, defines functions and ends in `check SENTENCE FUNCTION` lines.
#
# Every check runs in a process and an empty folder of its own, with a cache and a state folder in there. Its kubectl is a stand-in that
# writes down what it is asked and answers as the check wants. The engine is `existing`, which makes no cluster, unless a check takes
# another; so no cluster, no package server and no other cache is ever touched.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
hack=$root/hack
failures=0

# program NAME : the stand-in for a program; standard input says what it does, with its arguments in $*.
program() {
  # What is piped in is read to its end, or whoever writes it dies of that.
  { printf '#!/usr/bin/env bash\necho "%s $*" >>%q\n[[ "$*" != *"-f -"* ]] || cat >/dev/null\n' "$1" "$here/asked"; cat; } >"$PROMPTSALES_CACHE/tools/bin/$1"
  chmod +x "$PROMPTSALES_CACHE/tools/bin/$1"
}

# run COMMAND... : its exit code in $ended, all that it says in $said.
run() {
  ended=0
  said=$("$@" 2>&1 </dev/null) || ended=$?
}
wrong() {
  printf '    %s\n' "$@" "it said: $said" "asked were: $(cat "$here/asked" 2>/dev/null || echo nothing)" >&2
  exit 1
}
ends_with() { [ "$ended" = "$1" ] || wrong "it ended with $ended instead of $1"; }
says() { [[ $said == *"$1"* ]] || wrong "it does not say '$1'"; }
does_not_say() { [[ $said != *"$1"* ]] || wrong "it says '$1'"; }
has_asked() { grep -qF -- "$1" "$here/asked" || wrong "'$1' was not asked for"; }
has_not_asked() { ! grep -qsF -- "$1" "$here/asked" || wrong "'$1' was asked for"; }
gives_up_saying() { ends_with 64; says "$1"; } # one sentence that hack/lib/say.sh knows to be the person's

check() { # check SENTENCE FUNCTION
  local folder
  folder=$(mktemp -d)
  if (
    here=$folder
    unset CLUSTER_NAME IMAGE_REGISTRY OPERATOR_IMAGE BACKEND_IMAGE BUILD_DIR
    export CLUSTER_ENGINE=existing PROMPTSALES_CACHE=$folder/cache PROMPTSALES_STATE=$folder/state ARTIFACTS=$folder/artifacts
    export KUBECONFIG=$folder/kubeconfig TMPDIR=$folder
    mkdir -p "$PROMPTSALES_CACHE/tools/bin"
    : >"$KUBECONFIG"
    "$2"
  ); then echo "ok      $1"; else
    echo "FAILED  $1"
    failures=$((failures + 1))
  fi
  rm -rf "$folder"
}
trap 'rc=$?; [ "$rc" != 0 ] || [ "$failures" = 0 ] || exit 1' EXIT
