// The status fits: into the CRD's schema, into JSON, and into the room that it is given.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "controllers/promptsales/status.hpp"
#include "controllers/promptsales/tls/self_signed.hpp"
#include "operator/k8s/conditions.hpp"
#include "tests/support/pass_report.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::APass;
using promptsales::testing::failed;
using promptsales::testing::progressing;
using promptsales::testing::read_repository_yaml;

const Json& status_schema() {
  static const Json definition = read_repository_yaml("crds/promptsales.yaml").at(0);
  return definition.at("spec")
      .at("versions")
      .at(0)
      .at("schema")
      .at("openAPIV3Schema")
      .at("properties")
      .at("status");
}

/// What of OpenAPI the status' schema uses.
void expect_valid(const Json& value, const Json& schema, const std::string& path) {
  const std::string type = schema.value("type", "");
  const std::map<std::string, bool> is{{"object", value.is_object()},
                                       {"array", value.is_array()},
                                       {"string", value.is_string()},
                                       {"boolean", value.is_boolean()},
                                       {"integer", value.is_number_integer()}};
  ASSERT_TRUE(is.contains(type)) << path << " has type " << type << ", which this test does not know";
  ASSERT_TRUE(is.at(type)) << path << " must be of type " << type << ", but is " << value;
  if (type == "string") {
    EXPECT_LE(value.get<std::string>().size(), schema.value("maxLength", 1U << 20)) << path;
    EXPECT_GE(value.get<std::string>().size(), schema.value("minLength", 0U)) << path;
    if (schema.contains("enum")) {
      EXPECT_TRUE(schema.at("enum").get<std::set<std::string>>().contains(value)) << path << " is " << value;
    }
    if (schema.value("format", "") == "date-time") {
      EXPECT_TRUE(
          std::regex_match(value.get<std::string>(), std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"}))
          << path << " is " << value;
    }
  }
  if (type == "integer" && schema.contains("minimum")) {
    EXPECT_GE(value, schema.at("minimum")) << path;
  }
  if (type == "array") {
    EXPECT_LE(value.size(), schema.value("maxItems", 0U)) << path;
    for (std::size_t i = 0; i < value.size(); ++i)
      expect_valid(value[i], schema.at("items"), path + "[" + std::to_string(i) + "]");
  }
  if (type != "object") return;
  for (const std::string& name : schema.value("required", std::set<std::string>{}))
    EXPECT_TRUE(value.contains(name)) << path << " lacks " << name;
  EXPECT_LE(value.size(), schema.value("maxProperties", 100U)) << path;
  for (const auto& [name, part] : value.items()) {
    const bool free = schema.contains("additionalProperties");
    ASSERT_TRUE(free || schema.at("properties").contains(name))
        << path << "." << name << " is not in the schema";
    expect_valid(part, free ? schema.at("additionalProperties") : schema.at("properties").at(name),
                 path + "." + name);
  }
}

void expect_fits(const APass& pass) {
  const Json status = pass.status();
  expect_valid(status, status_schema(), "status");
  std::string text;
  ASSERT_NO_THROW(text = status.dump());
  EXPECT_LE(text.size(), 32U * 1024);
}

TEST(Status, FitsTheSchemaWhateverThePassFound) {
  for (const std::string spec : {"tier: MVP", "{tier: Growth, backend: {autoscaling: {type: None}}}",
                                 "{tier: MVP, database: {type: Embedded, storageClassName: fast}}"}) {
    expect_fits(APass{spec});
    expect_fits(APass{
        spec, {{"database_server", progressing("Starting")}, {"backend_deployment", failed("CrashLoop")}}});
    expect_fits(APass{spec}.stopped_by(Remedy::kWaitForSpecChange, "InvalidSpec"));
    expect_fits(APass{spec}.after(APass{spec}.status()).stopped_by(Remedy::kWaitForSpecChange, "Suspended"));
  }
}

/// Embedded services, with all that can be said of them.
APass everything() {
  APass pass{
      "{tier: MVP, database: {type: Embedded, storageClassName: fast}, "
      "messaging: {type: Embedded, storageClassName: fast}}"};
  pass.cost = Cost{"1.00", "2.00", "1.50", "EUR"};
  pass.tls = promptsales::testing::a_certificate();
  pass.move = TierMove{.now = {}, .next = Transition{.started_at = promptsales::testing::kNow}};
  pass.move->next->blocked_by = "the backend: CrashLoop";
  return pass;
}

TEST(Status, FitsTheSchemaAtEveryStepOfAMove) {
  for (const auto step : {Step::kHeadroom, Step::kRoll, Step::kRollData, Step::kShrink}) {
    for (const bool reverting : {false, true}) {
      APass pass = everything();
      pass.move->next->step = step;
      pass.move->next->reverting = reverting;
      expect_fits(pass);
      EXPECT_EQ(pass.status().at("transition").at("step"), text_of(step, reverting));
    }
  }
}

TEST(Status, FitsTheSchemaInEveryPhaseOfACertificateAuthority) {
  using enum tls::Phase;
  for (const auto phase : {kStable, kTrusting, kReissuing, kRetiring}) {
    APass pass = everything();
    pass.tls->phase = text_of(phase);
    expect_fits(pass);
    EXPECT_EQ(pass.status().at("tls").at("phase"), text_of(phase));
  }
}

/// The properties of a schema by their path, "status.backend.url"; only those that `value` has, where one is given.
void collect(const Json& schema, const Json* value, const std::string& path, std::set<std::string>& paths) {
  if (schema.contains("items")) {
    for (const Json& item : value ? *value : Json::array({Json::object()}))
      collect(schema.at("items"), value ? &item : nullptr, path + "[]", paths);
    return;
  }
  if (!schema.contains("properties")) return;
  for (const auto& [name, property] : schema.at("properties").items()) {
    if (value && !value->contains(name)) continue;
    paths.insert(path + "." + name);
    collect(property, value ? &value->at(name) : nullptr, path + "." + name, paths);
  }
}

TEST(Status, FillsEveryFieldOfTheSchemaThatDoesNotSayOtherwise) {
  const APass managed{
      "{tier: Scale, database: {type: ACK, ack: {region: r}}, cache: {type: ACK, ack: {region: r}}}"};
  std::set<std::string> filled;
  for (const Json& status : {everything().status(), managed.status()})
    collect(status_schema(), &status, "status", filled);
  std::set<std::string> promised;
  collect(status_schema(), nullptr, "status", promised);
  std::erase_if(promised, [](const std::string& path) {
    return path.starts_with("status.lastRollout") || path.starts_with("status.pending");
  });
  for (const char* field : {"lastRollout", "pending"})
    EXPECT_THAT(status_schema().at("properties").at(field).at("description"),
                ::testing::HasSubstr("This version does not fill it"));
  EXPECT_EQ(filled, promised);
}

/// A pass in which every child and every name is as long as it may be.
APass longest(const std::string& message) {
  promptsales::testing::Parts parts;
  for (const Child* child : all_children())
    parts.emplace_back(std::string{child->id}, failed("NameConflict", message));
  APass pass{"tier: MVP", parts};
  pass.inputs.app.key = {std::string(63, 'n'), std::string(40, 'a')};
  pass.inputs.effective.backend.image = "registry.example/" + std::string(495, 'i');
  pass.inputs.effective.database.storage_class_name = std::string(253, 'c');
  for (int i = 0; i < 13; ++i)
    pass.inputs.effective.backend.resources
        .requests["example.com/" + std::string(50, static_cast<char>('a' + i))] = "1";
  return pass;
}

TEST(Status, FitsInItsRoomWhenEverythingFailsAtLength) {
  expect_fits(longest(std::string(5000, 'm')));
  expect_fits(longest(std::string(5000, '"')));  // two bytes each in JSON
}

TEST(StatusMessages, AreCutAtOneKibibyte) {
  const auto message_of = [](const std::string& message) {
    const auto status = APass{"tier: MVP", {{"cache_server", failed("CrashLoop", message)}}}.status();
    return k8s::condition_in(status, "CacheReady")->at("message").get<std::string>();
  };
  EXPECT_EQ(message_of(std::string(1024, 'm')), std::string(1024, 'm'));
  EXPECT_LE(message_of(std::string(1025, 'm')).size(), 1024U);
}

// Half a character is no text: it can neither be sent nor be read.
TEST(StatusMessages, AreCutBetweenCharacters) {
  for (const std::string& before : {std::string(1021, 'm'), std::string(1022, 'm'), std::string(1023, 'm')})
    for (const std::string character : {"é", "€", "🚀"}) expect_fits(longest(before + character + "…"));
}

}  // namespace
}  // namespace promptsales::controllers
