#!/usr/bin/env bash
# build.sh [TARGET...] : the C++ programs, configured by the preset PRESET (release) in build/PRESET; all targets when none is named.
# Prints a line for every tenth of the way; the whole output is in the build folder's build.log.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
preset=${PRESET:-release}
build=${BUILD_DIR:-$ROOT/build/$preset}
begun=$SECONDS
command -v cmake >/dev/null && command -v ninja >/dev/null || die "cmake or ninja is missing: run 'make deps' first."
{ mkdir -p "$build" && [ -w "$build" ]; } 2>/dev/null ||
  die "the build cannot be written to $build: run this as whoever the checkout belongs to, or point BUILD_DIR at a folder of yours."
(cd "$ROOT" && cmake --preset "$preset" -B "$build") >"$build/configure.log" 2>&1 ||
  { tail -15 "$build/configure.log" >&2; die "CMake could not configure the build; whole log: $build/configure.log."; }

# g++ takes about a gigabyte for the heaviest source: no more jobs than that allows.
jobs=${BUILD_JOBS:-$(nproc)}
gigabytes=$(awk '/MemAvailable/ { print int($2 / 1024 / 1024) }' /proc/meminfo)
[ "$jobs" -le "$((gigabytes > 1 ? gigabytes : 1))" ] || jobs=$((gigabytes > 1 ? gigabytes : 1))
targets=()
[ $# = 0 ] || targets=(--target "$@")

progress() { # every tenth of ninja's way, with the time
  awk -v log_file="$build/build.log" '
    { print > log_file; fflush(log_file) }
    match($0, /^\[[0-9]+\/[0-9]+\]/) {
      split(substr($0, 2, RLENGTH - 2), n, "/"); tenth = int(10 * n[1] / n[2])
      if (n[2] > 3 && tenth != last) { last = tenth; printf "    C++: %s of %s steps\n", n[1], n[2]; fflush() } }' >&2
}
NINJA_STATUS='[%f/%t] ' cmake --build "$build" --parallel "$jobs" "${targets[@]}" 2>&1 | progress ||
  { grep -A12 -m2 -E 'FAILED|error:' "$build/build.log" >&2 || tail -20 "$build/build.log" >&2
    die "the C++ build failed; whole log: $build/build.log."; }
say "    C++: built in $((SECONDS - begun)) s"
