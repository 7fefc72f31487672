#!/usr/bin/env bash
# A backend image that does not exist makes Ready false, and the message names the image; putting it right makes it Ready.
. "$(dirname "$0")/../lib.sh"

image=registry.local/no-such-image:v0
says_why() { [ "$(condition shop Ready status)" = False ] && [[ $(condition shop Ready message) == *"$image"* || $(condition shop Ready message) == *Image* ]]; }

apply_promptsales shop "image: $image"
eventually 90 "Ready is False and tells of the image" says_why
note "$(condition shop Ready reason): $(condition shop Ready message)"
[ "$(k get promptsales shop -o jsonpath='{.status.observedGeneration}')" = "$(k get promptsales shop -o jsonpath='{.metadata.generation}')" ] ||
  fail "the status is about an older spec"

k patch promptsales shop --type=json -p '[{"op": "remove", "path": "/spec/image"}]'
becomes_ready shop
