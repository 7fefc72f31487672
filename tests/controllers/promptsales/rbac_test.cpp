// What the operator may do: enough for its children, and no more.

#include "controllers/promptsales/rbac.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/optional_kinds.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::read_repository_file;
using promptsales::testing::read_repository_yaml;
using ::testing::HasSubstr;
using ::testing::IsSubsetOf;
using ::testing::UnorderedElementsAre;

using Verbs = std::set<std::string>;

/// Verbs by "group/resource".
using Permissions = std::map<std::string, Verbs>;

/// Of each ClusterRole, by its name.
std::map<std::string, Permissions> roles() {
  std::map<std::string, Permissions> all;
  for (const auto& document : YAML::LoadAll(rbac_manifest())) {
    const Json role = promptsales::testing::to_json(document);
    if (role.at("kind") != "ClusterRole") continue;
    auto& allowed = all[role.at("metadata").at("name")];
    for (const Json& rule : role.at("rules"))
      for (const std::string group : rule.at("apiGroups"))
        for (const std::string resource : rule.at("resources"))
          for (const std::string verb : rule.at("verbs")) allowed[group + "/" + resource].insert(verb);
  }
  return all;
}

/// Of all of them.
Permissions permissions() {
  Permissions all;
  for (const auto& [name, allowed] : roles())
    for (const auto& [resource, verbs] : allowed) all[resource].insert(verbs.begin(), verbs.end());
  return all;
}

TEST(Rbac, IsWhatTheManifestSays) {
  EXPECT_EQ(rbac_manifest(), read_repository_file("manifests/rbac.yaml"))
      << "run make rbac and commit the file";
}

TEST(Rbac, CoversEveryChild) {
  const auto allowed = permissions();
  for (const auto* kind : child_kinds()) {
    const std::string resource = std::string{kind->group} + "/" + std::string{kind->plural};
    ASSERT_TRUE(allowed.contains(resource)) << resource;
    EXPECT_THAT(allowed.at(resource),
                UnorderedElementsAre("get", "list", "watch", "create", "patch", "delete"))
        << resource;
  }
}

TEST(Rbac, HasARoleOfItsOwnForEachProviderThatCanBeLeftOut) {
  const auto all = roles();
  for (const auto& each : optional_kinds()) {
    const std::string resource = std::string{each.kind.group} + "/" + std::string{each.kind.plural};
    const auto& role = all.at("promptsales-operator-" + std::string{each.provider});
    EXPECT_TRUE(role.contains(resource)) << resource;
    EXPECT_FALSE(all.at("promptsales-operator").contains(resource)) << resource;
  }
}

TEST(Rbac, OnlyReadsWhatExplainsTheChildren) {
  const auto allowed = permissions();
  EXPECT_THAT(allowed.at("/pods"), UnorderedElementsAre("get", "list", "watch"));
  EXPECT_THAT(allowed.at("/persistentvolumeclaims"), UnorderedElementsAre("get", "list", "watch", "patch"))
      << "to grow; never to delete";
}

TEST(Rbac, WritesNothingOfTheResourceButItsStatus) {
  const auto allowed = permissions();
  EXPECT_THAT(allowed.at("promptsales.io/promptsales"), UnorderedElementsAre("get", "list", "watch"));
  EXPECT_THAT(allowed.at("promptsales.io/promptsales/status"), UnorderedElementsAre("patch"));
  EXPECT_THAT(allowed.at("promptsales.io/promptsales/finalizers"), UnorderedElementsAre("update"));
}

TEST(Rbac, NamesEverythingThatItAllows) {
  const Verbs known{"get", "list", "watch", "create", "update", "patch", "delete"};
  for (const auto& [resource, verbs] : permissions()) {
    EXPECT_EQ(resource.find('*'), std::string::npos) << resource;
    EXPECT_THAT(verbs, IsSubsetOf(known)) << resource;
  }
}

// Whoever may write roles, or make pods itself, may do anything.
TEST(Rbac, HasNoWayToMorePermissions) {
  for (const auto& [resource, verbs] : permissions()) {
    EXPECT_FALSE(resource.starts_with("rbac.authorization.k8s.io/")) << resource;
    EXPECT_FALSE(resource.starts_with("/pods/") || resource == "/nodes" ||
                 resource == "/serviceaccounts/token")
        << resource;
  }
}

TEST(Rbac, IsExplainedOnTheOperatorsPage) {
  const std::string page = read_repository_file("docs/operator.md");
  for (const auto& [resource, verbs] : permissions()) {
    const std::string name = resource.substr(resource.find('/') + 1);
    EXPECT_THAT(page, HasSubstr("`" + name + "`"));
  }
}

TEST(Rbac, IsBoundToTheAccountThatTheOperatorRunsAs) {
  const auto binding = read_repository_yaml("manifests/rbac.yaml").at(1);
  const auto subject = binding.at("subjects").at(0);
  EXPECT_EQ(binding.at("roleRef").at("name"),
            read_repository_yaml("manifests/rbac.yaml").at(0).at("metadata").at("name"));
  bool found = false;
  for (const Json& object : read_repository_yaml("manifests/operator.yaml")) {
    if (object.at("kind") != "Deployment") continue;
    found = true;
    EXPECT_EQ(object.at("spec").at("template").at("spec").at("serviceAccountName"), subject.at("name"));
    EXPECT_EQ(object.at("metadata").at("namespace"), subject.at("namespace"));
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace promptsales::controllers
