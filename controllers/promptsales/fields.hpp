#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>

#include "controllers/promptsales/spec.hpp"

namespace promptsales::controllers {

/// One field of a struct of the spec: its name in the resource, where it lives, and whether we act on it yet.
template <typename S, typename M>
struct Field {
  std::string_view name;
  M S::*member;
  Support support = Support::kNow;

  using Type = M;
};

template <typename S, typename M>
constexpr Field<S, M> field(std::string_view name, M S::*member) {
  return {name, member, Support::kNow};
}

/// A field that is accepted and not reconciled yet: setting it is reported, never ignored.
template <typename S, typename M>
constexpr Field<S, M> later(std::string_view name, M S::*member) {
  return {name, member, Support::kLater};
}

/// THE description of the spec. Decoding, encoding, the paths in messages, what is not implemented yet, and
/// the agreement with the CRD's schema all follow from these tables; no other code names a field of the
/// resource. Required is what is neither optional nor a list or map. A new field is one member in spec.hpp,
/// one entry here, one property in the CRD; a test fails while one of them is missing.
///
/// The blocks of a union (secretRef, ack, …) are kNow even where their type is not: the type alone is
/// reported.
constexpr auto fields_of(std::type_identity<Resources>) {
  return std::tuple{field("requests", &Resources::requests), field("limits", &Resources::limits)};
}
constexpr auto fields_of(std::type_identity<KeyRef>) {
  return std::tuple{field("name", &KeyRef::name), field("key", &KeyRef::key)};
}
constexpr auto fields_of(std::type_identity<EnvSource>) {
  return std::tuple{field("secretKeyRef", &EnvSource::secret_key_ref),
                    field("configMapKeyRef", &EnvSource::config_map_key_ref)};
}
constexpr auto fields_of(std::type_identity<EnvVar>) {
  return std::tuple{field("name", &EnvVar::name), field("value", &EnvVar::value),
                    field("valueFrom", &EnvVar::value_from)};
}
constexpr auto fields_of(std::type_identity<Autoscaling>) {
  return std::tuple{field("type", &Autoscaling::type), field("minReplicas", &Autoscaling::min_replicas),
                    field("maxReplicas", &Autoscaling::max_replicas),
                    field("targetCPUUtilization", &Autoscaling::target_cpu_utilization)};
}
constexpr auto fields_of(std::type_identity<Backend>) {
  return std::tuple{field("resources", &Backend::resources), field("autoscaling", &Backend::autoscaling),
                    field("env", &Backend::env)};
}
constexpr auto fields_of(std::type_identity<NameRef>) { return std::tuple{field("name", &NameRef::name)}; }
constexpr auto fields_of(std::type_identity<BindingSecretRef>) {
  return std::tuple{field("name", &BindingSecretRef::name), field("keys", &BindingSecretRef::keys)};
}
constexpr auto fields_of(std::type_identity<ServiceRef>) {
  return std::tuple{field("apiVersion", &ServiceRef::api_version), field("kind", &ServiceRef::kind),
                    field("name", &ServiceRef::name)};
}
constexpr auto fields_of(std::type_identity<Pooler>) {
  return std::tuple{field("instances", &Pooler::instances), field("poolMode", &Pooler::pool_mode)};
}
constexpr auto fields_of(std::type_identity<CloudNativePg>) {
  return std::tuple{field("clusterRef", &CloudNativePg::cluster_ref),
                    field("pooler", &CloudNativePg::pooler)};
}
constexpr auto fields_of(std::type_identity<AckDatabase>) {
  return std::tuple{field("region", &AckDatabase::region),
                    field("dbSubnetGroupRef", &AckDatabase::db_subnet_group_ref),
                    field("vpcSecurityGroupIDs", &AckDatabase::vpc_security_group_ids),
                    field("instanceClass", &AckDatabase::instance_class)};
}
constexpr auto fields_of(std::type_identity<AckCache>) {
  return std::tuple{
      field("region", &AckCache::region), field("cacheSubnetGroupName", &AckCache::cache_subnet_group_name),
      field("securityGroupIDs", &AckCache::security_group_ids), field("nodeType", &AckCache::node_type)};
}
constexpr auto fields_of(std::type_identity<ConfigConnector>) {
  return std::tuple{field("region", &ConfigConnector::region),
                    field("networkRef", &ConfigConnector::network_ref),
                    field("instanceTier", &ConfigConnector::instance_tier)};
}
constexpr auto fields_of(std::type_identity<AzureServiceOperator>) {
  return std::tuple{field("location", &AzureServiceOperator::location),
                    field("resourceGroupRef", &AzureServiceOperator::resource_group_ref),
                    field("sku", &AzureServiceOperator::sku)};
}
constexpr auto fields_of(std::type_identity<Database>) {
  return std::tuple{field("type", &Database::type),
                    field("version", &Database::version),
                    field("resources", &Database::resources),
                    field("storage", &Database::storage),
                    field("storageClassName", &Database::storage_class_name),
                    field("highAvailability", &Database::high_availability),
                    field("readReplicas", &Database::read_replicas),
                    field("maxConnections", &Database::max_connections),
                    field("deletionPolicy", &Database::deletion_policy),
                    field("secretRef", &Database::secret_ref),
                    field("serviceRef", &Database::service_ref),
                    field("cloudNativePG", &Database::cloud_native_pg),
                    field("ack", &Database::ack),
                    field("configConnector", &Database::config_connector),
                    field("azureServiceOperator", &Database::azure_service_operator)};
}
constexpr auto fields_of(std::type_identity<Cache>) {
  return std::tuple{field("type", &Cache::type),
                    field("resources", &Cache::resources),
                    field("highAvailability", &Cache::high_availability),
                    field("shards", &Cache::shards),
                    field("replicasPerShard", &Cache::replicas_per_shard),
                    field("deletionPolicy", &Cache::deletion_policy),
                    field("secretRef", &Cache::secret_ref),
                    field("serviceRef", &Cache::service_ref),
                    field("ack", &Cache::ack),
                    field("configConnector", &Cache::config_connector),
                    field("azureServiceOperator", &Cache::azure_service_operator)};
}
constexpr auto fields_of(std::type_identity<Messaging>) {
  return std::tuple{field("type", &Messaging::type),
                    field("secretRef", &Messaging::secret_ref),
                    field("resources", &Messaging::resources),
                    field("storage", &Messaging::storage),
                    field("storageClassName", &Messaging::storage_class_name),
                    field("deletionPolicy", &Messaging::deletion_policy)};
}
constexpr auto fields_of(std::type_identity<IssuerRef>) {
  return std::tuple{field("name", &IssuerRef::name), field("kind", &IssuerRef::kind),
                    field("group", &IssuerRef::group)};
}
constexpr auto fields_of(std::type_identity<BundleRef>) {
  return std::tuple{field("kind", &BundleRef::kind), field("name", &BundleRef::name),
                    field("key", &BundleRef::key)};
}
constexpr auto fields_of(std::type_identity<Tls>) {
  return std::tuple{field("type", &Tls::type), field("issuerRef", &Tls::issuer_ref),
                    field("secretRef", &Tls::secret_ref), field("dnsNames", &Tls::dns_names),
                    field("caBundleRef", &Tls::ca_bundle_ref)};
}
constexpr auto fields_of(std::type_identity<ParentRef>) {
  return std::tuple{field("name", &ParentRef::name), field("namespace", &ParentRef::namespace_),
                    field("sectionName", &ParentRef::section_name)};
}
constexpr auto fields_of(std::type_identity<Gateway>) {
  return std::tuple{field("parentRefs", &Gateway::parent_refs)};
}
constexpr auto fields_of(std::type_identity<Ingress>) {
  return std::tuple{field("className", &Ingress::class_name)};
}
constexpr auto fields_of(std::type_identity<LoadBalancer>) {
  return std::tuple{field("class", &LoadBalancer::class_),
                    field("sourceRanges", &LoadBalancer::source_ranges)};
}
constexpr auto fields_of(std::type_identity<Exposure>) {
  return std::tuple{field("type", &Exposure::type), field("hostnames", &Exposure::hostnames),
                    field("gateway", &Exposure::gateway), field("ingress", &Exposure::ingress),
                    field("loadBalancer", &Exposure::load_balancer)};
}
constexpr auto fields_of(std::type_identity<Oidc>) {
  return std::tuple{field("issuerURL", &Oidc::issuer_url), field("audience", &Oidc::audience)};
}
constexpr auto fields_of(std::type_identity<Auth>) { return std::tuple{later("oidc", &Auth::oidc)}; }
constexpr auto fields_of(std::type_identity<MaintenanceWindow>) {
  return std::tuple{field("schedule", &MaintenanceWindow::schedule),
                    field("duration", &MaintenanceWindow::duration),
                    field("timeZone", &MaintenanceWindow::time_zone)};
}
constexpr auto fields_of(std::type_identity<SecretRotation>) {
  return std::tuple{field("strategy", &SecretRotation::strategy)};
}
constexpr auto fields_of(std::type_identity<LatencyObjective>) {
  return std::tuple{field("threshold", &LatencyObjective::threshold),
                    field("target", &LatencyObjective::target)};
}
constexpr auto fields_of(std::type_identity<Slo>) {
  return std::tuple{field("emit", &Slo::emit), later("availability", &Slo::availability),
                    later("latency", &Slo::latency)};
}
constexpr auto fields_of(std::type_identity<Observability>) {
  return std::tuple{later("monitorLabels", &Observability::monitor_labels),
                    field("slo", &Observability::slo)};
}
constexpr auto fields_of(std::type_identity<NetworkPolicy>) {
  return std::tuple{field("enabled", &NetworkPolicy::enabled)};
}
constexpr auto fields_of(std::type_identity<Spec>) {
  return std::tuple{field("tier", &Spec::tier),
                    field("suspend", &Spec::suspend),
                    field("image", &Spec::image),
                    field("backend", &Spec::backend),
                    field("database", &Spec::database),
                    field("cache", &Spec::cache),
                    field("messaging", &Spec::messaging),
                    field("tls", &Spec::tls),
                    field("exposure", &Spec::exposure),
                    field("auth", &Spec::auth),
                    later("maintenanceWindows", &Spec::maintenance_windows),
                    field("secretRotation", &Spec::secret_rotation),
                    field("observability", &Spec::observability),
                    field("networkPolicy", &Spec::network_policy)};
}

/// A struct that is described above.
template <typename S>
concept DescribedStruct = requires {
  fields_of(std::type_identity<S>{});
};

/// Calls visit(Field<S, M>) for each field, in the order of the table.
template <DescribedStruct S, typename Visit>
constexpr void for_each_field(Visit visit) {
  std::apply([&](const auto&... entry) { (visit(entry), ...); }, fields_of(std::type_identity<S>{}));
}

}  // namespace promptsales::controllers
