#!/usr/bin/env bash
# The bindings are Secrets in servicebinding.io form, mounted into the backend, and status names them.
. "$(dirname "$0")/../lib.sh"

apply_promptsales shop
becomes_ready shop

keys() { k get secret "$1" -o jsonpath='{.data}' | jq -r 'keys[]'; }
value() { k get secret "$1" -o jsonpath="{.data.$2}" | base64 -d; }
has_keys() { # has_keys SECRET KEY...
  local secret=$1 key
  shift
  for key; do keys "$secret" | grep -x "$key" >/dev/null || fail "Secret $secret lacks '$key'"; done
}
has_keys shop-database-binding type host port username password database uri
[ "$(value shop-database-binding type)" = postgresql ] || fail "the database binding is not of type postgresql"
has_keys shop-cache-binding type host port username password uri
[ "$(value shop-cache-binding type)" = redis ] || fail "the cache binding is not of type redis"
[ "$(k get secret shop-database-binding -o jsonpath='{.type}')" = servicebinding.io/postgresql ] ||
  fail "the Secret's own type is $(k get secret shop-database-binding -o jsonpath='{.type}')"

mounts=$(k get deployment shop-backend -o jsonpath='{.spec.template.spec.containers[?(@.name=="backend")].volumeMounts[*].mountPath}')
for mount in /bindings/database /bindings/cache; do
  [[ " $mounts " == *" $mount "* ]] || fail "the backend does not mount $mount, only: $mounts"
done

# A generated password is nowhere but in Secrets.
password=$(value shop-database-binding password)
[ ${#password} -ge 20 ] || fail "the password has only ${#password} characters"
if { k get configmaps,deployments,statefulsets,pods,promptsales -o yaml; k logs deployment/shop-backend; } | grep -F "$password" >/dev/null; then
  fail "the password is readable outside of Secrets"
fi
