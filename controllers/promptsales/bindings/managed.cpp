#include "controllers/promptsales/bindings/managed.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/digest.hpp"

namespace promptsales::controllers::bindings {
namespace {

constexpr std::int64_t kMi = 1024 * 1024;

struct Machine {
  std::int64_t cores;
  std::int64_t mebibytes;
  std::string_view name;
};

// Current generations, smallest first. Sources: the providers' price pages, 2026; what is wrong or new there
// can be named in the spec.
constexpr std::array kRds{Machine{2, 1024, "db.t4g.micro"},      Machine{2, 2048, "db.t4g.small"},
                          Machine{2, 4096, "db.t4g.medium"},     Machine{2, 8192, "db.m7g.large"},
                          Machine{4, 16384, "db.m7g.xlarge"},    Machine{8, 32768, "db.m7g.2xlarge"},
                          Machine{8, 65536, "db.r7g.2xlarge"},   Machine{16, 65536, "db.m7g.4xlarge"},
                          Machine{16, 131072, "db.r7g.4xlarge"}, Machine{32, 131072, "db.m7g.8xlarge"}};
// Memory as the server has it, which is less than the machine's.
constexpr std::array kElastiCache{
    Machine{2, 512, "cache.t4g.micro"},     Machine{2, 1402, "cache.t4g.small"},
    Machine{2, 3164, "cache.t4g.medium"},   Machine{2, 6533, "cache.m7g.large"},
    Machine{4, 13240, "cache.m7g.xlarge"},  Machine{8, 26675, "cache.m7g.2xlarge"},
    Machine{16, 53583, "cache.m7g.4xlarge"}};
constexpr std::array kAzurePostgres{
    Machine{1, 2048, "Standard_B1ms"},       Machine{2, 4096, "Standard_B2s"},
    Machine{2, 8192, "Standard_D2ds_v5"},    Machine{4, 16384, "Standard_D4ds_v5"},
    Machine{8, 32768, "Standard_D8ds_v5"},   Machine{16, 65536, "Standard_D16ds_v5"},
    Machine{32, 131072, "Standard_D32ds_v5"}};
constexpr std::array kAzureRedis{Machine{1, 250, "Standard_C0"},   Machine{1, 1024, "Standard_C1"},
                                 Machine{2, 2560, "Standard_C2"},  Machine{4, 6144, "Standard_C3"},
                                 Machine{4, 13312, "Standard_C4"}, Machine{4, 26624, "Standard_C5"},
                                 Machine{8, 54272, "Standard_C6"}};

// GiB. Source: Azure Database for PostgreSQL flexible server, "Storage", Premium SSD.
constexpr std::array<std::int64_t, 11> kAzureDisks{32,   64,   128,  256,   512,  1024,
                                                   2048, 4096, 8192, 16384, 32767};

template <std::size_t N>
std::string smallest(const std::array<Machine, N>& machines, const Size& size, bool by_cores = true) {
  const auto found = std::ranges::find_if(machines, [&](const Machine& each) {
    return (!by_cores || each.cores >= size.cores) && each.mebibytes >= size.mebibytes;
  });
  return std::string{(found == machines.end() ? machines.back() : *found).name};
}

/// What every provider takes as the beginning of a name.
std::string legal_beginning(const std::string& text) {
  std::string legal = std::isalpha(static_cast<unsigned char>(text.front())) != 0 ? "" : "p-";
  for (const char c : text)
    if (c != '-' || legal.back() != '-') legal += c;
  return legal;
}

constexpr std::int64_t rounded_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit; }

}  // namespace

Object managed_object(const Inputs& inputs, Component component, const k8s::Kind& kind,
                      const std::string& name, bool with_the_resource) {
  return {{"apiVersion", kind.api_version()},
          {"kind", kind.kind},
          {"metadata", metadata_of(inputs.app, component, name,
                                   with_the_resource ? Ownership::kOwned : Ownership::kRetained)}};
}

bool is_deleted_with(const Inputs& inputs, Component component) {
  const auto policy = component == Component::kCache ? inputs.effective.cache.deletion_policy
                                                     : inputs.effective.database.deletion_policy;
  return policy == DeletionPolicy::kDelete;
}

std::string short_cloud_name(const Inputs& inputs, Component component, std::size_t most) {
  const std::string& ns = inputs.app.key.namespace_;
  const std::string child = child_name(inputs.app, component);
  // Of both apart: "a-b" and "c" must not be "a" and "b-c".
  const std::string digest = k8s::sha256_hex(ns + "/" + child).substr(0, 8);
  std::string name = legal_beginning(ns + "-" + child).substr(0, most - digest.size() - 1);
  if (!name.ends_with('-')) name += '-';
  return name + digest;
}

std::string cloud_name(const Inputs& inputs, Component component) {
  return short_cloud_name(inputs, component, 58);  // leaves room for "-read"
}

Size size_of(const Amounts& amounts, const std::string& storage) {
  return {.cores = std::max<std::int64_t>(1, rounded_up(milli(request(amounts, "cpu")), 1000)),
          .mebibytes = rounded_up(bytes(request(amounts, "memory")), kMi),
          .gibibytes = rounded_up(bytes(storage), 1024 * kMi)};
}

std::optional<std::string> gibibytes(std::int64_t size) {
  if (size <= 0) return std::nullopt;
  return std::to_string(size) + "Gi";
}

std::string rds_class(const Size& size) { return smallest(kRds, size); }
std::string elasticache_node(const Size& size) { return smallest(kElastiCache, size, /*by_cores=*/false); }
std::string azure_postgres_sku(const Size& size) { return smallest(kAzurePostgres, size); }
std::string azure_redis_sku(const Size& size) { return smallest(kAzureRedis, size, /*by_cores=*/false); }

std::int64_t azure_disk(std::int64_t gibibytes) {
  const auto* found = std::ranges::lower_bound(kAzureDisks, gibibytes);
  return found == kAzureDisks.end() ? kAzureDisks.back() : *found;
}

// db-custom-<cores>-<MiB>: one core or an even number, 3.75 GiB at least, 0.9 to 6.5 GiB a core, in steps of
// 256 MiB. Source: Cloud SQL for PostgreSQL, "Instance settings", machine type.
std::string cloud_sql_tier(const Size& size) {
  const auto mebibytes = rounded_up(std::max<std::int64_t>(size.mebibytes, 3840), 256) * 256;
  std::int64_t cores = std::max(size.cores, rounded_up(mebibytes, 6656));
  if (cores > 1) cores += cores % 2;
  return "db-custom-" + std::to_string(cores) + "-" +
         std::to_string(std::max(mebibytes, rounded_up(cores * 922, 256) * 256));
}

bool is_observed(const Object& object) {
  const auto generation = k8s::integer_at(object, {"metadata", "generation"});
  return k8s::integer_at(object, {"status", "observedGeneration"}, generation) >= generation;
}

Readiness provisioning(const std::string& what, const std::string& words) {
  return {Readiness::State::kProgressing, "Provisioning",
          what + " is being made" + (words.empty() ? "" : ": " + words)};
}

Readiness failing(const std::string& what, const std::string& words) {
  return {Readiness::State::kFailed, "ProviderFailing",
          what + ": " + (words.empty() ? "its provider fails and does not say why; see its log" : words)};
}

Readiness refused(const std::string& what, const std::string& words) {
  return {Readiness::State::kFailed, "ProviderTerminal",
          what + " is refused for good: " + (words.empty() ? "its provider does not say why" : words) +
              "; correct the spec",
          /*stalled=*/true};
}

Failure not_yet(const std::string& what) {
  return failure(Remedy::kWaitForChange, std::string{kProvisioning}, what + " is being made by its provider");
}

Failure no_address(const Readiness& readiness, const std::string& what) {
  if (readiness.stalled) return failure(Remedy::kWaitForSpecChange, readiness.reason, readiness.message);
  if (readiness.state == Readiness::State::kFailed)
    return failure(Remedy::kWaitForChange, readiness.reason, readiness.message);
  return not_yet(what);
}

}  // namespace promptsales::controllers::bindings
