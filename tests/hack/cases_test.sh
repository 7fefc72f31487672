#!/usr/bin/env bash
# What an end-to-end case ends with, whatever it has to clear away: ctest knows by it whether the case has passed, failed or been left out.
. "$(dirname "$0")/checks.sh"

a_case() { # a_case : runs a case of the lines of standard input, on a cluster that says nothing
  program kubectl </dev/null
  { echo ". '$root/e2e/lib.sh'"; echo 'at_end() { echo cleared away; false; }'; cat; } >"$here/a-case.sh"
  run bash "$here/a-case.sh"
}
it_cleared_away() {
  says 'cleared away'
  has_asked 'delete namespace e2e-a-case'
}

a_case_that_fails() {
  local line
  for line in false 'fail "it does not"' 'is 1 echo 2' 'bash -c "exit 77"'; do # 77: so does curl end
    a_case <<<"$line"
    ends_with 1
    says '--- everything else'
    it_cleared_away
  done
}
a_case_that_passes() {
  a_case <<<'true'
  ends_with 0
  does_not_say '--- everything else'
  it_cleared_away
}
a_case_that_is_left_out() {
  a_case <<<'left_out "needs another cluster"'
  ends_with 77
  says 'left out: needs another cluster'
  does_not_say '--- everything else'
  it_cleared_away
}
no_case_has_a_trap() { # the exit code would be lost
  run grep -lE '^ *trap ' "$root"/e2e/cases/*.sh
  ends_with 1
}

check "A case that fails has failed, and keeps the evidence" a_case_that_fails
check "A case that passes has passed" a_case_that_passes
check "A case that is left out has neither passed nor failed" a_case_that_is_left_out
check "No case sets a trap of its own" no_case_has_a_trap
