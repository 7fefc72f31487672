#include "controllers/promptsales/tls/fleet.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace promptsales::controllers::tls {
namespace {

using k8s::integer_at;
using k8s::string_at;

Generations generations_in(const k8s::Json& metadata) {
  const auto number = [&](const char* annotation) {
    return std::strtoll(string_at(metadata, {"annotations", annotation}).c_str(), nullptr, 10);
  };
  return {number(kTrustGeneration), number(kCertificateGeneration)};
}

bool is_rolled_out(const k8s::Object& deployment) {
  return integer_at(deployment, {"status", "observedGeneration"}, -1) >=
             integer_at(deployment, {"metadata", "generation"}) &&
         integer_at(deployment, {"status", "replicas"}) <=
             integer_at(deployment, {"status", "updatedReplicas"});
}

bool has_ended(const k8s::Object& pod) {
  const std::string phase = string_at(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed";
}

}  // namespace

Fleet::Fleet(const k8s::Object* deployment, const std::vector<k8s::Object>& pods) {
  for (const auto& pod : pods)
    if (!has_ended(pod))
      pods_.push_back(
          {!string_at(pod, {"metadata", "deletionTimestamp"}).empty(), generations_in(pod.at("metadata"))});
  if (!deployment) return;
  rolled_out_ = is_rolled_out(*deployment);
  if (const auto* metadata = k8s::at_path(*deployment, {"spec", "template", "metadata"}))
    wanted_ = generations_in(*metadata);
}

bool Fleet::trusts(std::int64_t generation) const {
  return rolled_out_ && (!wanted_ || wanted_->trust >= generation) &&
         std::ranges::all_of(pods_, [&](const Pod& pod) { return pod.generations.trust >= generation; });
}

bool Fleet::serves(std::int64_t generation) const {
  return rolled_out_ && (!wanted_ || wanted_->certificate >= generation) &&
         std::ranges::all_of(
             pods_, [&](const Pod& pod) { return pod.leaving || pod.generations.certificate >= generation; });
}

bool Fleet::serves_alone(std::int64_t generation) const {
  return serves(generation) && std::ranges::all_of(pods_, [&](const Pod& pod) {
           return pod.generations.certificate >= generation;
         });
}

std::int64_t Fleet::newest() const {
  std::int64_t newest = wanted_ ? wanted_->trust : 0;
  for (const Pod& pod : pods_) newest = std::max(newest, pod.generations.trust);
  return newest;
}

}  // namespace promptsales::controllers::tls
