#include "controllers/promptsales/postgres_version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/promptsales/children.hpp"
#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::inputs_of;
using promptsales::testing::object_of;
using ::testing::HasSubstr;

const Images kImages{.backend = {},
                     .postgres = "registry.example/postgres:17.2",
                     .valkey = {},
                     .nats = {},
                     .postgres_by_version = {{"16", "registry.example/postgres@sha256:16"}}};
const std::string kSixteen = "registry.example/postgres@sha256:16";

TEST(PostgresMajor, IsThatOfTheTag) {
  const std::pair<std::string, std::string> cases[] = {
      {"postgres:17", "17"},
      {"docker.io/library/postgres:17.2-bookworm", "17"},
      {"registry.example:5000/postgres:16-alpine@sha256:abc", "16"},
      {"registry.example:5000/postgres", ""},
      {"registry.example/postgres@sha256:17", ""},
      {"postgres:latest", ""},
      {"postgres:1", ""},
      {"postgres:177", ""},
      {"postgres:09", ""},
      {"", ""},
  };
  for (const auto& [image, major] : cases) EXPECT_EQ(postgres_major(image), major) << image;
}

/// A claim whose label says this, and the StatefulSet that was made with it.
PostgresOnVolume volume_of(const std::string& version,
                           const std::string& image = "registry.example/postgres:17.2") {
  return {.has_volume = true, .version = version, .image = image, .claim_version = version};
}
const PostgresOnVolume kNothingYet{};

TEST(ANewDatabase, HasTheDefaultVersionOrTheOneThatItsSpecNames) {
  const auto by_default = choose_postgres(kImages, std::nullopt, kNothingYet);
  ASSERT_TRUE(by_default);
  EXPECT_EQ(by_default->image, kImages.postgres);
  EXPECT_EQ(by_default->claim_version, "17");
  const auto named = choose_postgres(kImages, "16", kNothingYet);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->image, kSixteen);
  EXPECT_EQ(named->claim_version, "16");
  EXPECT_FALSE(named->problem);
}

TEST(ANewDatabase, IsNotMadeOfAVersionThatThereIsNoImageOf) {
  const auto refused = choose_postgres(kImages, "15", kNothingYet);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "PostgresVersionMissing");
  EXPECT_THAT(refused.error().message, HasSubstr("RELATED_IMAGE_POSTGRES_15"));
  EXPECT_THAT(refused.error().message, HasSubstr("there are images of 16, 17"));
}

TEST(AVolume, KeepsItsVersionWhateverTheDefaultHasBecome) {
  const auto server = choose_postgres(kImages, std::nullopt, volume_of("16", "registry.example/postgres:16"));
  ASSERT_TRUE(server);
  EXPECT_EQ(server->image, kSixteen) << "the newest image of that version";
  EXPECT_EQ(server->claim_version, "16");
  EXPECT_FALSE(server->problem);
}

TEST(AVolume, IsNeverGivenToAnotherVersion) {
  for (const auto* asked : {"16", "15"}) {
    const auto server = choose_postgres(kImages, asked, volume_of("17"));
    ASSERT_TRUE(server);
    EXPECT_EQ(server->image, kImages.postgres) << "it goes on";
    ASSERT_TRUE(server->problem);
    EXPECT_EQ(server->problem->reason, "PostgresVersionDiffers");
    EXPECT_THAT(server->problem->message, HasSubstr("set spec.database.version to \"17\""));
  }
  EXPECT_FALSE(choose_postgres(kImages, "17", volume_of("17"))->problem);
}

TEST(AVolume, KeepsTheImageThatItHasWhereNoneOfItsVersionIsLeft) {
  const auto server = choose_postgres(kImages, std::nullopt, volume_of("15", "old.example/postgres:15"));
  ASSERT_TRUE(server);
  EXPECT_EQ(server->image, "old.example/postgres:15");
  ASSERT_TRUE(server->problem);
  EXPECT_EQ(server->problem->reason, "PostgresVersionMissing");
  EXPECT_THAT(server->problem->message, HasSubstr("goes on with the image that it has"));
}

TEST(AVolume, OfADeletedResourceIsOpenedByItsOwnVersionOrNotAtAll) {
  PostgresOnVolume kept{.has_volume = true, .version = "16", .image = {}, .claim_version = {}};
  const auto opened = choose_postgres(kImages, std::nullopt, kept);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->image, kSixteen);
  EXPECT_EQ(opened->claim_version, "16");
  kept.version = "15";
  EXPECT_EQ(choose_postgres(kImages, std::nullopt, kept).error().reason, "PostgresVersionMissing");
  kept.version =
      "";  // restored from a snapshot: who knows is Postgres itself, and the person who restored it
  EXPECT_EQ(choose_postgres(kImages, "16", kept)->image, kSixteen);
}

TEST(AVolume, TellsItsVersionByItsLabelElseByAServerThatServes) {
  const Json claim{{"metadata", {{"labels", {{kPostgresVersion, "16"}}}}}};
  const auto server = [](int ready) {
    return Json{{"spec",
                 {{"template", {{"spec", {{"containers", Json::array({{{"image", "postgres:17"}}})}}}}},
                  {"volumeClaimTemplates", Json::array({{{"metadata", Json::object()}}})}}},
                {"status", {{"readyReplicas", ready}}}};
  };
  const Json none = Json::object();
  const Json serves = server(1);
  const Json crashes = server(0);
  EXPECT_EQ(postgres_on_volume(kImages, true, &claim, &serves).version, "16");
  EXPECT_EQ(postgres_on_volume(kImages, true, &none, &serves).version, "17");
  EXPECT_EQ(postgres_on_volume(kImages, true, &none, &crashes).version, "")
      << "it may be the one that does not read the data";
  EXPECT_EQ(postgres_on_volume(kImages, true, &none, &serves).claim_version, "")
      << "its template stays as it is";
}

TEST(TheDatabaseServer, SaysTheVersionOfItsClaimAndNeverAnotherOne) {
  auto inputs = inputs_of("tier: MVP");
  const auto label = [&] {
    return k8s::string_at(
        object_of(children::database_server, inputs).at("spec").at("volumeClaimTemplates").at(0),
        {"metadata", "labels", kPostgresVersion});
  };
  EXPECT_EQ(label(), "17");
  inputs.postgres = {.image = "registry.example/postgres:18", .claim_version = "17"};
  EXPECT_EQ(label(), "17");
  inputs.postgres = {.image = "registry.example/postgres:17", .claim_version = ""};
  EXPECT_EQ(label(), "") << "one that an older operator made";
}

}  // namespace
}  // namespace promptsales::controllers
