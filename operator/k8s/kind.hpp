#pragma once

#include <string>
#include <string_view>

namespace promptsales::k8s {

/// What the API server needs to know to find objects of one sort. Compared by address: use the constants
/// below.
struct Kind {
  std::string_view group;  ///< empty for the core group
  std::string_view version;
  std::string_view kind;    ///< "Deployment"
  std::string_view plural;  ///< "deployments"
  bool namespaced = true;

  /// "apps/v1", or "v1" for the core group.
  [[nodiscard]] std::string api_version() const;
  /// "deployments.apps", or "services": how RBAC messages and metrics name it.
  [[nodiscard]] std::string resource() const;
  /// "/apis/apps/v1/namespaces/shop/deployments", "/api/v1/services" when `ns` is empty.
  [[nodiscard]] std::string path(std::string_view ns) const;

  bool operator==(const Kind& other) const { return this == &other; }
};

namespace kinds {
inline constexpr Kind kPromptSales{"promptsales.io", "v1alpha1", "PromptSales", "promptsales"};
inline constexpr Kind kServiceAccount{"", "v1", "ServiceAccount", "serviceaccounts"};
inline constexpr Kind kConfigMap{"", "v1", "ConfigMap", "configmaps"};
inline constexpr Kind kSecret{"", "v1", "Secret", "secrets"};
inline constexpr Kind kService{"", "v1", "Service", "services"};
inline constexpr Kind kPod{"", "v1", "Pod", "pods"};
inline constexpr Kind kPersistentVolumeClaim{"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"};
inline constexpr Kind kEvent{"events.k8s.io", "v1", "Event", "events"};
inline constexpr Kind kDeployment{"apps", "v1", "Deployment", "deployments"};
inline constexpr Kind kStatefulSet{"apps", "v1", "StatefulSet", "statefulsets"};
inline constexpr Kind kJob{"batch", "v1", "Job", "jobs"};
inline constexpr Kind kPodDisruptionBudget{"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"};
inline constexpr Kind kHorizontalPodAutoscaler{"autoscaling", "v2", "HorizontalPodAutoscaler",
                                               "horizontalpodautoscalers"};
inline constexpr Kind kNetworkPolicy{"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"};
inline constexpr Kind kCertificate{"cert-manager.io", "v1", "Certificate", "certificates"};
inline constexpr Kind kIssuer{"cert-manager.io", "v1", "Issuer", "issuers"};
inline constexpr Kind kClusterIssuer{"cert-manager.io", "v1", "ClusterIssuer", "clusterissuers",
                                     /*namespaced=*/false};
inline constexpr Kind kLease{"coordination.k8s.io", "v1", "Lease", "leases"};
}  // namespace kinds

}  // namespace promptsales::k8s
