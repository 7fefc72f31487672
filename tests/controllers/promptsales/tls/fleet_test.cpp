// When a replacement of the CA may go on, by what the Deployment and the pods say.

#include "controllers/promptsales/tls/fleet.hpp"

#include <gtest/gtest.h>

#include "tests/support/yaml.hpp"

namespace promptsales::controllers::tls {
namespace {

using promptsales::testing::from_yaml;

std::string annotations(int trust, int certificate) {
  return "annotations: {promptsales.io/trust-generation: '" + std::to_string(trust) +
         "', promptsales.io/certificate-generation: '" + std::to_string(certificate) + "'}";
}
std::string a_pod(int trust, int certificate, const std::string& more = "") {
  return "{metadata: {" + annotations(trust, certificate) + more + "}, status: {phase: Running}}";
}
std::string leaving(int trust, int certificate) {
  return a_pod(trust, certificate, ", deletionTimestamp: '2026-11-21T10:00:00Z'");
}
std::string a_deployment(int trust, int certificate, const std::string& status) {
  return "{metadata: {generation: 5}, spec: {template: {metadata: {" + annotations(trust, certificate) +
         "}}}, status: " + status + "}";
}

constexpr const char* kDone = "{observedGeneration: 5, replicas: 2, updatedReplicas: 2}";
constexpr const char* kNotSeen = "{observedGeneration: 4, replicas: 2, updatedReplicas: 2}";
constexpr const char* kHalf = "{observedGeneration: 5, replicas: 3, updatedReplicas: 1}";

struct FleetCase {
  std::string name;
  std::string deployment;  ///< empty: none
  std::string pods;
  bool trusts, serves, alone;  ///< generation 2
};

void PrintTo(const FleetCase& row, std::ostream* out) { *out << row.deployment << " with " << row.pods; }

class FleetOf : public ::testing::TestWithParam<FleetCase> {};

TEST_P(FleetOf, MayGoOnWhenNoOlderPodIsLeftOrCanCome) {
  const auto& [name, deployment, pods, trusts, serves, alone] = GetParam();
  const k8s::Object object = deployment.empty() ? k8s::Object{} : from_yaml(deployment);
  const Fleet fleet{deployment.empty() ? nullptr : &object, from_yaml(pods).get<std::vector<k8s::Object>>()};
  EXPECT_EQ(fleet.trusts(2), trusts);
  EXPECT_EQ(fleet.serves(2), serves);
  EXPECT_EQ(fleet.serves_alone(2), alone);
}

INSTANTIATE_TEST_SUITE_P(
    Deployments, FleetOf,
    ::testing::Values(
        FleetCase{"NothingAtAll", "", "[]", true, true, true},
        FleetCase{"ScaledToNothing", a_deployment(2, 2, "{observedGeneration: 5}"), "[]", true, true, true},
        FleetCase{"AllNew", a_deployment(2, 2, kDone), "[" + a_pod(2, 2) + "," + a_pod(2, 2) + "]", true,
                  true, true},
        FleetCase{"TrustingOnly", a_deployment(2, 1, kDone), "[" + a_pod(2, 1) + "," + a_pod(2, 1) + "]",
                  true, false, false},
        FleetCase{"OneOld", a_deployment(2, 2, kDone), "[" + a_pod(2, 2) + "," + a_pod(1, 1) + "]", false,
                  false, false},
        FleetCase{"OneOldThatLeaves", a_deployment(2, 2, kDone),
                  "[" + a_pod(2, 2) + "," + leaving(1, 1) + "]", false, true, false},
        FleetCase{"OneThatHasEnded", a_deployment(2, 2, kDone),
                  "[" + a_pod(2, 2) + ", {metadata: {name: x}, status: {phase: Failed}}]", true, true, true},
        // The pods' cache may be ahead of the roll-out, or behind it.
        FleetCase{"TemplateNotSeenYet", a_deployment(2, 2, kNotSeen), "[]", false, false, false},
        FleetCase{"TemplateNotWrittenYet", a_deployment(1, 1, kDone), "[]", false, false, false},
        FleetCase{"OldOnesOutsideTheCache", a_deployment(2, 2, kHalf), "[" + a_pod(2, 2) + "]", false, false,
                  false},
        FleetCase{"PodsOfATimeWithoutTls", a_deployment(2, 2, kDone), "[{metadata: {name: x}}]", false, false,
                  false}),
    [](const auto& info) { return info.param.name; });

TEST(Fleet, RemembersTheNewestCaThatAnyPodKnows) {
  EXPECT_EQ(Fleet{}.newest(), 0);
  const auto deployment = from_yaml(a_deployment(2, 1, kDone));
  EXPECT_EQ((Fleet{&deployment, {from_yaml(a_pod(3, 1))}}.newest()), 3);
  EXPECT_EQ((Fleet{&deployment, {}}.newest()), 2);
}

}  // namespace
}  // namespace promptsales::controllers::tls
