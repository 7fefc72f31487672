#include "controllers/promptsales/tls/authorities.hpp"

#include <algorithm>

namespace promptsales::controllers::tls {
namespace {

std::optional<Certificate> ca_in(const Entries& secret, const std::string& name) {
  const auto entry = secret.find(name);
  if (entry == secret.end()) return std::nullopt;
  const auto parsed = Certificate::parse_all(entry->second);
  if (!parsed || parsed->size() != 1 || !parsed->front().is_ca()) return std::nullopt;
  return parsed->front();
}

std::optional<Authority> authority_in(const Entries& secret, const std::string& name) {
  auto certificate = ca_in(secret, name + ".crt");
  if (!certificate) return std::nullopt;
  Authority authority{*std::move(certificate), std::nullopt};
  if (const auto entry = secret.find(name + ".key"); entry != secret.end())
    if (auto key = PrivateKey::parse(entry->second); key && authority.certificate.belongs_to(*key))
      authority.key = *std::move(key);
  return authority;
}

}  // namespace

std::string Authorities::bundle() const {
  return (next ? next->certificate.pem() : "") + current.certificate.pem() + (old ? old->pem() : "");
}

std::int64_t Authorities::newest() const {
  const auto current_one = generation_of(current.certificate);
  return next ? std::max(current_one, generation_of(next->certificate)) : current_one;
}

Entries entries_of(const Authorities& authorities) {
  const auto& [current, next, old] = authorities;
  Entries entries{{"ca.crt", current.certificate.pem()}};
  if (current.key) entries["ca.key"] = current.key->pem();
  if (next) entries["next-ca.crt"] = next->certificate.pem();
  if (next && next->key) entries["next-ca.key"] = next->key->pem();
  if (old) entries["old-ca.crt"] = old->pem();
  return entries;
}

std::optional<Authorities> authorities_in(const Entries& secret) {
  auto current = authority_in(secret, "ca");
  if (!current) return std::nullopt;
  Authorities found{*std::move(current), authority_in(secret, "next-ca"), ca_in(secret, "old-ca.crt")};
  if (found.next && !found.next->key) found.next.reset();
  if (found.next) found.old.reset();
  return found;
}

}  // namespace promptsales::controllers::tls
