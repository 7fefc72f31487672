// A new image waits for the migration of the schema; what runs goes on meanwhile.

#include <gmock/gmock.h>

#include "base/strings.hpp"
#include "controllers/promptsales/migration.hpp"
#include "operator/k8s/time.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using k8s::string_at;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr auto kNewImage = "registry.example/backend:2";

class ANewImage : public WithOperator {
 protected:
  void SetUp() override {
    create("demo");
    ASSERT_TRUE(become_ready("demo"));
    change("demo", {{"image", kNewImage}});
    ASSERT_TRUE(eventually([&] { return jobs_with(kNewImage).size() == 1; }));
  }

  std::string running_image() {
    return server.get(kDeployment, "demo-backend").at("/spec/template/spec/containers/0/image"_json_pointer);
  }
  std::vector<std::string> jobs_with(const std::string& image) {
    std::vector<std::string> names;
    for (const auto& name : ours()) {
      if (!name.starts_with("Job/")) continue;
      const Json job = server.get(kJob, name.substr(4));
      if (!job.is_null() && job.at("/spec/template/spec/containers/0/image"_json_pointer) == image)
        names.push_back(name.substr(4));
    }
    return names;
  }
  /// Times in status are whole seconds, and a failure in the one in which the database came back is followed by
  /// another attempt at once: this one comes later.
  void fail_job(const std::string& job, int exit_code, const std::string& message) {
    ASSERT_TRUE(eventually([&] {
      return k8s::time_text(std::chrono::system_clock::now()) > since_of("demo", "DatabaseReady");
    }));
    uid_of_failed_ = string_at(server.get(kJob, job), {"metadata", "uid"});
    WithOperator::fail_job(job, exit_code, message);
  }

  /// Another Job of the same name is there. That the database is back may be said 15 s later: it is progress.
  bool is_made_anew(const std::string& job) {
    return eventually(
        [&] {
          const auto now = string_at(server.get(kJob, job), {"metadata", "uid"});
          return !now.empty() && now != uid_of_failed_;
        },
        40s);
  }

  std::string uid_of_failed_;
  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(ANewImage, IsRolledOutWhenItsMigrationHasSucceeded) {
  EXPECT_TRUE(becomes("demo", "Migrating"));
  EXPECT_EQ(running_image(), kBackendImage);
  EXPECT_TRUE(throughout(500ms, [&] { return running_image() == kBackendImage; }));
  EXPECT_TRUE(eventually([&] { return jobs_with(kBackendImage).empty(); })) << "the finished one made way";
  finish_job(jobs_with(kNewImage).at(0));
  EXPECT_TRUE(eventually([&] { return running_image() == kNewImage; }));
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_THAT(jobs_with(kNewImage), SizeIs(1)) << "it stays, so that nothing runs twice";
}

TEST_F(ANewImage, IsRefusedWhereTheSchemaIsNewerAndForgottenWhenTheOldOneIsAskedForAgain) {
  fail_job(jobs_with(kNewImage).at(0), 3, "the schema is at migration 9");
  EXPECT_TRUE(becomes("demo", "DowngradeRefused"));
  EXPECT_THAT(message_of("demo"), HasSubstr("the schema is at migration 9"));
  EXPECT_EQ(running_image(), kBackendImage);
  change("demo", {{"image", nullptr}});
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_EQ(running_image(), kBackendImage);
}

TEST_F(ANewImage, IsTriedAgainWhenTheFailedJobIsDeleted) {
  const auto job = jobs_with(kNewImage).at(0);
  fail_job(job, 1, "no disk left");
  EXPECT_TRUE(becomes("demo", "MigrationFailed"));
  // The Job's words are its pod's, which are another watch.
  EXPECT_TRUE(eventually([&] { return message_of("demo").contains("no disk left"); })) << message_of("demo");
  server.remove(kJob, job);
  EXPECT_TRUE(is_made_anew(job));
  finish_job(job);
  EXPECT_TRUE(eventually([&] { return running_image() == kNewImage; }));
}

TEST_F(ANewImage, IsTriedAgainByItselfWhenTheDatabaseComesBack) {
  const auto job = jobs_with(kNewImage).at(0);
  write_status(kStatefulSet, "demo-database", {{"replicas", 1}, {"readyReplicas", 0}});
  ASSERT_TRUE(eventually([&] { return status_of("demo", "DatabaseReady") == "False"; }));
  fail_job(job, 1, "the database does not answer");
  EXPECT_TRUE(becomes("demo", "MigrationFailed"));
  EXPECT_TRUE(throughout(500ms, [&] {
    return string_at(server.get(kJob, job), {"metadata", "uid"}) == uid_of_failed_;
  })) << "it would fail again";
  serve_workloads("demo", [](const Json& live) { return string_at(live, {"kind"}) == kJob.kind; });
  EXPECT_TRUE(is_made_anew(job));
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_EQ(running_image(), kNewImage);
}

TEST_F(ANewImage, IsTriedAgainByItselfWithOtherCredentials) {
  const auto give = [&](const std::string& password) {
    server.apply(kSecret, {{"apiVersion", "v1"},
                           {"kind", "Secret"},
                           {"metadata", {{"name", "login"}}},
                           {"stringData", {{"uri", "postgresql://u:" + password + "@db.example/d"}}}});
  };
  give("wrong");
  change("demo", {{"database", {{"type", "Secret"}, {"secretRef", {{"name", "login"}}}}}});
  std::string job;
  const auto pass_trial = [&] { finish_job(a_trial("demo")); };
  pass_trial();
  ASSERT_TRUE(eventually([&] {
    const auto jobs = jobs_with(kNewImage);
    if (jobs.size() == 1) job = jobs.front();
    return jobs.size() == 1 && reason_of("demo", "DatabaseReady") == "Available" &&
           string_at(server.get(kSecret, "demo-database-binding"), {"data", "host"}) ==
               base64_encode("db.example");
  }));
  fail_job(job, 1, "refuses username and password");
  EXPECT_TRUE(becomes("demo", "MigrationFailed"));
  give("right");
  pass_trial();
  EXPECT_TRUE(is_made_anew(job));
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_EQ(running_image(), kNewImage);
}

TEST_F(ANewImage, WaitsWhilePodsRollForAnotherTierAndAnotherCa) {
  const auto job_is_held = [](const Json& live) { return string_at(live, {"kind"}) == kJob.kind; };
  server.patch(kPromptSales, "demo",
               {{"metadata", {{"annotations", {{"promptsales.io/force-replace-ca", "1"}}}}},
                {"spec", {{"tier", "Growth"}}}});
  EXPECT_TRUE(eventually([&] {
    serve_workloads("demo", job_is_held);
    EXPECT_EQ(running_image(), kBackendImage);
    return string_at(read("demo"), {"status", "effective", "tier"}) == "Growth";
  })) << read("demo").at("status").dump();
  EXPECT_EQ(reason_of("demo"), "Migrating");
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_EQ(running_image(), kNewImage);
}

TEST_F(ANewImage, OfTwoResourcesOfANamespaceIsMigratedByAJobOfEach) {
  create("other");
  ASSERT_TRUE(become_ready("other"));
  change("other", {{"image", kNewImage}});
  ASSERT_TRUE(eventually([&] { return jobs_with(kNewImage).size() == 2; }));
  const auto image_of_other = [&] {
    return server.get(kDeployment, "other-backend").at("/spec/template/spec/containers/0/image"_json_pointer);
  };
  for (const auto& job : jobs_with(kNewImage))
    if (job.starts_with("other-")) finish_job(job);
  EXPECT_TRUE(eventually([&] { return image_of_other() == kNewImage; }));
  EXPECT_EQ(running_image(), kBackendImage) << "its own has not ended";
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_EQ(running_image(), kNewImage);
}

TEST_F(ANewImage, WaitsOnWhenTheOperatorIsReplaced) {
  running->terminate();
  ASSERT_EQ(running->wait(), 0);
  running = an_operator();
  ASSERT_TRUE(eventually([&] { return running->leading(); }));
  EXPECT_TRUE(throughout(500ms, [&] { return running_image() == kBackendImage; }));
  finish_job(jobs_with(kNewImage).at(0));
  EXPECT_TRUE(eventually([&] { return running_image() == kNewImage; }));
}

}  // namespace
}  // namespace promptsales::testing
