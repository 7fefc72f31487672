# shellcheck shell=bash
# How long `make demo` and `make test` took, kept for `make bench` (bench/commands.py), which never runs them again. Sourced, after
# say.sh and paths.sh. One file a command and state in $PROMPTSALES_CACHE/times; the newest run that succeeded replaces the one before.

# times_begin BUILD-FOLDER : how much was built already when the command began: nothing, everything, or some of it.
times_begin() {
  TIMES_BUILD=$1 TIMES_BEGUN=$SECONDS TIMES_STATE=some
  if [ ! -e "$1/build.ninja" ] && [ ! -e "$TOOLS_BIN/kubectl" ]; then TIMES_STATE=nothing; fi
  if [ -e "$1/build.ninja" ] && [ -e "$TOOLS_BIN/kubectl" ]; then TIMES_STATE=everything; fi
}
# times_end COMMAND : the command has succeeded. Only the local engine builds and makes all there is; other figures would not compare.
times_end() {
  [ "$CLUSTER_ENGINE" = local ] || return 0
  # What ninja still had to do was not built.
  [ "$TIMES_STATE" != everything ] || grep -q 'no work to do' "$TIMES_BUILD/build.log" || TIMES_STATE=some
  mkdir -p "$PROMPTSALES_CACHE/times"
  printf '{"command": "%s", "built": "%s", "seconds": %d, "on": "%s"}\n' \
    "$1" "$TIMES_STATE" $((SECONDS - TIMES_BEGUN)) "$(date -u +'%Y-%m-%d %H:%M UTC')" >"$PROMPTSALES_CACHE/times/${1// /-}.$TIMES_STATE.json"
}
