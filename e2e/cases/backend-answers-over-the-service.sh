#!/usr/bin/env bash
# What is posted through the Service comes back through the Service, from the database.
. "$(dirname "$0")/../lib.sh"

apply_promptsales shop
becomes_ready shop
eventually 20 "the backend answers GET /v1/campaigns" answers shop

created=$(request shop POST /v1/campaigns '{"name": "Spring sale", "channels": ["email"]}')
note "$created"
id=$(jq -re .id <<<"$created") || fail "the answer to POST has no id: $created"
eventually 10 "the campaign is listed" has_campaign shop "$id"

# Bad input is refused with the name of the field, and nothing is stored.
if refused=$(request shop POST /v1/campaigns '{"name": ""}'); then fail "an empty name was accepted: $refused"; fi
[[ $refused == *name* ]] || fail "the refusal does not name the field: $refused"
[ "$(request shop GET /v1/campaigns | jq '.items | length')" = 1 ] || fail "there is another campaign than the one that was accepted: $(request shop GET /v1/campaigns)"
