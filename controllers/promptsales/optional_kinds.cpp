#include "controllers/promptsales/optional_kinds.hpp"

#include <algorithm>
#include <vector>

#include "controllers/promptsales/bindings/kinds.hpp"

namespace promptsales::controllers {

std::span<const OptionalKind> optional_kinds() {
  using namespace bindings;
  static constexpr std::string_view kRead = "get, list, watch";
  static const k8s::Keep conditions{"kind", "metadata.name", "metadata.namespace", "status.conditions"};
  // Not when it was active last, which is written at every look.
  static const k8s::Keep scaler{"apiVersion", "kind", "metadata", "spec", "status.conditions"};
  // Clusters of others too, as a resource may have its database in one of them.
  static const std::vector<OptionalKind> kKinds{
      {.kind = k8s::kinds::kCertificate, .provider = "cert-manager", .type = "CertManager"},
      {k8s::kinds::kIssuer, "cert-manager", "CertManager", /*watch_all=*/true, conditions, kRead},
      {k8s::kinds::kClusterIssuer, "cert-manager", "CertManager", /*watch_all=*/true, conditions, kRead},
      {.kind = kScaledObject, .provider = "keda", .type = "KEDA", .keep = scaler},
      {.kind = kCnpgCluster, .provider = "cloudnative-pg", .type = "CloudNativePG", .watch_all = true},
      {.kind = kCnpgPooler, .provider = "cloudnative-pg", .type = "CloudNativePG"},
      {.kind = kCnpgDatabase, .provider = "cloudnative-pg", .type = "CloudNativePG"},
      {.kind = kCnpgRole, .provider = "cloudnative-pg", .type = "CloudNativePG"},
      {.kind = kDbInstance, .provider = "ack", .type = "ACK"},
      {.kind = kReplicationGroup, .provider = "ack", .type = "ACK"},
      {.kind = kSqlInstance, .provider = "config-connector", .type = "ConfigConnector"},
      {.kind = kSqlDatabase, .provider = "config-connector", .type = "ConfigConnector"},
      {.kind = kSqlUser, .provider = "config-connector", .type = "ConfigConnector"},
      {.kind = kRedisInstance, .provider = "config-connector", .type = "ConfigConnector"},
      {.kind = kFlexibleServer, .provider = "azure-service-operator", .type = "AzureServiceOperator"},
      {.kind = kFlexibleDatabase, .provider = "azure-service-operator", .type = "AzureServiceOperator"},
      {.kind = kAzureRedis, .provider = "azure-service-operator", .type = "AzureServiceOperator"},
  };
  return kKinds;
}

const OptionalKind* optional_kind(const k8s::Kind& kind) {
  const auto kinds = optional_kinds();
  const auto found = std::ranges::find_if(kinds, [&](const auto& each) { return each.kind == kind; });
  return found == kinds.end() ? nullptr : &*found;
}

bool is_optional(const k8s::Kind& kind) { return optional_kind(kind) != nullptr; }

}  // namespace promptsales::controllers
