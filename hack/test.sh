#!/usr/bin/env bash
# test.sh [unit] [integration] [e2e] : the tests with these labels, all of them when none is named. `make test`.
#
# Integration tests run against a real API server and etcd, end-to-end cases on a real one-node cluster with the images built here;
# ctest brings both up and down as fixtures. One ctest call, one summary, JUnit and logs in _artifacts/.
#   CTEST_ARGS         further arguments, for instance CTEST_ARGS='-R becomes-ready'
#   TEST_JOBS=4       tests at a time: most of what they do is wait for a cluster
#   PRESERVE_CLUSTER=true   keep the clusters after the run
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/paths.sh"
. "$here/lib/side-by-side.sh"
. "$here/lib/operator-there.sh"
. "$here/lib/times.sh"
[ $# -gt 0 ] || set -- unit integration e2e
for label; do [[ $label =~ ^(unit|integration|e2e)$ ]] || die "there are no tests '$label': name unit, integration or e2e, or nothing for all of them."; done
export CLUSTER_ENGINE=${CLUSTER_ENGINE:-local}
export WITH_NATS=1 WITH_DEFINITIONS=1 # the demo does without; tests do not
# Integration tests play the part of the cluster's controllers and remove the CRD in passing: nothing to do to a cluster in use.
kept=()
for label; do
  [ "$CLUSTER_ENGINE" != local ] && [ "$label" = integration ] || kept+=("$label")
done
[ ${#kept[@]} -gt 0 ] || die "integration tests need an API server of their own: run them with CLUSTER_ENGINE=local."
[ ${#kept[@]} = $# ] || say "integration tests are left out: they need an API server of their own, which only CLUSTER_ENGINE=local makes"
set -- "${kept[@]}"
labels=$(IFS='|'; echo "$*")
preset=${PRESET:-release}
build=${BUILD_DIR:-$ROOT/build/$preset}
needs_cluster=true # and so the programs of the local one
[[ $CLUSTER_ENGINE == local && ($labels == *integration* || $labels == *e2e*) ]] || needs_cluster=false
export OPERATOR_BINARY=$build/operator/promptsales-operator BACKEND_BINARY=$build/backend/promptsales-backend

{ mkdir -p "$ARTIFACTS" && [ -w "$ARTIFACTS" ]; } 2>/dev/null ||
  die "reports cannot be written to $ARTIFACTS: run this as whoever the checkout belongs to, or point ARTIFACTS at a folder of yours."
# Nothing but the result: what an earlier run left would be read as this one's.
rm -rf "${ARTIFACTS:?}"/{ctest.xml,ctest.log,e2e,cluster,control-plane}
steps_begin 4
times_begin "$build"

step "checking the machine, installing what is missing"
if [[ $labels == *integration* || $labels == *e2e* ]]; then "$here/cluster.sh" check; fi
if [[ $labels == *e2e* ]]; then
  "$here/deploy.sh" check
  [ "$CLUSTER_ENGINE" != existing ] || tests_may_use_the_cluster
fi
if $needs_cluster; then "$here/install-deps.sh" build cluster test; else "$here/install-deps.sh" build test; fi

step "building the C++ programs and tests$($needs_cluster && echo ', and beside them the Kubernetes programs')"
programs=(all all_verify_interface_header_sets) # the second is the test `headers`, which would compile beside the others
if $needs_cluster; then build_side_by_side "${programs[@]}"; else "$here/build.sh" "${programs[@]}"; fi

step "images"
if [[ $labels == *e2e* ]]; then "$here/deploy.sh" images; fi

step "tests: ${labels//|/, }"
failed=0
# shellcheck disable=SC2086 # CTEST_ARGS is a list of arguments
(cd "$build" && ctest --output-on-failure --no-tests=error -j "${TEST_JOBS:-4}" -L "^($labels)\$" \
  --output-junit "$ARTIFACTS/ctest.xml" --output-log "$ARTIFACTS/ctest.log" ${CTEST_ARGS:-}) || failed=$?
if [ $failed = 0 ] && [ $# = 3 ] && [ -z "${CTEST_ARGS:-}" ] && [ "$preset" = release ]; then times_end "make test"; fi
if [ $failed != 0 ]; then say "logs, objects and the test report are in $ARTIFACTS"; fi
say "finished after $(elapsed)"
exit $failed
