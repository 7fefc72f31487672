// Every pod passes the profile `restricted` of the Pod Security Standards.
// Source: kubernetes.io/docs/concepts/security/pod-security-standards, the fields that the admission plugin
// reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using k8s::at_path;
using promptsales::testing::inputs_of;
using promptsales::testing::objects_of;

/// New entries of the cache are being tried, and the database's password is being replaced.
Inputs with_tasks(const std::string& spec) {
  Inputs inputs = inputs_of(spec);
  inputs.trials[Component::kCache] = {.entries = inputs.bindings.at(Component::kCache), .attempt = {}};
  inputs.rotations[Component::kDatabase] = {.next = std::nullopt, .attempt = {}};
  return inputs;
}

/// The pod specs of all workloads, by child.
std::map<std::string, Json> pods_of(const std::string& spec) {
  std::map<std::string, Json> pods;
  for (const auto& [id, object] : objects_of(with_tasks(spec)))
    if (const Json* pod = at_path(object, {"spec", "template", "spec"})) pods.emplace(id, *pod);
  return pods;
}

class RestrictedPodSecurity : public ::testing::TestWithParam<std::string> {
 protected:
  const std::map<std::string, Json> pods = pods_of(GetParam());

  /// Every container of every pod: regular, init and ephemeral ones.
  std::vector<std::pair<std::string, Json>> containers() const {
    std::vector<std::pair<std::string, Json>> all;
    for (const auto& [id, pod] : pods)
      for (const char* list : {"containers", "initContainers", "ephemeralContainers"})
        for (const Json& container : pod.value(list, Json::array()))
          all.emplace_back(id + "/" + container.at("name").get<std::string>(), container);
    return all;
  }
};

constexpr const char* kAll = "{tier: MVP, messaging: {type: Embedded}}";

INSTANTIATE_TEST_SUITE_P(Resources, RestrictedPodSecurity, ::testing::Values(kAll, "tier: Growth"),
                         [](const auto& info) { return info.param == kAll ? "All" : "Growth"; });

TEST_P(RestrictedPodSecurity, IsCheckedOnEveryWorkload) {
  std::set<std::string> ids;
  for (const auto& [id, pod] : pods) ids.insert(id);
  std::set<std::string> workloads{"backend_deployment", "migration_job",   "cache_trial",
                                  "database_rotation",  "database_server", "cache_server"};
  if (GetParam() == kAll) workloads.insert("messaging_server");
  EXPECT_EQ(ids, workloads);
}

TEST_P(RestrictedPodSecurity, SharesNothingWithTheNode) {
  for (const auto& [id, pod] : pods)
    for (const char* field : {"hostNetwork", "hostPID", "hostIPC"}) EXPECT_FALSE(pod.contains(field)) << id;
  for (const auto& [where, container] : containers())
    for (const Json& port : container.value("ports", Json::array()))
      EXPECT_FALSE(port.contains("hostPort")) << where;
}

TEST_P(RestrictedPodSecurity, MountsOnlyVolumesOfTheListedTypes) {
  const std::set<std::string> allowed{"configMap", "csi",       "downwardAPI",           "emptyDir",
                                      "ephemeral", "projected", "persistentVolumeClaim", "secret"};
  for (const auto& [id, pod] : pods)
    for (const Json& volume : pod.value("volumes", Json::array()))
      for (const auto& [type, source] : volume.items())
        EXPECT_TRUE(type == "name" || allowed.contains(type)) << id << " mounts a " << type;
}

TEST_P(RestrictedPodSecurity, RunsAsAUserOtherThanRoot) {
  for (const auto& [id, pod] : pods) {
    const Json& security = pod.at("securityContext");
    EXPECT_EQ(security.at("runAsNonRoot"), true) << id;
    EXPECT_GT(security.at("runAsUser"), 0) << id;
    EXPECT_EQ(security.at("seccompProfile").at("type"), "RuntimeDefault") << id;
  }
  for (const auto& [where, container] : containers())
    for (const char* field : {"runAsUser", "runAsNonRoot", "seccompProfile"})
      EXPECT_FALSE(container.at("securityContext").contains(field))
          << where << " overrides what the pod says";
}

TEST_P(RestrictedPodSecurity, GivesContainersNoPrivilegeAndNoWayToOne) {
  for (const auto& [where, container] : containers()) {
    const Json want{{"allowPrivilegeEscalation", false},
                    {"readOnlyRootFilesystem", true},
                    {"capabilities", {{"drop", Json::array({"ALL"})}}}};
    EXPECT_EQ(container.at("securityContext"), want) << where;
  }
}

// Not of the standard, and ours: no pod of the product ever asks the API server.
TEST_P(RestrictedPodSecurity, MountsNoToken) {
  for (const auto& [id, pod] : pods) EXPECT_EQ(pod.at("automountServiceAccountToken"), false) << id;
}

// A read-only root file system is of use only if every path that the program writes is a volume.
TEST_P(RestrictedPodSecurity, MountsEveryVolumeThatItHasAndHasEveryVolumeThatItMounts) {
  for (const auto& [id, object] : objects_of(with_tasks(GetParam()))) {
    if (!at_path(object, {"spec", "template"})) continue;
    const Json& pod = object.at("spec").at("template").at("spec");
    std::set<std::string> volumes;
    std::set<std::string> mounts;
    for (const Json& volume : pod.value("volumes", Json::array())) volumes.insert(volume.at("name"));
    for (const Json& claim : object.at("spec").value("volumeClaimTemplates", Json::array()))
      volumes.insert(claim.at("metadata").at("name"));
    for (const Json& container : pod.at("containers"))
      for (const Json& mount : container.value("volumeMounts", Json::array()))
        mounts.insert(mount.at("name"));
    EXPECT_EQ(volumes, mounts) << id;
  }
}

}  // namespace
}  // namespace promptsales::controllers
