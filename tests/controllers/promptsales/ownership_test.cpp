#include "controllers/promptsales/ownership.hpp"

#include <gtest/gtest.h>

#include "tests/support/a_promptsales.hpp"

namespace promptsales::controllers {
namespace {

struct Case {
  const char* name;
  const char* metadata;  ///< of the answer, in YAML; the PromptSales is of 10:00:00
  bool existed;
};
void PrintTo(const Case& row, std::ostream* out) { *out << row.metadata; }

class AnAnswer : public ::testing::TestWithParam<Case> {};

TEST_P(AnAnswer, TellsWhetherTheObjectWasThereBefore) {
  auto app = testing::a_promptsales("tier: MVP");
  app.created = "2026-01-01T10:00:00Z";
  const k8s::Json answer{{"metadata", testing::from_yaml(GetParam().metadata)}};
  EXPECT_EQ(existed_before(answer, app), GetParam().existed);
}

INSTANTIATE_TEST_SUITE_P(
    Objects, AnAnswer,
    ::testing::Values(
        Case{"MadeByIt", R"({creationTimestamp: "2026-01-01T10:00:05Z", managedFields: [
             {manager: promptsales-operator, operation: Apply, time: "2026-01-01T10:00:05Z"}]})",
             false},
        Case{"MadeByTheHandOverManager", R"({creationTimestamp: "2026-01-01T10:00:05Z", managedFields: [
             {manager: promptsales-operator-handover, operation: Apply, time: "2026-01-01T10:00:04Z"}]})",
             false},
        Case{"InTheSecondOfThePromptSales", R"({creationTimestamp: "2026-01-01T10:00:00Z", managedFields: [
             {manager: promptsales-operator, operation: Apply, time: "2026-01-01T10:00:00Z"}]})",
             false},
        Case{"OlderThanThePromptSales", R"({creationTimestamp: "2026-01-01T09:59:59Z", managedFields: [
             {manager: promptsales-operator, operation: Apply, time: "2026-01-01T10:00:05Z"}]})",
             true},
        Case{"OfAnotherAuthor", R"({creationTimestamp: "2026-01-01T10:00:05Z", managedFields: [
             {manager: kubectl-create, operation: Update, time: "2026-01-01T10:00:05Z"},
             {manager: promptsales-operator, operation: Apply, time: "2026-01-01T10:00:05Z"}]})",
             true},
        // Somebody made it without a field that anybody owns: `kubectl create serviceaccount`.
        Case{"OlderThanOurFields", R"({creationTimestamp: "2026-01-01T10:00:05Z", managedFields: [
             {manager: promptsales-operator, operation: Apply, time: "2026-01-01T10:00:06Z"}]})",
             true},
        Case{"OneThatAControllerReportsOn", R"({creationTimestamp: "2026-01-01T10:00:05Z", managedFields: [
             {manager: promptsales-operator, operation: Apply, time: "2026-01-01T10:00:05Z"},
             {manager: kube-controller-manager, operation: Update, subresource: status, time: "2026-01-01T10:00:06Z"}]})",
             false}),
    [](const auto& info) { return std::string{info.param.name}; });

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
