# shellcheck shell=bash
# What the scripts in hack/ say to a person, and how they give up. Sourced; prints to standard error, so that standard output
# stays free for results (a path, a kubeconfig).

say() { printf '%s\n' "$*" >&2; }

# die SENTENCE... : one sentence that says what is wrong and what to do about it. Its exit code, kDied, tells callers that the
# sentence has been said.
readonly kDied=64
die() {
  printf 'error: %s\n' "$*" >&2
  exit $kDied
}

# A command that nobody expected to fail ends a script under `set -e` without a word: then at least say where.
unexpected() { # unexpected CODE LINE COMMAND
  [ "$1" = $kDied ] || printf 'error: %s, line %s: "%s" ended with %s\n' "$0" "$2" "$3" "$1" >&2
}
set -E
trap 'unexpected $? $LINENO "$BASH_COMMAND"' ERR

# Steps of a long command: number, title, and the time since the command began.
steps_begin() { # steps_begin TOTAL
  STEP_TOTAL=$1 STEP_NUMBER=0 STEP_START=$SECONDS
}
step() { # step TITLE...
  STEP_NUMBER=$((STEP_NUMBER + 1))
  printf '[%d/%d %s] %s\n' "$STEP_NUMBER" "$STEP_TOTAL" "$(elapsed)" "$*" >&2
}
elapsed() { # minutes and seconds since steps_begin (or since the script began)
  local s=$((SECONDS - ${STEP_START:-0}))
  printf '%02d:%02d' $((s / 60)) $((s % 60))
}

# wait_until SECONDS COMMAND... : poll four times a second until the command succeeds; 1 when the time is over.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.25
  done
}
