// Data and the password that opens it outlive the PromptSales, and no second password is ever made over them.

#include <gmock/gmock.h>

#include "base/strings.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using k8s::string_at;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class TheData : public WithOperator {
 protected:
  static constexpr const char* kClaim = "data-demo-database-0";

  void SetUp() override {
    create("demo");
    ASSERT_TRUE(become_ready("demo"));
    password = password_in("demo-database");
    ASSERT_GE(password.size(), 20);
  }
  /// The claim that the StatefulSet would have made, where controllers for it run.
  void make_claim(const std::string& server_name = "demo-database", int claims = 1) {
    const Json stateful_set = server.get(kStatefulSet, server_name);
    Json claim = stateful_set.at("spec").at("volumeClaimTemplates").at(0);
    claim["apiVersion"] = "v1";
    claim["kind"] = "PersistentVolumeClaim";
    claim["metadata"]["name"] = "data-" + server_name + "-0";
    claim.erase("status");
    server.apply(kPersistentVolumeClaim, claim);
    ASSERT_TRUE(eventually([&] {
      return running->metric("promptsales_informer_objects", {"resource=\"persistentvolumeclaims\""}) ==
             claims;
    }));
  }
  void delete_demo() {
    server.remove(kPromptSales, "demo");
    // The cluster's garbage collector learns of a new kind of owner every 30 s.
    ASSERT_TRUE(eventually([&] { return ours() == std::vector<std::string>{"Secret/demo-database"}; }, 120s))
        << ::testing::PrintToString(ours());
  }

  std::unique_ptr<OperatorProcess> running = an_operator();
  std::string password;
};

TEST_F(TheData, IsAllThatStaysOfADeletedResource) {
  make_claim();
  delete_demo();
  EXPECT_FALSE(server.get(kPersistentVolumeClaim, kClaim).is_null());
  EXPECT_EQ(password_in("demo-database"), password);
}

TEST_F(TheData, IsNamedInAnEventWhenTheResourceIsDeleted) {
  make_claim();
  delete_demo();
  ASSERT_TRUE(eventually([&] { return !events(kClaim, "DataRetained").empty(); }));
  const auto notes = events(kClaim, "DataRetained");
  EXPECT_EQ(notes.size(), 1);
  EXPECT_THAT(notes.front(), HasSubstr(kClaim));
  EXPECT_THAT(notes.front(),
              HasSubstr("delete persistentvolumeclaim/data-demo-database-0 secret/demo-database"));
  EXPECT_EQ(notes.front().find(password), std::string::npos);
}

// An Event tells afterwards, if the operator is there to see the deletion.
TEST_F(TheData, IsNamedByItsConditionBeforeTheResourceIsDeleted) {
  EXPECT_THAT(message_of("demo", "DatabaseReady"),
              HasSubstr("its data is in PersistentVolumeClaim data-demo-database-0, which stays when this "
                        "resource is deleted"));
  EXPECT_THAT(message_of("demo", "CacheReady"), Not(HasSubstr("PersistentVolumeClaim"))) << "it holds none";
}

TEST_F(TheData, OfOneServerIsDiscardedWithoutThePasswordOfAnother) {
  change("demo", {{"messaging", {{"type", "Embedded"}}}});
  ASSERT_TRUE(become_ready("demo"));
  make_claim();
  make_claim("demo-messaging", 2);
  delete_demo();
  ASSERT_TRUE(eventually([&] { return !events("data-demo-messaging-0", "DataRetained").empty(); }));
  EXPECT_THAT(events("data-demo-messaging-0", "DataRetained").front(),
              EndsWith("delete persistentvolumeclaim/data-demo-messaging-0"));
}

// A volume restored from a snapshot has no label of ours, so that no cache shows it.
TEST_F(WithOperator, DataThatSomebodyRestoredGetsNoNewPassword) {
  server.apply(
      kPersistentVolumeClaim,
      {{"apiVersion", "v1"},
       {"kind", "PersistentVolumeClaim"},
       {"metadata", {{"name", "data-demo-database-0"}}},
       {"spec", {{"accessModes", {"ReadWriteOnce"}}, {"resources", {{"requests", {{"storage", "20Gi"}}}}}}}});
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(becomes("demo", "CredentialsMissing")) << read("demo").dump(2);
  EXPECT_TRUE(server.get(kSecret, "demo-database").is_null());
}

TEST_F(TheData, IsOpenedAgainByANewResourceOfTheName) {
  make_claim();
  delete_demo();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(password_in("demo-database"), password);
  EXPECT_EQ(password_in("demo-database-binding"), password);
}

/// The name of the login, as it is after `promptsales.io/rotate-database-password` was acted on.
class TheDataOfAReplacedLogin : public TheData {
 protected:
  void SetUp() override {
    TheData::SetUp();
    server.patch(kSecret, "demo-database",
                 {{"data", {{"username", base64_encode("promptsales_a")}}},
                  {"metadata", {{"annotations", {{"promptsales.io/handled-rotate-password", "monday"}}}}}});
    ASSERT_TRUE(eventually([&] {
      serve_workloads("demo");
      return username_in("demo-database-binding") == "promptsales_a";
    }));
  }
  std::string username_in(const std::string& secret) {
    return base64_decode(string_at(server.get(kSecret, secret), {"data", "username"})).value_or("");
  }
};

TEST_F(TheDataOfAReplacedLogin, IsOpenedByItAgain) {
  make_claim();
  delete_demo();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(username_in("demo-database"), "promptsales_a");
  EXPECT_EQ(username_in("demo-database-binding"), "promptsales_a");
}

// Postgres makes an empty data directory with its owner, and the Secret is all that was kept.
TEST_F(TheDataOfAReplacedLogin, IsOpenedByItsOwnerAfterTheVolumeWasDiscarded) {
  delete_demo();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(username_in("demo-database"), "promptsales");
  EXPECT_EQ(username_in("demo-database-binding"), "promptsales");
  EXPECT_EQ(password_in("demo-database"), password);
}

TEST_F(TheData, KeepsItsPasswordWhenTheSecretOfItIsDeleted) {
  make_claim();
  server.remove(kSecret, "demo-database");
  ASSERT_TRUE(eventually([&] { return !server.get(kSecret, "demo-database").is_null(); }));
  EXPECT_EQ(password_in("demo-database"), password);
  EXPECT_EQ(password_in("demo-database-binding"), password);
}

TEST_F(TheData, KeepsItsPasswordWhenTheBindingIsDeleted) {
  server.remove(kSecret, "demo-database-binding");
  ASSERT_TRUE(eventually([&] { return !server.get(kSecret, "demo-database-binding").is_null(); }));
  EXPECT_EQ(password_in("demo-database-binding"), password);
}

TEST_F(TheData, GetsNoNewPasswordWhenItsOwnIsLostAndHealsWhenItIsRestored) {
  make_claim();
  const Json saved = server.get(kSecret, "demo-database");
  // While nobody looks, so that neither is made again from the other.
  running->terminate();
  ASSERT_EQ(running->wait(), 0);
  server.remove(kSecret, "demo-database");
  server.remove(kSecret, "demo-database-binding");
  running = an_operator();
  ASSERT_TRUE(becomes("demo", "CredentialsMissing")) << read("demo").at("status").dump(2);
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  EXPECT_EQ(reason_of("demo", "DatabaseReady"), "CredentialsMissing");
  EXPECT_EQ(reason_of("demo", "CacheReady"), "Available") << "it is not the one";
  EXPECT_THAT(message_of("demo"), HasSubstr(std::string{"PersistentVolumeClaim "} + kClaim));
  EXPECT_THAT(message_of("demo"), HasSubstr("restore it"));
  EXPECT_TRUE(throughout(500ms, [&] { return server.get(kSecret, "demo-database").is_null(); }));
  EXPECT_TRUE(server.get(kSecret, "demo-database-binding").is_null());
  EXPECT_FALSE(server.get(kDeployment, "demo-backend").is_null()) << "what runs is left as it is";

  server.apply(kSecret,
               {{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", {{"name", "demo-database"}, {"labels", saved.at("metadata").at("labels")}}},
                {"type", saved.at("type")},
                {"data", saved.at("data")}});
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(password_in("demo-database-binding"), password);
}

TEST_F(TheData, MayBeginAnewWhenTheClaimIsGoneToo) {
  running->terminate();
  ASSERT_EQ(running->wait(), 0);
  server.remove(kSecret, "demo-database");
  server.remove(kSecret, "demo-database-binding");
  running = an_operator();
  ASSERT_TRUE(eventually([&] { return !server.get(kSecret, "demo-database-binding").is_null(); }));
  EXPECT_EQ(password_in("demo-database"), password_in("demo-database-binding"));
  EXPECT_NE(password_in("demo-database"), password);
}

TEST_F(TheData, KeepsItsPasswordOutOfLogStatusAndEvents) {
  make_claim();
  server.remove(kSecret, "demo-database-binding");
  ASSERT_TRUE(eventually([&] { return !server.get(kSecret, "demo-database-binding").is_null(); }));
  const std::string cache = password_in("demo-cache");
  ASSERT_FALSE(cache.empty());
  const auto told = running->log() + running->get("/metrics").body + running->get("/readyz").body +
                    read("demo").dump() + server.get(kDeployment, "demo-backend").dump() +
                    server.get(kStatefulSet, "demo-cache").dump();
  EXPECT_EQ(told.find(password), std::string::npos);
  EXPECT_EQ(told.find(cache), std::string::npos);
}

}  // namespace
}  // namespace promptsales::testing
