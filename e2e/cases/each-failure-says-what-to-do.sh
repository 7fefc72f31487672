#!/usr/bin/env bash
# Whatever keeps a resource from working is said within ten seconds, by the right condition and reason and with what helps, and it is
# not said any longer when it is gone. One row a failure: cause, what is said, mend.
. "$(dirname "$0")/../lib.sh"

says() { # says CONDITION REASON TEXT
  is "False $2" k get promptsales shop -o jsonpath="{range .status.conditions[?(@.type=='$1')]}{.status} {.reason}{end}" &&
    [[ $(condition shop "$1" message) == *"$3"* ]]
}
says_otherwise() { [ "$(condition shop "$1" reason)" != "$2" ]; }

# row NAME CONDITION REASON TEXT CAUSE MEND : CAUSE and MEND are functions.
row() {
  note "--- $1"
  "$5" >/dev/null
  local begun=$SECONDS
  eventually "${SAYS_WITHIN:-10}" "$1: $2 is False, $3" says "$2" "$3" "$4"
  note "$(condition shop "$2" message)"
  "$6" >/dev/null
  eventually 60 "$1: $3 is gone" says_otherwise "$2" "$3"
  note "said and taken back in $((SECONDS - begun)) s"
}

spec() { k patch promptsales shop --type=merge -p "{\"spec\": $1}"; }
plain() { spec '{"image": null, "backend": null}'; }

cause_image() { spec '{"image": "registry.local/no-such-image:v0"}'; }
cause_crash() { spec '{"backend": {"env": [{"name": "PROMPTSALES_LOG_LEVEL", "value": "loud"}]}}'; }
cause_shortage() { spec '{"backend": {"resources": {"requests": {"cpu": "64"}}}}'; }
cause_config() { spec '{"backend": {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "no-such-secret", "key": "token"}}}]}}'; }
# The namespace has as many pods as it may have, and a changed setting needs one more.
cause_quota() {
  k create quota full --hard=pods="$(k get pods -o name | wc -l)"
  spec '{"backend": {"env": [{"name": "CHANGED", "value": "1"}]}}'
}
mend_quota() { k delete quota full; plain; }
cause_limit_range() {
  k apply -f - <<<'{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}, "spec": {"limits": [{"type": "Container", "max": {"memory": "16Mi"}}]}}'
  spec '{"backend": {"env": [{"name": "CHANGED", "value": "2"}]}}'
}
mend_limit_range() { k delete limitrange small; plain; }
cause_conflict() { # the child goes, and before it can come back there is one of somebody else
  spec '{"networkPolicy": {"enabled": false}}'
  k wait --for=delete networkpolicy/shop-cache --timeout=20s
  k apply -f - <<<'{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "shop-cache"}, "spec": {"podSelector": {}, "ingress": [{}]}}'
  spec '{"networkPolicy": null}'
}
mend_conflict() { k delete networkpolicy shop-cache; }

apply_promptsales shop
becomes_ready shop
row "the image does not exist" BackendAvailable ImagePullFailed registry.local/no-such-image:v0 cause_image plain
row "the program ends at once" BackendAvailable CrashLoop "exit code 1" cause_crash plain
row "no node has the room" BackendAvailable Unschedulable "Insufficient cpu" cause_shortage plain
row "a Secret that a variable names is missing" BackendAvailable ContainerConfigError no-such-secret cause_config plain
row "the quota is used up" BackendAvailable PodsRefused "exceeded quota" cause_quota mend_quota
row "a LimitRange forbids the size" BackendAvailable PodsRefused "maximum memory usage" cause_limit_range mend_limit_range
row "somebody else has the name" CacheReady NameConflict "NetworkPolicy $ns/shop-cache" cause_conflict mend_conflict
becomes_ready shop 90
