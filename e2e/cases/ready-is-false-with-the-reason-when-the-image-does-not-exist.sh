#!/usr/bin/env bash
# A backend image that does not exist makes Ready false, with the reason ImagePullFailed and a message that names the image; putting it
# right makes it Ready.
. "$(dirname "$0")/../lib.sh"

image=registry.local/no-such-image:v0
says_why() {
  is False condition shop Ready status && is ImagePullFailed condition shop Ready reason && [[ $(condition shop Ready message) == *"$image"* ]]
}

apply_promptsales shop "image: $image"
eventually 90 "Ready is False and names the image that cannot be pulled" says_why
note "$(condition shop Ready reason): $(condition shop Ready message)"
[ "$(k get promptsales shop -o jsonpath='{.status.observedGeneration}')" = "$(k get promptsales shop -o jsonpath='{.metadata.generation}')" ] ||
  fail "the status is about an older spec"

k patch promptsales shop --type=json -p '[{"op": "remove", "path": "/spec/image"}]'
becomes_ready shop
