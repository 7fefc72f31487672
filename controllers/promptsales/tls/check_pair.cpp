#include "controllers/promptsales/tls/check_pair.hpp"

#include <algorithm>
#include <optional>

#include "base/strings.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers::tls {
namespace {

using Chain = std::vector<Certificate>;

Failure wrong(std::string reason, std::string message) {
  return failure(Remedy::kRetryWithBackoff, std::move(reason), std::move(message));
}

/// An entry that has more in it than white space, or nothing.
const std::string* entry_of(const Entries& entries, const std::string& name) {
  const auto found = entries.find(name);
  if (found == entries.end()) return nullptr;
  return found->second.find_first_not_of(" \t\r\n") == std::string::npos ? nullptr : &found->second;
}

Result<Chain> certificates_in(const std::string& name, const std::string& pem) {
  auto chain = Certificate::parse_all(pem);
  if (!chain)
    return wrong(chain.error().reason, name + " cannot be read: " + chain.error().message +
                                           "; put PEM blocks BEGIN CERTIFICATE into it");
  if (chain->empty())
    return wrong("CertificateUnreadable",
                 name + " holds no block BEGIN CERTIFICATE: put the PEM form into it");
  return chain;
}

/// Each is signed by the next, and the last by a root if there are any. Returns that root.
Result<std::optional<Certificate>> root_of(const Chain& chain, const Chain& roots) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    if (!chain[i].is_signed_by(chain[i + 1]))
      return wrong("CertificateChainBroken",
                   "certificate " + std::to_string(i + 1) + " of tls.crt (" + chain[i].subject() +
                       ") is not signed by the one after it (" + chain[i + 1].subject() +
                       "): put the leaf first, then each issuer in order");
  if (roots.empty()) return std::nullopt;
  const Certificate& last = chain.back();
  const auto root = std::ranges::find_if(
      roots, [&](const Certificate& each) { return last == each || last.is_signed_by(each); });
  if (root == roots.end())
    return wrong("CertificateChainBroken", "the last certificate of tls.crt (" + last.subject() +
                                               ") is signed by none of ca.crt (" + roots.front().subject() +
                                               "): add the issuers between them to tls.crt, or mend ca.crt");
  return *root;
}

Result<WallTime> valid_until(const Chain& all, WallTime now) {
  WallTime end = WallTime::max();
  for (const Certificate& each : all) {
    if (now >= each.not_after())
      return wrong("CertificateExpired", "the certificate of " + each.subject() + " expired at " +
                                             k8s::time_text(each.not_after()) + ": renew it");
    if (now < each.not_before()) {
      auto early = wrong("CertificateNotYetValid", "the certificate of " + each.subject() +
                                                       " is valid from " + k8s::time_text(each.not_before()) +
                                                       " on only: wait, or check the clocks");
      early.error().retry_after = std::chrono::ceil<std::chrono::milliseconds>(each.not_before() - now);
      return early;
    }
    end = std::min(end, each.not_after());
  }
  return end;
}

Result<void> check_hosts(const Certificate& leaf, const std::vector<std::string>& hosts) {
  for (const std::string& host : hosts) {
    if (leaf.covers(host)) continue;
    const auto names = leaf.dns_names();
    return wrong("CertificateNameMismatch",
                 "the certificate is not for " + host + ": its names are " +
                     (names.empty() ? "none" : join(names, ", ")) +
                     "; issue one with that name among its subject alternative names");
  }
  return {};
}

}  // namespace

Result<Checked> check_pair(const Entries& entries, const std::vector<std::string>& hosts, WallTime now) {
  for (const char* needed : {"tls.crt", "tls.key"})
    if (!entry_of(entries, needed))
      return wrong("CertificateIncomplete",
                   std::string{needed} + " is missing or empty: a certificate needs tls.crt and tls.key");

  auto chain = certificates_in("tls.crt", *entry_of(entries, "tls.crt"));
  if (!chain) return Failure{chain.error()};
  const auto key = PrivateKey::parse(*entry_of(entries, "tls.key"));
  if (!key) return wrong(key.error().reason, "tls.key cannot be read: " + key.error().message);
  Chain roots;
  if (const auto* ca = entry_of(entries, "ca.crt")) {
    auto parsed = certificates_in("ca.crt", *ca);
    if (!parsed) return Failure{parsed.error()};
    roots = *std::move(parsed);
  }

  const Certificate leaf = chain->front();
  if (!leaf.belongs_to(*key))
    return wrong("CertificateKeyMismatch", "tls.key is not the key of the first certificate of tls.crt (" +
                                               leaf.subject() +
                                               "): write both from the same order, leaf first");
  const auto root = root_of(*chain, roots);
  if (!root) return Failure{root.error()};
  Chain all = *std::move(chain);
  if (*root) all.push_back(**root);
  const auto end = valid_until(all, now);
  if (!end) return Failure{end.error()};
  if (auto covered = check_hosts(leaf, hosts); !covered) return Failure{covered.error()};
  return Checked{leaf, *end};
}

}  // namespace promptsales::controllers::tls
