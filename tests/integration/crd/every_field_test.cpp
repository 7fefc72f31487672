// What the API server says to wrong values of every field of the spec there is: nothing that is of the wrong type, out of
// its bounds or no value of an enumeration is stored, and what is said names the field.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/integration/support/api_server.hpp"
#include "tests/integration/support/promptsales_api.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using Effect = PromptSalesApi::Effect;
using k8s::Json;
using ::testing::HasSubstr;

/// Steps into a spec; "[]" is the only element of a list, "{}" the only entry of a map, of the name "key".
using Path = std::vector<std::string>;

std::string text_of(const Path& path) {
  std::string text = "spec";
  for (const auto& step : path) text += step == "[]" ? "[0]" : step == "{}" ? ".key" : "." + step;
  return text;
}

/// A spec that has this value at the path, and nothing besides but a tier.
Json spec_with(const Path& path, Json value) {
  for (auto step = path.rbegin(); step != path.rend(); ++step)
    value = *step == "[]" ? Json::array({value}) : Json{{*step == "{}" ? "key" : *step, value}};
  if (!value.contains("tier")) value["tier"] = "MVP";
  return value;
}

bool is_amount(const Json& schema) { return schema.value("x-kubernetes-int-or-string", false); }

/// Values that the schema must not let pass.
std::vector<Json> wrong_values(const Json& schema) {
  const std::string type = is_amount(schema) ? "amount" : schema.at("type").get<std::string>();
  if (type == "object") return {"text", 7, Json::array()};
  if (type == "array") return {"text", 7, Json::object()};
  if (type == "boolean") return {"text", 7, Json::object()};
  if (type == "amount") return {true, Json::object()};  // what is no amount: bad_resources.yaml
  if (type == "integer") {
    std::vector<Json> wrong{"text", true, Json::object(), 1.5};
    if (schema.contains("minimum")) wrong.push_back(schema.at("minimum").get<std::int64_t>() - 1);
    if (schema.contains("maximum")) wrong.push_back(schema.at("maximum").get<std::int64_t>() + 1);
    return wrong;
  }
  std::vector<Json> wrong{7, true, Json::object()};
  if (schema.contains("enum")) wrong.emplace_back("Nonsense");
  if (schema.value("minLength", 0) > 0 || schema.contains("enum")) wrong.emplace_back("");
  if (schema.contains("maxLength"))
    wrong.emplace_back(std::string(schema.at("maxLength").get<std::size_t>() + 1, 'a'));
  return wrong;
}

using Visit = std::function<void(const Path&, const Json& schema)>;

void for_each_field(const Json& schema, const Path& path, const Visit& visit) {
  if (!path.empty()) visit(path, schema);
  const auto below = [&](const std::string& step, const Json& part) {
    Path longer = path;
    longer.push_back(step);
    for_each_field(part, longer, visit);
  };
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, property] : properties.items()) below(name, property);
  if (schema.contains("items")) below("[]", schema.at("items"));
  if (schema.contains("additionalProperties")) below("{}", schema.at("additionalProperties"));
}

class EveryField : public ::testing::Test {
 protected:
  HttpResponse answer_to(const Path& path, const Json& value) {
    return api.create(resource(server.ns(), "sample", spec_with(path, value)), Effect::kDryRun);
  }
  void visit(const Visit& each) {
    const Json schema = read_repository_yaml("crds/promptsales.yaml")
                            .at(0)
                            .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"_json_pointer);
    for_each_field(schema, {}, each);
  }

  ApiServer server;
  PromptSalesApi api;
};

TEST_F(EveryField, IsRefusedByNameWhereItsValueIsWrong) {
  std::size_t asked = 0;
  visit([&](const Path& path, const Json& schema) {
    for (const Json& wrong : wrong_values(schema)) {
      SCOPED_TRACE(text_of(path) + " is " + wrong.dump().substr(0, 60));
      const auto answer = answer_to(path, wrong);
      EXPECT_TRUE(answer.status == 422 || answer.status == 400) << answer.status;
      EXPECT_THAT(message_of(answer), HasSubstr(text_of(path)));
      ++asked;
    }
  });
  EXPECT_GE(asked, 300U);
}

TEST_F(EveryField, ThatIsNullIsAsIfItWereNotThere) {
  visit([&](const Path& path, const Json&) {
    if (path.back() == "[]" || path.back() == "{}" || path == Path{"tier"}) return;
    SCOPED_TRACE(text_of(path));
    const auto with_null = answer_to(path, nullptr);
    Json without = spec_with(path, nullptr);
    Json* parent = &without;
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
      parent = path[i] == "[]" ? &parent->at(0) : &parent->at(path[i] == "{}" ? "key" : path[i]);
    parent->erase(path.back());
    const auto left_out = api.create(resource(server.ns(), "sample", without), Effect::kDryRun);
    EXPECT_EQ(with_null.status, left_out.status) << message_of(with_null);
    if (with_null.status == 201)
      EXPECT_EQ(body_of(with_null).at("spec"), body_of(left_out).at("spec"));
    else
      EXPECT_EQ(message_of(with_null), message_of(left_out));
  });
}

}  // namespace
}  // namespace promptsales::testing
