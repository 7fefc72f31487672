#include "controllers/promptsales/ownership.hpp"

#include <algorithm>
#include <chrono>

#include "operator/k8s/kind.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers {
namespace {

constexpr auto kClockDifference = std::chrono::minutes{1};

}  // namespace

bool is_older(const k8s::Json& object, const PromptSales& app) {
  const auto made = k8s::parse_time(k8s::string_at(object, {"metadata", "creationTimestamp"}));
  const auto owner_made = k8s::parse_time(app.created);
  return made && owner_made && *made + kClockDifference < *owner_made;
}

bool is_of_a_predecessor(const k8s::Json& object, const PromptSales& app) {
  const k8s::Json* owners = k8s::at_path(object, {"metadata", "ownerReferences"});
  if (!owners || !owners->is_array()) return false;
  return std::ranges::any_of(*owners, [&](const k8s::Json& owner) {
    return k8s::string_at(owner, {"kind"}) == k8s::kinds::kPromptSales.kind &&
           k8s::string_at(owner, {"name"}) == app.key.name && k8s::string_at(owner, {"uid"}) != app.uid;
  });
}

bool was_reported_on(const PromptSales& app) {
  return k8s::integer_at(app.status, {"observedGeneration"}, -1) >= 0;
}

}  // namespace promptsales::controllers
