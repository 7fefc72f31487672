#include "controllers/promptsales/bindings/provider.hpp"

#include <array>

namespace promptsales::controllers::bindings {
namespace {

std::string_view type_of(const Inputs& inputs, Component component) {
  const auto& [database, cache, messaging] =
      std::tie(inputs.effective.database.type, inputs.effective.cache.type, inputs.effective.messaging.type);
  switch (component) {
    case Component::kDatabase:
      return database ? text_of(*database) : "";
    case Component::kCache:
      return cache ? text_of(*cache) : "";
    case Component::kMessaging:
      return text_of(messaging);
    case Component::kBackend:
    case Component::kTls:
    case Component::kMigration:
    case Component::kTask:
      break;
  }
  return "";
}

}  // namespace

std::span<const Provider* const> all_providers() {
  static constexpr std::array kProviders{
#define PROVIDER(name) &providers::name,
#include "controllers/promptsales/bindings/providers.def"
#undef PROVIDER
  };
  return kProviders;
}

const Provider* provider_of(const Inputs& inputs, Component component) {
  const auto type = type_of(inputs, component);
  for (const Provider* each : all_providers())
    if (each->component == component && each->type == type) return each;
  return nullptr;
}

}  // namespace promptsales::controllers::bindings
