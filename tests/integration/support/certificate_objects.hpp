#pragma once

#include <string>

#include "base/strings.hpp"
#include "operator/k8s/object.hpp"
#include "tests/support/certificates.hpp"

namespace promptsales::testing {

/// The entries of a Secret as the API has it; empty if it is null.
inline controllers::tls::Entries entries_in(const k8s::Json& secret) {
  controllers::tls::Entries entries;
  if (const auto* data = k8s::at_path(secret, {"data"}))
    for (const auto& [name, value] : data->items())
      entries[name] = base64_decode(value.get<std::string>()).value_or("");
  return entries;
}

/// A Secret of a user with these entries.
inline k8s::Object a_tls_secret(const std::string& name, const controllers::tls::Entries& entries) {
  k8s::Json data = k8s::Json::object();
  for (const auto& [entry, value] : entries) data[entry] = base64_encode(value);
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", {{"name", name}}},
          {"type", "Opaque"},  // type kubernetes.io/tls takes nothing half written
          {"data", data}};
}

}  // namespace promptsales::testing
