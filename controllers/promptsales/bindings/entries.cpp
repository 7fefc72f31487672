#include "controllers/promptsales/bindings/entries.hpp"

#include "base/strings.hpp"

namespace promptsales::controllers::bindings {

k8s::Json secret_data(const Entries& entries) {
  k8s::Json data = k8s::Json::object();
  for (const auto& [name, value] : entries) data[name] = base64_encode(value);
  return data;
}

Entries entries_in(const k8s::Json& secret) {
  Entries entries;
  const k8s::Json* data = k8s::at_path(secret, {"data"});
  if (!data || !data->is_object()) return entries;
  for (const auto& [name, value] : data->items())
    if (auto decoded = value.is_string() ? base64_decode(value.get_ref<const std::string&>()) : std::nullopt)
      entries.emplace(name, std::move(*decoded));
  return entries;
}

std::string value_of(const Entries& entries, const std::string& name) {
  const auto found = entries.find(name);
  return found == entries.end() ? "" : found->second;
}

}  // namespace promptsales::controllers::bindings
