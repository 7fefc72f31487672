# shellcheck shell=bash
# The two long builds at once: one waits for downloads and links while the other compiles. Sourced.

# build_side_by_side [TARGET...] : the Kubernetes programs in the background, the C++ TARGETs in front. When the
# C++ build fails, or the person gives up, the other is ended too; when the other fails, that is said at the end as well.
build_side_by_side() {
  # A process group of its own, so that its compilers can be ended with it.
  setsid "$ROOT/hack/build-tools.sh" 2> >(sed 's/^/    /' >&2) &
  TOOLS_GROUP=$!
  trap end_tools EXIT
  trap 'exit 130' INT TERM
  "$ROOT/hack/build.sh" "$@"
  if kill -0 "$TOOLS_GROUP" 2>/dev/null; then say "    waiting for the Kubernetes programs"; fi
  wait "$TOOLS_GROUP" || die "the Kubernetes programs could not be built: their line above that begins with 'error:' says why."
  trap - EXIT INT TERM
}
end_tools() { kill -- "-$TOOLS_GROUP" 2>/dev/null || true; }
