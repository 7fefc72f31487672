#pragma once

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

namespace promptsales::controllers {

/// Whether this operator acts on a field or value yet. What is kLater is accepted by the API server, so that
/// the resource need not change when it comes, and refused by a condition that names it (validate.hpp): a
/// setting that silently does nothing is worse than one that is missing.
enum class Support { kNow, kLater };

/// One value of an enum as the resource spells it.
template <typename E>
struct EnumText {
  E value;
  std::string_view text;
  Support support = Support::kNow;
};

enum class Tier { kMvp, kGrowth, kScale };
enum class AutoscalingType { kHpa, kKeda, kNone };
enum class DatabaseType {
  kEmbedded,
  kSecret,
  kServiceRef,
  kCloudNativePg,
  kAck,
  kConfigConnector,
  kAzureServiceOperator
};
enum class CacheType { kEmbedded, kSecret, kServiceRef, kAck, kConfigConnector, kAzureServiceOperator };
enum class MessagingType { kNone, kSecret, kEmbedded };
enum class TlsType { kSelfSigned, kCertManager, kSecret, kDisabled };
enum class IssuerKind { kIssuer, kClusterIssuer };
enum class BundleKind { kConfigMap, kSecret };
enum class ExposureType { kNone, kGateway, kIngress, kLoadBalancer };
enum class DeletionPolicy { kRetain, kDelete, kSnapshot };
enum class HighAvailability { kDisabled, kEnabled };
enum class PoolMode { kTransaction, kSession };
enum class RotationStrategy { kRollingRestart, kHotReload };
enum class SloEmitter { kPrometheusRule, kPyrra, kNone };

/// The spelling of every value: decoding, messages and the agreement test with the CRD follow from these
/// tables.
constexpr auto enum_table(std::type_identity<Tier>) {
  return std::array{EnumText{Tier::kMvp, "MVP"}, EnumText{Tier::kGrowth, "Growth"},
                    EnumText{Tier::kScale, "Scale"}};
}
constexpr auto enum_table(std::type_identity<AutoscalingType>) {
  using enum AutoscalingType;
  return std::array{EnumText{kHpa, "HPA"}, EnumText{kKeda, "KEDA"}, EnumText{kNone, "None"}};
}
constexpr auto enum_table(std::type_identity<DatabaseType>) {
  using enum DatabaseType;
  return std::array{EnumText{kEmbedded, "Embedded"},
                    EnumText{kSecret, "Secret"},
                    EnumText{kServiceRef, "ServiceRef"},
                    EnumText{kCloudNativePg, "CloudNativePG"},
                    EnumText{kAck, "ACK"},
                    EnumText{kConfigConnector, "ConfigConnector"},
                    EnumText{kAzureServiceOperator, "AzureServiceOperator"}};
}
constexpr auto enum_table(std::type_identity<CacheType>) {
  using enum CacheType;
  return std::array{EnumText{kEmbedded, "Embedded"},
                    EnumText{kSecret, "Secret"},
                    EnumText{kServiceRef, "ServiceRef"},
                    EnumText{kAck, "ACK"},
                    EnumText{kConfigConnector, "ConfigConnector"},
                    EnumText{kAzureServiceOperator, "AzureServiceOperator"}};
}
constexpr auto enum_table(std::type_identity<MessagingType>) {
  using enum MessagingType;
  return std::array{EnumText{kNone, "None"}, EnumText{kSecret, "Secret"}, EnumText{kEmbedded, "Embedded"}};
}
constexpr auto enum_table(std::type_identity<TlsType>) {
  using enum TlsType;
  return std::array{EnumText{kSelfSigned, "SelfSigned"}, EnumText{kCertManager, "CertManager"},
                    EnumText{kSecret, "Secret"}, EnumText{kDisabled, "Disabled"}};
}
constexpr auto enum_table(std::type_identity<IssuerKind>) {
  using enum IssuerKind;
  return std::array{EnumText{kIssuer, "Issuer"}, EnumText{kClusterIssuer, "ClusterIssuer"}};
}
constexpr auto enum_table(std::type_identity<BundleKind>) {
  using enum BundleKind;
  return std::array{EnumText{kConfigMap, "ConfigMap"}, EnumText{kSecret, "Secret"}};
}
constexpr auto enum_table(std::type_identity<ExposureType>) {
  using enum ExposureType;
  return std::array{EnumText{kNone, "None"}, EnumText{kGateway, "Gateway", Support::kLater},
                    EnumText{kIngress, "Ingress", Support::kLater},
                    EnumText{kLoadBalancer, "LoadBalancer", Support::kLater}};
}
constexpr auto enum_table(std::type_identity<DeletionPolicy>) {
  using enum DeletionPolicy;
  return std::array{EnumText{kRetain, "Retain"}, EnumText{kDelete, "Delete"},
                    EnumText{kSnapshot, "Snapshot"}};
}
constexpr auto enum_table(std::type_identity<HighAvailability>) {
  using enum HighAvailability;
  return std::array{EnumText{kDisabled, "Disabled"}, EnumText{kEnabled, "Enabled"}};
}
constexpr auto enum_table(std::type_identity<PoolMode>) {
  using enum PoolMode;
  return std::array{EnumText{kTransaction, "transaction"}, EnumText{kSession, "session"}};
}
constexpr auto enum_table(std::type_identity<RotationStrategy>) {
  using enum RotationStrategy;
  return std::array{EnumText{kRollingRestart, "RollingRestart"}, EnumText{kHotReload, "HotReload"}};
}
constexpr auto enum_table(std::type_identity<SloEmitter>) {
  using enum SloEmitter;
  return std::array{EnumText{kPrometheusRule, "PrometheusRule", Support::kLater},
                    EnumText{kPyrra, "Pyrra", Support::kLater}, EnumText{kNone, "None"}};
}

/// An enum that the resource can hold.
template <typename E>
concept DescribedEnum = std::is_enum_v<E> && requires {
  enum_table(std::type_identity<E>{});
};

/// "HPA", "CloudNativePG": the value as the resource spells it.
template <DescribedEnum E>
[[nodiscard]] constexpr std::string_view text_of(E value) {
  for (const auto& entry : enum_table(std::type_identity<E>{}))
    if (entry.value == value) return entry.text;
  return "";
}

}  // namespace promptsales::controllers
