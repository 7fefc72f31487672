// What holds for every child of every resource.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "base/strings.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using k8s::at_path;
using k8s::string_at;
using promptsales::testing::a_promptsales;
using promptsales::testing::inputs_for;
using promptsales::testing::inputs_of;
using promptsales::testing::kCachePassword;
using promptsales::testing::kCaKey;
using promptsales::testing::kDatabasePassword;
using promptsales::testing::kLeafKey;
using promptsales::testing::kMessagingPassword;
using promptsales::testing::objects_of;
using ::testing::HasSubstr;
using ::testing::Not;

struct SpecCase {
  std::string name;
  std::string spec;
};

void PrintTo(const SpecCase& row, std::ostream* out) { *out << row.spec; }

class EveryChild : public ::testing::TestWithParam<SpecCase> {
 protected:
  const Inputs inputs = inputs_of(GetParam().spec);
  const std::map<std::string, Object> objects = objects_of(inputs);

  static const Child& child(const std::string& id) {
    for (const Child* each : all_children())
      if (each->id == id) return *each;
    throw std::runtime_error("no child " + id);
  }
};

INSTANTIATE_TEST_SUITE_P(
    Resources, EveryChild,
    ::testing::Values(
        SpecCase{"Mvp", "tier: MVP"}, SpecCase{"Growth", "tier: Growth"},
        SpecCase{"FixedSize", "{tier: MVP, backend: {autoscaling: {type: None, minReplicas: 1}}}"},
        SpecCase{"OpenNetwork", "{tier: MVP, networkPolicy: {enabled: false}}"},
        SpecCase{"WithoutTls", "{tier: MVP, tls: {type: Disabled}}"},
        SpecCase{"CertManager", "{tier: MVP, tls: {type: CertManager, issuerRef: {name: ca}}}"},
        SpecCase{"Messaging", "{tier: MVP, messaging: {type: Embedded}}"},
        SpecCase{"CloudNativePg",
                 "{tier: Growth, database: {type: CloudNativePG, cloudNativePG: {pooler: {instances: 3}}}}"},
        SpecCase{"Ack",
                 "{tier: Scale, database: {type: ACK, ack: {region: eu-central-1}}, cache: {type: ACK, ack: "
                 "{region: eu-central-1}}}"},
        SpecCase{
            "ConfigConnector",
            "{tier: Scale, database: {type: ConfigConnector, configConnector: {region: r}}, cache: {type: "
            "ConfigConnector, configConnector: {region: r}}}"},
        SpecCase{"Azure",
                 "{tier: Growth, database: {type: AzureServiceOperator, azureServiceOperator: {location: l, "
                 "resourceGroupRef: {name: g}}}, cache: {type: AzureServiceOperator, azureServiceOperator: "
                 "{location: l, resourceGroupRef: {name: g}}}}"},
        SpecCase{
            "Overrides",
            "{tier: Growth, image: mine, database: {type: Embedded, storageClassName: fast}, backend: {env: "
            "[{name: A, value: b}]}}"}),
    [](const auto& info) { return info.param.name; });

TEST_P(EveryChild, IsOfTheKindThatIsWatched) {
  for (const auto& [id, object] : objects) {
    EXPECT_EQ(string_at(object, {"kind"}), child(id).kind.kind) << id;
    EXPECT_EQ(string_at(object, {"apiVersion"}), child(id).kind.api_version()) << id;
    EXPECT_EQ(string_at(object, {"metadata", "namespace"}), "shop") << id;
  }
}

TEST_P(EveryChild, CarriesTheLabelsByWhichItIsFound) {
  for (const auto& [id, object] : objects) {
    const Json want{{"app.kubernetes.io/name", "promptsales"},
                    {"app.kubernetes.io/component", text_of(child(id).component)},
                    {"app.kubernetes.io/part-of", "promptsales"},
                    {"app.kubernetes.io/managed-by", "promptsales-operator"},
                    {"promptsales.io/name", "demo"}};
    EXPECT_EQ(object.at("metadata").at("labels"), want) << id;
  }
}

TEST_P(EveryChild, IsOwnedUnlessItIsRetained) {
  for (const auto& [id, object] : objects) {
    const Json* owners = at_path(object, {"metadata", "ownerReferences"});
    if (!owners) {
      EXPECT_TRUE(child(id).retained) << id;
      continue;
    }
    const Json want{{"apiVersion", "promptsales.io/v1alpha1"},
                    {"kind", "PromptSales"},
                    {"name", "demo"},
                    {"uid", inputs.app.uid},
                    {"controller", true},
                    {"blockOwnerDeletion", true}};
    EXPECT_EQ(*owners, Json::array({want})) << id;
  }
}

TEST_P(EveryChild, HasANameOfItsOwnAmongItsKind) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& [id, object] : objects)
    EXPECT_TRUE(seen.emplace(string_at(object, {"kind"}), string_at(object, {"metadata", "name"})).second)
        << id;
}

/// Label selector, or nullptr if the object has none.
const Json* selector_in(const Object& object) {
  const std::string kind = string_at(object, {"kind"});
  if (kind == "Service") return at_path(object, {"spec", "selector"});
  if (kind == "NetworkPolicy") return at_path(object, {"spec", "podSelector", "matchLabels"});
  return at_path(object, {"spec", "selector", "matchLabels"});
}

TEST_P(EveryChild, SelectsPodsByTheTwoLabelsThatNeverChange) {
  for (const auto& [id, object] : objects) {
    const Json* selector = selector_in(object);
    if (!selector) continue;
    const Json want{{"promptsales.io/name", "demo"},
                    {"app.kubernetes.io/component", text_of(child(id).component)}};
    EXPECT_EQ(*selector, want) << id;
  }
}

TEST_P(EveryChild, ThatSelectsPodsFindsThoseOfItsOwnComponentOnly) {
  std::map<Component, Json> pods;
  for (const auto& [id, object] : objects)
    if (const Json* labels = at_path(object, {"spec", "template", "metadata", "labels"}))
      pods[child(id).component] = *labels;
  ASSERT_TRUE(pods.contains(Component::kBackend));
  for (const auto& [id, object] : objects) {
    const Json* selector = selector_in(object);
    if (!selector) continue;
    for (const auto& [component, labels] : pods) {
      const bool selected = std::ranges::all_of(selector->items(), [&](const auto& wanted) {
        return labels.value(wanted.key(), "") == wanted.value();
      });
      EXPECT_EQ(selected, component == child(id).component) << id;
    }
  }
}

TEST_P(EveryChild, IsTheSameTwice) { EXPECT_EQ(objects, objects_of(inputs_of(GetParam().spec))); }

// The tier and the spec as written are worked into Effective once: a child that looked behind it would know
// defaults of its own.
TEST_P(EveryChild, FollowsFromTheEffectiveSettingsAlone) {
  Inputs other = inputs;
  other.effective.tier = Tier::kScale;
  other.effective.availability_objective = "1";
  other.app.spec = Spec{.tier = Tier::kScale};
  other.app.status = {{"observedGeneration", 99}};
  other.app.generation = 99;
  other.app.resource_version = "99";
  EXPECT_EQ(objects, objects_of(other));
}

TEST_P(EveryChild, KeepsPasswordsInTheDataOfSecrets) {
  for (const auto& [id, object] : objects) {
    Object visible = object;
    if (string_at(object, {"kind"}) == "Secret") visible.erase("data");
    const std::string text = visible.dump();
    for (const std::string& password :
         {std::string{kDatabasePassword}, std::string{kCachePassword}, std::string{kMessagingPassword},
          std::string{kLeafKey}, std::string{kCaKey}})
      for (const std::string& form :
           {password, Json(password).dump(), percent_encode(password), base64_encode(password)})
        EXPECT_THAT(text, Not(HasSubstr(form))) << id;
  }
}

TEST(ChildrenOfTheLongestName, HaveNamesThatEveryUseOfThemTakes) {
  auto app = a_promptsales("tier: MVP");
  app.key.name = std::string(40, 'a');
  const std::regex dns_label{"[a-z]([-a-z0-9]*[a-z0-9])?"};
  for (const auto& [id, object] : objects_of(inputs_for(app))) {
    const std::string name = string_at(object, {"metadata", "name"});
    EXPECT_TRUE(std::regex_match(name, dns_label)) << id << ": " << name;
    EXPECT_LE(name.size(), 63U) << id;  // of a Service; most others take 253
    // A StatefulSet's pods have the label controller-revision-hash=<name>-<10 letters>, at most 63.
    if (string_at(object, {"kind"}) == "StatefulSet") {
      EXPECT_LE(name.size(), 52U) << id;
    }
  }
}

TEST(Children, AreDifferentForResourcesOfOtherNames) {
  auto app = a_promptsales("tier: MVP");
  const auto ours = objects_of(inputs_for(app));
  app.key.name = "other";
  for (const auto& [id, object] : objects_of(inputs_for(app))) {
    EXPECT_NE(string_at(object, {"metadata", "name"}), string_at(ours.at(id), {"metadata", "name"}));
    EXPECT_THAT(object.dump(), Not(HasSubstr("demo"))) << id;
  }
}

TEST(Children, OfEmbeddedServicesAreAbsentWithoutThem) {
  Inputs inputs = inputs_of("tier: MVP");
  inputs.database.reset();
  inputs.cache.reset();
  inputs.bindings.clear();
  for (const auto& [id, object] : objects_of(inputs))
    EXPECT_TRUE(id.starts_with("backend_") || id.starts_with("tls_")) << id;
}

}  // namespace
}  // namespace promptsales::controllers
