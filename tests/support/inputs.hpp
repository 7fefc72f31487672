#pragma once

#include <map>
#include <string>

#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "tests/support/a_promptsales.hpp"

namespace promptsales::testing {

/// Passwords that occur nowhere by chance, and that are encoded differently in base64, URIs and JSON.
inline constexpr const char* kDatabasePassword = "database/pass+word\"1";
inline constexpr const char* kCachePassword = "cache/pass+word\"2";
inline constexpr const char* kMessagingPassword = "messagingPassWord3";
inline constexpr const char* kLeafKey = "leaf/private+key\"3";
inline constexpr const char* kCaKey = "ca/private+key\"4";

/// Certificates as children hold them: texts that stand for PEM, and that occur nowhere by chance.
inline controllers::tls::Material some_certificates() {
  return {.leaf = {{"tls.crt", "leaf/certificate+text"},
                   {"tls.key", kLeafKey},
                   {"ca.crt", "ca/certificate+text"}},
          .authorities = {{"ca.crt", "ca/certificate+text"}, {"ca.key", kCaKey}},
          .bundle = "ca/certificate+text",
          .renewed = "",
          .replaced = "",
          .generations = {1, 1}};
}

/// Inputs with what an embedded service has, made up, and something bound where others provide it.
inline void bind_all(controllers::Inputs& inputs) {
  using controllers::Component;
  const auto& effective = inputs.effective;
  if (effective.database.type) inputs.database = {"promptsales", kDatabasePassword};
  if (effective.cache.type) inputs.cache = {"default", kCachePassword};
  if (effective.database.type)
    inputs.bindings[Component::kDatabase] = controllers::bindings::embedded_database(inputs);
  if (effective.cache.type)
    inputs.bindings[Component::kCache] = controllers::bindings::embedded_cache(inputs);
  if (effective.messaging.type != controllers::MessagingType::kNone) {
    inputs.messaging = {"promptsales", kMessagingPassword};
    inputs.bindings[Component::kMessaging] = controllers::bindings::embedded_messaging(inputs);
  }
  using controllers::bindings::has_login_of_ours;
  if (!has_login_of_ours(inputs, Component::kDatabase)) inputs.database.reset();
  if (!has_login_of_ours(inputs, Component::kCache)) inputs.cache.reset();
  if (effective.messaging.type != controllers::MessagingType::kEmbedded) inputs.messaging.reset();
}

/// What desired() gets for this resource when its embedded services have their credentials.
inline controllers::Inputs inputs_for(const controllers::PromptSales& app) {
  controllers::Inputs inputs;
  inputs.app = app;
  inputs.images = {"registry.example/backend:1", "registry.example/postgres:17",
                   "registry.example/valkey:8.1", "registry.example/nats:2.14"};
  inputs.effective = controllers::effective(app, inputs.images.backend);
  bind_all(inputs);
  if (inputs.effective.tls != controllers::TlsType::kDisabled) inputs.tls = some_certificates();
  if (inputs.effective.tls == controllers::TlsType::kCertManager)
    inputs.tls_order =
        controllers::tls::Order{.issuer = "ca", .dns_names = {"demo-backend"}, .uris = {"spiffe://a/b"}};
  return inputs;
}

/// The same for resource shop/demo with this spec in YAML: inputs_of("tier: MVP").
inline controllers::Inputs inputs_of(const std::string& spec) { return inputs_for(a_promptsales(spec)); }

/// Every object that is to exist, by the name of its child in children.def.
inline std::map<std::string, controllers::Object> objects_of(const controllers::Inputs& inputs) {
  std::map<std::string, controllers::Object> objects;
  for (const auto* child : controllers::all_children())
    if (auto object = child->desired(inputs)) objects.emplace(child->id, *std::move(object));
  return objects;
}

/// The object of a child that must be there.
inline controllers::Object object_of(const controllers::Child& child, const controllers::Inputs& inputs) {
  auto object = child.desired(inputs);
  if (!object) throw std::runtime_error(std::string{child.id} + " is not to exist for this resource");
  return *std::move(object);
}

}  // namespace promptsales::testing
