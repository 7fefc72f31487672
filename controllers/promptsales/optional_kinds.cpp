#include "controllers/promptsales/optional_kinds.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "controllers/promptsales/bindings/kinds.hpp"

namespace promptsales::controllers {

std::span<const OptionalKind> optional_kinds() {
  using namespace bindings;
  static constexpr std::string_view kRead = "get, list, watch";
  static const k8s::Keep conditions{"kind", "metadata.name", "metadata.namespace", "status.conditions"};
  // Clusters of others too, as a resource may have its database in one of them.
  static const std::vector<OptionalKind> kKinds{
      {.kind = k8s::kinds::kCertificate, .provider = "cert-manager"},
      {k8s::kinds::kIssuer, "cert-manager", /*watch_all=*/true, conditions, kRead},
      {k8s::kinds::kClusterIssuer, "cert-manager", /*watch_all=*/true, conditions, kRead},
      {.kind = kCnpgCluster, .provider = "cloudnative-pg", .watch_all = true},
      {.kind = kCnpgPooler, .provider = "cloudnative-pg"},
      {.kind = kCnpgDatabase, .provider = "cloudnative-pg"},
      {.kind = kCnpgRole, .provider = "cloudnative-pg"},
      {.kind = kDbInstance, .provider = "ack"},
      {.kind = kReplicationGroup, .provider = "ack"},
      {.kind = kSqlInstance, .provider = "config-connector"},
      {.kind = kSqlDatabase, .provider = "config-connector"},
      {.kind = kSqlUser, .provider = "config-connector"},
      {.kind = kRedisInstance, .provider = "config-connector"},
      {.kind = kFlexibleServer, .provider = "azure-service-operator"},
      {.kind = kFlexibleDatabase, .provider = "azure-service-operator"},
      {.kind = kAzureRedis, .provider = "azure-service-operator"},
  };
  return kKinds;
}

std::string_view type_that_needs(const k8s::Kind& kind) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTypes{
      {{"cert-manager", "CertManager"},
       {"cloudnative-pg", "CloudNativePG"},
       {"ack", "ACK"},
       {"config-connector", "ConfigConnector"},
       {"azure-service-operator", "AzureServiceOperator"}}};
  const auto optional =
      std::ranges::find_if(optional_kinds(), [&](const auto& each) { return each.kind == kind; });
  PS_CHECK(optional != optional_kinds().end());
  const auto* type = std::ranges::find(kTypes, optional->provider, &decltype(kTypes)::value_type::first);
  PS_CHECK(type != kTypes.end());
  return type->second;
}

bool is_optional(const k8s::Kind& kind) {
  return std::ranges::any_of(optional_kinds(), [&](const auto& each) { return each.kind == kind; });
}

}  // namespace promptsales::controllers
