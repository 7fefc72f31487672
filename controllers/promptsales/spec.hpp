#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controllers/promptsales/enums.hpp"

namespace promptsales::controllers {

/// What a person wrote, and nothing else: an unset field is nullopt, an unset list or map is empty. Defaults
/// are worked out in tiers.cpp; units, ranges and defaults of every field are in crds/promptsales.yaml and,
/// from there, in docs/reference.md. Field names and what is reconciled yet: fields.hpp.

/// An amount of a resource as written, "500m" or "16Gi"; a number in YAML is kept as its text.
struct Quantity {
  std::string text;

  bool operator==(const Quantity&) const = default;
};

struct Resources {
  std::map<std::string, Quantity> requests;
  std::map<std::string, Quantity> limits;
};

struct KeyRef {
  std::string name;
  std::string key;
};

struct EnvSource {
  std::optional<KeyRef> secret_key_ref;
  std::optional<KeyRef> config_map_key_ref;
};

/// Same form as a container's env in the Kubernetes API.
struct EnvVar {
  std::string name;
  std::optional<std::string> value;
  std::optional<EnvSource> value_from;
};

struct Autoscaling {
  std::optional<AutoscalingType> type;
  std::optional<std::int64_t> min_replicas;
  std::optional<std::int64_t> max_replicas;
  std::optional<std::int64_t> target_cpu_utilization;  ///< percent of the request
};

struct Backend {
  std::optional<Resources> resources;
  std::optional<Autoscaling> autoscaling;
  std::vector<EnvVar> env;
};

struct NameRef {
  std::string name;
};

struct BindingSecretRef {
  std::string name;
  std::map<std::string, std::string> keys;  ///< binding entry -> key in the Secret
};

/// A servicebinding.io provisioned service in the same namespace.
struct ServiceRef {
  std::string api_version;
  std::string kind;
  std::string name;
};

struct Pooler {
  std::optional<std::int64_t> instances;
  std::optional<PoolMode> pool_mode;
};

struct CloudNativePg {
  std::optional<NameRef> cluster_ref;
  std::optional<Pooler> pooler;
};

/// AWS Controllers for Kubernetes.
struct AckDatabase {
  std::string region;
  std::optional<NameRef> db_subnet_group_ref;
  std::vector<std::string> vpc_security_group_ids;
  std::optional<std::string> instance_class;
};

struct AckCache {
  std::string region;
  std::optional<std::string> cache_subnet_group_name;
  std::vector<std::string> security_group_ids;
  std::optional<std::string> node_type;
};

/// Google Config Connector.
struct ConfigConnector {
  std::string region;
  std::optional<NameRef> network_ref;
  std::optional<std::string> instance_tier;
};

/// Azure Service Operator.
struct AzureServiceOperator {
  std::string location;
  NameRef resource_group_ref;
  std::optional<std::string> sku;
};

struct Database {
  DatabaseType type{};
  std::optional<std::string> version;  ///< PostgreSQL major
  std::optional<Resources> resources;
  std::optional<std::string> storage;  ///< a quantity
  std::optional<std::string> storage_class_name;
  std::optional<HighAvailability> high_availability;
  std::optional<std::int64_t> read_replicas;
  std::optional<std::int64_t> max_connections;
  std::optional<DeletionPolicy> deletion_policy;
  std::optional<BindingSecretRef> secret_ref;
  std::optional<ServiceRef> service_ref;
  std::optional<CloudNativePg> cloud_native_pg;
  std::optional<AckDatabase> ack;
  std::optional<ConfigConnector> config_connector;
  std::optional<AzureServiceOperator> azure_service_operator;
};

struct Cache {
  CacheType type{};
  std::optional<Resources> resources;
  std::optional<HighAvailability> high_availability;
  std::optional<std::int64_t> shards;
  std::optional<std::int64_t> replicas_per_shard;
  std::optional<DeletionPolicy> deletion_policy;
  std::optional<BindingSecretRef> secret_ref;
  std::optional<ServiceRef> service_ref;
  std::optional<AckCache> ack;
  std::optional<ConfigConnector> config_connector;
  std::optional<AzureServiceOperator> azure_service_operator;
};

struct Messaging {
  MessagingType type{};
  std::optional<BindingSecretRef> secret_ref;
  std::optional<Resources> resources;
  std::optional<std::string> storage;  ///< a quantity
  std::optional<std::string> storage_class_name;
  std::optional<DeletionPolicy> deletion_policy;
};

struct IssuerRef {
  std::string name;
  std::optional<IssuerKind> kind;
  std::optional<std::string> group;
};

struct BundleRef {
  BundleKind kind{};
  std::string name;
  std::string key;
};

struct Tls {
  TlsType type{};
  std::optional<IssuerRef> issuer_ref;
  std::optional<NameRef> secret_ref;
  std::vector<std::string> dns_names;
  std::optional<BundleRef> ca_bundle_ref;
};

struct ParentRef {
  std::string name;
  std::optional<std::string> namespace_;
  std::optional<std::string> section_name;
};

struct Gateway {
  std::vector<ParentRef> parent_refs;
};

struct Ingress {
  std::optional<std::string> class_name;
};

struct LoadBalancer {
  std::optional<std::string> class_;
  std::vector<std::string> source_ranges;  ///< CIDRs
};

struct Exposure {
  ExposureType type{};
  std::vector<std::string> hostnames;
  std::optional<Gateway> gateway;
  std::optional<Ingress> ingress;
  std::optional<LoadBalancer> load_balancer;
};

struct Oidc {
  std::string issuer_url;
  std::string audience;
};

struct Auth {
  std::optional<Oidc> oidc;
};

struct MaintenanceWindow {
  std::string schedule;  ///< five cron fields
  std::string duration;  ///< "2h", "90m"
  std::optional<std::string> time_zone;
};

struct SecretRotation {
  RotationStrategy strategy{};
};

struct LatencyObjective {
  std::string threshold;  ///< "200ms"
  std::string target;     ///< percent of the requests, as text: floats do not survive JSON
};

struct Slo {
  std::optional<SloEmitter> emit;
  std::optional<std::string> availability;  ///< percent, as text
  std::optional<LatencyObjective> latency;
};

struct Observability {
  std::map<std::string, std::string> monitor_labels;
  std::optional<Slo> slo;
};

struct NetworkPolicy {
  std::optional<bool> enabled;
};

struct Spec {
  Tier tier{};
  std::optional<bool> suspend;
  std::optional<std::string> image;
  std::optional<Backend> backend;
  std::optional<Database> database;
  std::optional<Cache> cache;
  std::optional<Messaging> messaging;
  std::optional<Tls> tls;
  std::optional<Exposure> exposure;
  std::optional<Auth> auth;
  std::vector<MaintenanceWindow> maintenance_windows;
  std::optional<SecretRotation> secret_rotation;
  std::optional<Observability> observability;
  std::optional<NetworkPolicy> network_policy;
};

}  // namespace promptsales::controllers
