#include "controllers/promptsales/bindings/embedded.hpp"

#include "base/check.hpp"
#include "base/strings.hpp"
#include "controllers/promptsales/metadata.hpp"

namespace promptsales::controllers::bindings {
namespace {

/// Without the cluster's own domain, which is not the same everywhere: pods complete it by their search list.
std::string host_of(const Inputs& inputs, Component component) {
  return child_name(inputs.app, component) + "." + inputs.app.key.namespace_ + ".svc";
}

}  // namespace

Entries embedded_database(const Inputs& inputs) {
  PS_CHECK(inputs.database);
  const auto& [user, password] = *inputs.database;
  const std::string host = host_of(inputs, Component::kDatabase);
  const std::string port = std::to_string(kDatabasePort);
  const std::string database{kDatabaseName};
  return {{"type", "postgresql"},
          {"provider", "embedded"},
          {"host", host},
          {"port", port},
          {"username", user},
          {"password", password},
          {"database", database},
          {"dbname", database},
          {"sslmode", "disable"},
          {"uri", "postgresql://" + percent_encode(user) + ":" + percent_encode(password) + "@" + host + ":" +
                      port + "/" + database + "?sslmode=disable"}};
}

Entries embedded_cache(const Inputs& inputs) {
  PS_CHECK(inputs.cache);
  const auto& [user, password] = *inputs.cache;
  const std::string host = host_of(inputs, Component::kCache);
  const std::string port = std::to_string(kCachePort);
  const std::string uri =
      "redis://" + percent_encode(user) + ":" + percent_encode(password) + "@" + host + ":" + port + "/0";
  return {{"type", "redis"},  {"provider", "embedded"}, {"host", host},   {"port", port},
          {"username", user}, {"password", password},   {"ssl", "false"}, {"uri", uri},
          {"url", uri}};
}

Json secret_data(const Entries& entries) {
  Json data = Json::object();
  for (const auto& [name, value] : entries) data[name] = base64_encode(value);
  return data;
}

}  // namespace promptsales::controllers::bindings
