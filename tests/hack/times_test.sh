#!/usr/bin/env bash
# The times of `make demo` and `make test` are noted by what was built when they began, and `make bench` prints them.
. "$(dirname "$0")/checks.sh"

figures() { run "$root/bench/commands.py" "$PROMPTSALES_CACHE/times"; }
a_run() { # a_run COMMAND BEFORE NINJA-SAYS
  (
    export CLUSTER_ENGINE=local
    . "$hack/lib/say.sh"
    . "$hack/lib/paths.sh"
    . "$hack/lib/times.sh"
    mkdir -p "$here/build"
    rm -f "$here/build/build.ninja" "$TOOLS_BIN/kubectl"
    if [ "$2" = built ]; then touch "$here/build/build.ninja" "$TOOLS_BIN/kubectl"; fi
    unset SECONDS # a clock that stands still
    SECONDS=100
    times_begin "$here/build"
    echo "$3" >"$here/build/build.log"
    SECONDS=175
    times_end "$1"
  )
}

before_any_run() {
  figures
  ends_with 0
  says 'make demo, from nothing: not run here yet'
}
from_nothing() {
  a_run 'make demo' unbuilt '[9/9] Linking'
  figures
  ends_with 0
  says "make demo, from nothing ($(date -u +%Y-)"
  says '75.0 s    target 1800   fail above 1800   target'
  says 'make demo, everything built: not run here yet'
}
too_slow_with_everything_built() {
  a_run 'make demo' built 'ninja: no work to do.'
  figures
  ends_with 1
  says '75.0 s    target 60     fail above 60     FAIL'
}
not_everything_was_built() {
  a_run 'make test' built '[2/2] Linking'
  figures
  ends_with 0
  says 'make test, everything built: not run here yet'
}

check "Before any run there is nothing to say" before_any_run
check "A run from nothing" from_nothing
check "A run with everything built, above its line" too_slow_with_everything_built
check "A run that had to build some of it is neither" not_everything_was_built
