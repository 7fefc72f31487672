#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "controllers/promptsales/tls/issue.hpp"
#include "controllers/promptsales/tls/material.hpp"

namespace promptsales::testing {

/// The value of a call that must not fail here.
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

/// A CA of resource shop/demo.
inline controllers::tls::Issued a_ca(controllers::tls::WallTime now, std::int64_t generation = 1) {
  return must(controllers::tls::make_authority({"shop", "demo", "uid", generation}, now));
}

/// A certificate of that CA for these hosts.
inline controllers::tls::Issued a_leaf(const controllers::tls::Issued& ca, controllers::tls::WallTime now,
                                       std::vector<std::string> hosts = {"demo-backend.shop.svc"}) {
  return must(controllers::tls::make_leaf(ca, {"demo-backend", std::move(hosts), "spiffe://a/b"}, now));
}

/// The certificate in a PEM text that has one.
inline controllers::tls::Certificate certificate_in(const std::string& pem) {
  return must(controllers::tls::Certificate::parse_all(pem)).at(0);
}

/// The entries of a Secret of type kubernetes.io/tls.
inline controllers::tls::Entries entries_of(const controllers::tls::Issued& leaf) {
  return {{"tls.crt", leaf.certificate.pem()}, {"tls.key", leaf.key.pem()}};
}

}  // namespace promptsales::testing
