// Passwords of embedded services are replaced on request: the server learns the new one first, pods get it, and the
// server forgets the former one last.

#include <gmock/gmock.h>

#include "base/strings.hpp"
#include "controllers/promptsales/bindings/entries.hpp"
#include "controllers/promptsales/rotation.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using controllers::bindings::Entries;
using controllers::bindings::entries_in;
using k8s::Json;
using k8s::string_at;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class APasswordInUse : public WithOperator {
 protected:
  void SetUp() override {
    create("demo");
    ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  }
  void ask(const char* annotation, const std::string& value) {
    server.patch(kPromptSales, "demo", {{"metadata", {{"annotations", {{annotation, value}}}}}});
  }
  Entries entries(const std::string& secret) { return entries_in(server.get(kSecret, secret)); }
  std::string annotation(const std::string& secret, const char* name) {
    return string_at(server.get(kSecret, secret), {"metadata", "annotations", name});
  }
  /// The Job that runs this command and has not ended, once there is one.
  std::string job(const std::string& command) {
    std::string found;
    EXPECT_TRUE(eventually([&] {
      for (const auto& name : trials("demo"))
        if (server.get(kJob, name).at("/spec/template/spec/containers/0/args/0"_json_pointer) == command)
          found = name;
      return !found.empty();
    })) << command
        << read("demo").dump(2);
    return found;
  }
  std::vector<std::string> left_over() {
    auto all = ours();
    std::erase_if(all, [](const auto& name) {
      return !name.contains("-rotate-") && !name.contains("-retire-") && !name.contains("-next") &&
             !name.contains("-trial-");
    });
    return all;
  }
  /// The roll-out goes on, and no Job of a task ends.
  void serve_pods() {
    serve_workloads("demo", [](const Json& live) { return string_at(live, {"kind"}) == kJob.kind; });
  }

  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(APasswordInUse, OfTheDatabaseIsReplacedByThatOfAnotherRole) {
  const Entries before = entries("demo-database");
  ask(controllers::kRotateDatabase, "monday");
  const auto rotate = job("rotate");
  EXPECT_EQ(entries("demo-database-next").at("username"), "promptsales_a");
  EXPECT_TRUE(eventually([&] { return reason_of("demo", "DatabaseReady") == "PasswordRotation"; }));
  EXPECT_EQ(entries("demo-database"), before) << "the server does not know it yet";
  const Entries next = entries("demo-database-next");
  const auto volumes = server.get(kJob, rotate).at("/spec/template/spec/volumes"_json_pointer).dump();
  EXPECT_THAT(volumes, HasSubstr("demo-database-binding"));
  EXPECT_THAT(volumes, HasSubstr("demo-database-next"));

  finish_job(rotate);
  ASSERT_TRUE(eventually([&] { return entries("demo-database").at("username") == "promptsales_a"; }));
  EXPECT_EQ(entries("demo-database").at("password"), next.at("password"));
  EXPECT_EQ(annotation("demo-database", controllers::kRotated), "monday");
  EXPECT_EQ(entries("demo-database-binding").at("username"), "promptsales") << "not tried yet";
  finish_job(job("check"));
  ASSERT_TRUE(eventually([&] { return entries("demo-database-binding").at("username") == "promptsales_a"; }));

  EXPECT_TRUE(eventually([&] { return left_over().empty(); }));
  EXPECT_TRUE(throughout(1s, [&] { return left_over().empty(); })) << "pods still use the former one";
  EXPECT_TRUE(eventually([&] {
    serve_pods();
    return !trials("demo").empty();
  }));
  const auto retire = job("retire");
  EXPECT_EQ(annotation("demo-database", controllers::kRetiring), "promptsales");
  finish_job(retire);
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_EQ(annotation("demo-database", controllers::kRetiring), "");
  EXPECT_TRUE(eventually([&] { return left_over().empty(); }));

  ask(controllers::kRotateDatabase, "tuesday");
  finish_job(job("rotate"));
  EXPECT_TRUE(eventually([&] { return entries("demo-database").at("username") == "promptsales_b"; }));
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(APasswordInUse, StaysWhenTheServerDoesNotTakeAnother) {
  ask(controllers::kRotateDatabase, "monday");
  fail_job(job("rotate"), 1, "nothing listens at host and port");
  EXPECT_TRUE(eventually([&] { return reason_of("demo", "DatabaseReady") == "PasswordRotationFailed"; }));
  // The Job's words are its pod's, which are another watch.
  EXPECT_TRUE(eventually([&] { return message_of("demo", "DatabaseReady").contains("nothing listens"); }));
  EXPECT_EQ(entries("demo-database").at("username"), "promptsales");
  const Entries next = entries("demo-database-next");
  finish_job(job("rotate"));  // the second attempt, with the same login
  EXPECT_TRUE(eventually([&] { return entries("demo-database") == next; }));
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(APasswordInUse, IsReplacedOnceWhoeverTheOperatorIs) {
  ask(controllers::kRotateDatabase, "monday");
  const auto rotate = job("rotate");
  const Entries next = entries("demo-database-next");
  // An annotation is no new generation: until then a Ready of before would be taken for one of now.
  ASSERT_TRUE(eventually([&] { return reason_of("demo", "DatabaseReady") == "PasswordRotation"; }));
  running->terminate();
  ASSERT_TRUE(running->wait());
  running = an_operator();
  ASSERT_TRUE(eventually([&] { return running->leading(); }));
  finish_job(rotate);
  EXPECT_TRUE(eventually([&] { return entries("demo-database") == next; }));
  ASSERT_TRUE(become_ready("demo"));
  const auto at_rest = settled();
  running->terminate();
  ASSERT_TRUE(running->wait());
  running = an_operator();
  ASSERT_TRUE(eventually([&] { return running->leading(); }));
  EXPECT_TRUE(throughout(1s, [&] { return versions() == at_rest; }));
}

TEST_F(APasswordInUse, OfTheCacheIsTakenBesideTheFormerOneUntilNoPodUsesThat) {
  const std::string before = entries("demo-cache").at("password");
  const auto template_of_server = [&] {
    return server.get(kStatefulSet, "demo-cache").at("spec").at("template");
  };
  const Json server_before = template_of_server();
  ask(controllers::kRotateCache, "monday");
  const auto rotate = job("rotate");
  const std::string next = entries("demo-cache-next").at("password");
  const auto takes = [&](const std::string& user, const std::string& password) {
    return entries("demo-cache").at("users.acl").contains("user " + user + " on >" + password + " ");
  };
  EXPECT_TRUE(eventually([&] { return takes("default", before) && takes("promptsales_a", next); }))
      << "one that starts anew takes both";
  finish_job(rotate);
  ASSERT_TRUE(eventually([&] { return entries("demo-cache").at("password") == next; }));
  EXPECT_EQ(entries("demo-cache").at("username"), "promptsales_a");
  EXPECT_TRUE(takes("default", before) && takes("promptsales_a", next));
  finish_job(job("check"));
  ASSERT_TRUE(eventually([&] { return entries("demo-cache-binding").at("password") == next; }));
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_TRUE(takes("promptsales_a", next) && !takes("default", before));
  EXPECT_EQ(template_of_server(), server_before) << "it was told of its password, and need not start anew";
  EXPECT_TRUE(eventually([&] { return left_over().empty(); }));
}

TEST_F(APasswordInUse, OfMessagingIsInItsFileBesideTheFormerOneUntilNoPodUsesThat) {
  change("demo", {{"messaging", {{"type", "Embedded"}}}});
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  const std::string before = entries("demo-messaging").at("password");
  const auto pods = [&] { return server.get(kStatefulSet, "demo-messaging").at("spec").at("template"); };
  const Json pods_before = pods();
  ask(controllers::kRotateMessaging, "monday");
  const auto takes = [&](const std::string& password) {
    return entries("demo-messaging").at("nats.conf").contains("\"" + password + "\"");
  };
  ASSERT_TRUE(eventually([&] { return pods() != pods_before; }));
  const std::string next = entries("demo-messaging-next").at("password");
  EXPECT_TRUE(takes(before) && takes(next));
  EXPECT_TRUE(throughout(1s, [&] { return entries("demo-messaging").at("password") == before; }))
      << "the server has not started with the file yet";

  ASSERT_TRUE(eventually([&] {
    serve_pods();
    return entries("demo-messaging").at("password") == next;
  }));
  EXPECT_TRUE(takes(before) && takes(next));
  finish_job(job("check"));
  ASSERT_TRUE(eventually([&] { return entries("demo-messaging-binding").at("password") == next; }));
  EXPECT_TRUE(eventually([&] { return reason_of("demo", "MessagingReady") == "PasswordRotation"; }));
  EXPECT_TRUE(throughout(1s, [&] { return takes(before); })) << "pods still use it";
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_TRUE(takes(next) && !takes(before));
  EXPECT_EQ(entries("demo-messaging").at("username"), "promptsales_a");
  EXPECT_TRUE(eventually([&] { return left_over().empty(); }));
  const auto at_rest = settled();
  EXPECT_TRUE(throughout(1s, [&] { return versions() == at_rest; }));
}

TEST_F(APasswordInUse, OfMessagingStaysAndItsPodTooWhileTheNextOneCannotBeKept) {
  change("demo", {{"messaging", {{"type", "Embedded"}}}});
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  server.apply(kSecret,
               {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", "demo-messaging-next"}}}});
  const auto pods = [&] { return server.get(kStatefulSet, "demo-messaging").at("spec").at("template"); };
  const Json before = pods();
  ask(controllers::kRotateMessaging, "monday");
  ASSERT_TRUE(eventually([&] { return reason_of("demo", "Ready") == "NameConflict"; }))
      << read("demo").dump(2);
  EXPECT_TRUE(throughout(3s, [&] { return pods() == before; }));
  server.remove(kSecret, "demo-messaging-next");
  EXPECT_TRUE(eventually([&] { return pods() != before; }));
}

TEST_F(APasswordInUse, IsNeverShown) {
  ask(controllers::kRotateDatabase, "monday");
  const auto rotate = job("rotate");
  const std::string password = entries("demo-database-next").at("password");
  EXPECT_THAT(server.get(kJob, rotate).dump(), Not(HasSubstr(password)));
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_THAT(read("demo").dump(), Not(HasSubstr(password)));
  EXPECT_THAT(running->log(), Not(HasSubstr(password)));
}

TEST_F(APasswordInUse, OfANewResourceIsNewAlready) {
  const auto answer = api.create(
      {{"apiVersion", "promptsales.io/v1alpha1"},
       {"kind", "PromptSales"},
       {"metadata",
        {{"name", "fresh"},
         {"namespace", server.ns()},
         {"annotations", {{controllers::kRotateDatabase, "monday"}, {controllers::kRotateCache, "monday"}}}}},
       {"spec", {{"tier", "MVP"}}}},
      PromptSalesApi::Effect::kReal);
  ASSERT_EQ(answer.status, 201);
  ASSERT_TRUE(become_ready("fresh"));
  EXPECT_EQ(entries("fresh-database").at("username"), "promptsales");
  EXPECT_THAT(left_over(), IsEmpty());
}

}  // namespace
}  // namespace promptsales::testing
