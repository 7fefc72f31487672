// What the API server refuses, and what it says to the person who wrote it. The table is bad_resources.yaml.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/support/api_server.hpp"
#include "tests/integration/support/promptsales_api.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using Effect = PromptSalesApi::Effect;
using k8s::Json;

/// The answer to one row of the table: to its creation, or to the update of what was there before.
HttpResponse answer_to(PromptSalesApi& api, const std::string& ns, const Json& row, std::size_t number) {
  const auto name = row.contains("before") ? "row-" + std::to_string(number) : row.value("name", "sample");
  const auto bad = resource(ns, name, row.value("spec", Json{}));
  if (!row.contains("before")) return api.create(bad, Effect::kDryRun);

  const auto before = api.create(resource(ns, name, row.at("before")), Effect::kReal);
  EXPECT_EQ(before.status, 201) << message_of(before);
  return api.replace(bad, Effect::kDryRun);
}

TEST(BadResource, IsRefusedWithTheSentenceThatAPersonNeeds) {
  ApiServer server;
  PromptSalesApi api;
  const auto rows = read_repository_yaml("tests/integration/crd/bad_resources.yaml").at(0);
  ASSERT_GE(rows.size(), 60U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(rows[i].at("mistake"));
    const auto answer = answer_to(api, server.ns(), rows[i], i);
    EXPECT_TRUE(answer.status == 422 || answer.status == 400) << "status " << answer.status;
    EXPECT_THAT(message_of(answer), ::testing::HasSubstr(rows[i].at("says")));
  }
}

}  // namespace
}  // namespace promptsales::testing
