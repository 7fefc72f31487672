#include "controllers/promptsales/ownership.hpp"

#include <gtest/gtest.h>

#include "tests/support/a_promptsales.hpp"

namespace promptsales::controllers {
namespace {

struct Age {
  const char* name;
  const char* created;  ///< of the object; the PromptSales is of 10:00:00
  bool older;
};
void PrintTo(const Age& row, std::ostream* out) { *out << row.created; }

class AnObject : public ::testing::TestWithParam<Age> {};

TEST_P(AnObject, IsOlderThanItsOwnerByMoreThanClocksDiffer) {
  auto app = testing::a_promptsales("tier: MVP");
  app.created = "2026-01-01T10:00:00Z";
  EXPECT_EQ(is_older({{"metadata", {{"creationTimestamp", GetParam().created}}}}, app), GetParam().older);
}

INSTANTIATE_TEST_SUITE_P(
    Ages, AnObject,
    ::testing::Values(Age{"Younger", "2026-01-01T10:00:05Z", false},
                      Age{"OfTheSameSecond", "2026-01-01T10:00:00Z", false},
                      Age{"MadeByAServerWhoseClockIsBehind", "2026-01-01T09:59:59Z", false},
                      Age{"AMinuteOlder", "2026-01-01T09:59:00Z", false},
                      Age{"OlderThanThat", "2026-01-01T09:58:59Z", true},
                      Age{"OfAnotherYear", "2025-12-31T23:59:59Z", true}, Age{"WithoutATime", "", false}),
    [](const auto& info) { return std::string{info.param.name}; });

struct Owner {
  const char* name;
  const char* owners;  ///< metadata.ownerReferences in YAML
  bool of_a_predecessor;
};
void PrintTo(const Owner& row, std::ostream* out) { *out << row.owners; }

class AnOwnedObject : public ::testing::TestWithParam<Owner> {};

TEST_P(AnOwnedObject, MayBeOfAFormerPromptSalesOfTheName) {
  const auto app = testing::a_promptsales("tier: MVP");
  const k8s::Json object{{"metadata", {{"ownerReferences", testing::from_yaml(GetParam().owners)}}}};
  EXPECT_EQ(is_of_a_predecessor(object, app), GetParam().of_a_predecessor);
}

INSTANTIATE_TEST_SUITE_P(
    Owners, AnOwnedObject,
    ::testing::Values(Owner{"None", "[]", false},
                      Owner{"TheSameNameAndAnotherUid", "[{kind: PromptSales, name: demo, uid: former}]",
                            true},
                      Owner{"AnotherName", "[{kind: PromptSales, name: other, uid: former}]", false},
                      Owner{"AnotherKind", "[{kind: ConfigMap, name: demo, uid: former}]", false}),
    [](const auto& info) { return std::string{info.param.name}; });

TEST(AnObjectOfOurs, OfThisVeryPromptSalesIsOfNoPredecessor) {
  const auto app = testing::a_promptsales("tier: MVP");
  EXPECT_FALSE(is_of_a_predecessor(
      {{"metadata",
        {{"ownerReferences",
          k8s::Json::array({{{"kind", "PromptSales"}, {"name", app.key.name}, {"uid", app.uid}}})}}}},
      app));
}

TEST(AReport, WasMadeWhenAGenerationWasObserved) {
  auto app = testing::a_promptsales("tier: MVP");
  EXPECT_FALSE(was_reported_on(app));
  app.status = {{"observedGeneration", -1}};  // the CRD's default
  EXPECT_FALSE(was_reported_on(app));
  app.status = {{"observedGeneration", 1}};
  EXPECT_TRUE(was_reported_on(app));
}

}  // namespace
}  // namespace promptsales::controllers
