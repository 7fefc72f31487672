#include "controllers/promptsales/tls/given_bundle.hpp"

#include <algorithm>

#include "controllers/promptsales/tls/x509.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers::tls {
namespace {

constexpr const char* kAll = "ca.crt";
constexpr const char* kOwn = "own-ca.crt";

Failure invalid(std::string message) {
  return failure(Remedy::kWaitForChange, "CABundleInvalid", std::move(message));
}

}  // namespace

Result<GivenBundle> check_bundle(std::string_view text, Clock::WallTime now) {
  const auto found = Certificate::parse_all(text);
  if (!found)
    return invalid("cannot be read: " + found.error().message + "; put PEM blocks BEGIN CERTIFICATE into it");
  if (found->empty()) return invalid("holds no block BEGIN CERTIFICATE: put the PEM form of the CAs into it");
  std::vector<Certificate> each;
  for (const Certificate& certificate : *found) {
    if (!certificate.is_ca())
      return invalid("holds the certificate of " + certificate.subject() +
                     ", which is no CA: put the CA that signed it in its place");
    if (std::ranges::find(each, certificate) == each.end()) each.push_back(certificate);
  }
  GivenBundle bundle{.pem = {}, .not_after = {}};
  for (const Certificate& certificate : each) {
    bundle.pem += certificate.pem();
    bundle.not_after = std::max(bundle.not_after, certificate.not_after());
  }
  if (bundle.pem.size() > kLargestBundle)
    return invalid("is larger than " + std::to_string(kLargestBundle / 1024) +
                   " KiB: leave out CAs that nothing here is signed by");
  if (now >= bundle.not_after)
    return failure(Remedy::kWaitForChange, "CABundleExpired",
                   "holds only CAs that have ended, the last at " + k8s::time_text(bundle.not_after) +
                       ": put those that follow them into it");
  return bundle;
}

k8s::Json bundle_data(const std::string& own, const std::string& given) {
  k8s::Json data{{kAll, own + given}};
  if (!given.empty()) data[kOwn] = own;
  return data;
}

std::string own_part(const k8s::Json& config_map) {
  const std::string all = k8s::string_at(config_map, {"data", kAll});
  return k8s::string_at(config_map, {"data", kOwn}, all);
}

std::string given_part(const k8s::Json& config_map) {
  const std::string all = k8s::string_at(config_map, {"data", kAll});
  const std::string own = own_part(config_map);
  return all.starts_with(own) ? all.substr(own.size()) : "";
}

}  // namespace promptsales::controllers::tls
