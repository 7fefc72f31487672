// Provisioned services of servicebinding.io: the object, the Secret that it names, and what may be wrong with
// both.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/bindings/provider.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/known_sources.hpp"

namespace promptsales::controllers::bindings {
namespace {

using promptsales::testing::inputs_of;
using promptsales::testing::KnownSources;
using ::testing::AllOf;
using ::testing::HasSubstr;

class AServiceRef : public ::testing::Test {
 protected:
  Result<Entries> resolve() { return provider_of(inputs, Component::kDatabase)->resolve(inputs, sources); }

  const Inputs inputs = inputs_of(
      "{tier: MVP, database: {type: ServiceRef, serviceRef: {apiVersion: pg.example/v1, kind: Instance, "
      "name: db}}}");
  KnownSources sources;
};

constexpr const char* kInstance =
    "{apiVersion: pg.example/v1, kind: Instance, metadata: {name: db}, status: {binding: {name: login}}}";

TEST_F(AServiceRef, LeadsToTheSecretThatTheObjectNames) {
  sources.with_object(kInstance).with_secret("login", {{"uri", "postgresql://u:p@h/d"}});
  const auto entries = resolve();
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ(value_of(*entries, "host"), "h");
  EXPECT_EQ(value_of(*entries, "provider"), "service");
}

TEST_F(AServiceRef, NamesNoKindOfKubernetesItself) {
  for (const auto& [api_version, kind] : {std::pair{"v1", "Secret"},
                                          {"v1", "Pod"},
                                          {"apps/v1", "Deployment"},
                                          {"networking.k8s.io/v1", "NetworkPolicy"},
                                          {"promptsales.io/v1alpha1", "PromptSales"}}) {
    Inputs other = inputs;
    other.effective.database.asked->service_ref->api_version = api_version;
    other.effective.database.asked->service_ref->kind = kind;
    const auto entries = provider_of(other, Component::kDatabase)->resolve(other, sources);
    ASSERT_FALSE(entries) << kind;
    EXPECT_EQ(entries.error().reason, "BindingInvalid") << kind;
    EXPECT_EQ(entries.error().remedy, Remedy::kWaitForSpecChange) << kind;
    EXPECT_THAT(entries.error().message, HasSubstr("status.binding.name")) << kind;
  }
}

TEST_F(AServiceRef, NeedsItsApi) {
  const auto entries = resolve();
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().reason, "ProviderAPIMissing");
}

TEST_F(AServiceRef, NeedsAKindOfTheResourcesOwnNamespace) {
  sources.serve("pg.example/v1", "Instance", /*namespaced=*/false);
  const auto entries = resolve();
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().remedy, Remedy::kWaitForSpecChange);
  EXPECT_THAT(entries.error().message, HasSubstr("no namespace"));
}

TEST_F(AServiceRef, NeedsThePermissionToReadThatKind) {
  sources.serve("pg.example/v1", "Instance")
      .refuse("Instance", {Remedy::kWaitForChange, "Forbidden", "may not list instances.pg.example"});
  EXPECT_EQ(resolve().error().reason, "Forbidden");
}

TEST_F(AServiceRef, NeedsTheObject) {
  sources.serve("pg.example/v1", "Instance");
  const auto entries = resolve();
  EXPECT_EQ(entries.error().reason, "ServiceMissing");
  EXPECT_THAT(entries.error().message, HasSubstr("Instance shop/db"));
}

TEST_F(AServiceRef, WaitsUntilTheObjectNamesItsSecret) {
  sources.with_object("{apiVersion: pg.example/v1, kind: Instance, metadata: {name: db}}");
  EXPECT_EQ(resolve().error().reason, "Provisioning");
}

TEST_F(AServiceRef, SaysWhichObjectNamedASecretThatIsNotThere) {
  sources.with_object(kInstance);
  const auto entries = resolve();
  EXPECT_EQ(entries.error().reason, "SecretMissing");
  EXPECT_THAT(entries.error().message, AllOf(HasSubstr("Instance shop/db"), HasSubstr("shop/login")));
}

TEST(Providers, AreThereForEveryTypeThatIsActedOn) {
  const auto has = [](Component component, std::string_view type) {
    return std::ranges::any_of(all_providers(), [&](const auto* each) {
      return each->component == component && each->type == type;
    });
  };
  for (const auto& entry : enum_table(std::type_identity<DatabaseType>{}))
    EXPECT_EQ(has(Component::kDatabase, entry.text), entry.support == Support::kNow) << entry.text;
  for (const auto& entry : enum_table(std::type_identity<CacheType>{}))
    EXPECT_EQ(has(Component::kCache, entry.text), entry.support == Support::kNow) << entry.text;
  for (const auto& entry : enum_table(std::type_identity<MessagingType>{}))
    EXPECT_EQ(has(Component::kMessaging, entry.text),
              entry.support == Support::kNow && entry.value != MessagingType::kNone)
        << entry.text;
}

}  // namespace
}  // namespace promptsales::controllers::bindings
