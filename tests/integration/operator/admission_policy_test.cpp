// A policy of the cluster that calls a child invalid: nothing that waiting would mend, and said so; mended in
// the cluster, it goes on without an edit of the spec.

#include <gmock/gmock.h>

#include <functional>

#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;

constexpr const char* kWhy = "not on Saturdays";
constexpr const char* kAdmission = "/apis/admissionregistration.k8s.io/v1/";

class AdmissionPolicy : public WithOperator {
 protected:
  ~AdmissionPolicy() override { lift(); }

  /// Refuses that of the test's namespace, as of when `attempt` is refused for this reason several times: a policy that
  /// is on its way may refuse for others.
  void forbid(const std::string& operation, const std::string& group, const std::string& resource,
              const std::function<Result<void>()>& attempt) {
    post("validatingadmissionpolicies",
         {{"failurePolicy", "Fail"},
          {"matchConstraints",
           {{"resourceRules", Json::array({{{"apiGroups", {group}},
                                            {"apiVersions", {"v1"}},
                                            {"operations", {operation}},
                                            {"resources", {resource}}}})}}},
          {"validations", Json::array({{{"expression", "false"}, {"message", kWhy}}})}});
    post("validatingadmissionpolicybindings",
         {{"policyName", name_},
          {"validationActions", {"Deny"}},
          {"matchResources",
           {{"namespaceSelector", {{"matchLabels", {{"kubernetes.io/metadata.name", server.ns()}}}}}}}});
    active_ = true;
    const auto is_refused = [&] {
      const auto outcome = attempt();
      return !outcome && outcome.error().message.contains(kWhy);
    };
    ASSERT_TRUE(eventually([&] { return is_refused() && throughout(500ms, is_refused); }));
  }
  void lift() {
    if (!std::exchange(active_, false)) return;
    for (const char* plural : {"validatingadmissionpolicybindings", "validatingadmissionpolicies"})
      server.send({.method = "DELETE", .target = kAdmission + std::string{plural} + "/" + name_});
  }

 private:
  void post(const std::string& plural, const Json& spec) {
    const bool binding = plural.ends_with("bindings");
    const Json object{{"apiVersion", "admissionregistration.k8s.io/v1"},
                      {"kind", binding ? "ValidatingAdmissionPolicyBinding" : "ValidatingAdmissionPolicy"},
                      {"metadata", {{"name", name_}}},
                      {"spec", spec}};
    server.send({.method = "POST",
                 .target = kAdmission + plural,
                 .body = object.dump(),
                 .content_type = "application/json"});
  }
  const std::string name_ = server.ns() + "-forbids";
  bool active_ = false;
};

TEST_F(AdmissionPolicy, ThatRefusesAChildIsSaidAndItsEndIsNoticed) {
  forbid("CREATE", "", "services", [&] {
    const Json probe{{"apiVersion", "v1"},
                     {"kind", "Service"},
                     {"metadata", {{"name", "probe"}, {"namespace", server.ns()}}},
                     {"spec", {{"ports", Json::array({{{"port", 80}}})}}}};
    const auto made = server.client().create(kService, probe, "test");
    if (made) server.remove(kService, "probe");
    return made ? Result<void>{} : Failure{made.error()};
  });
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(becomes("demo", "Invalid")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr(kWhy));
  EXPECT_EQ(status_of("demo", "Stalled"), "True");
  EXPECT_EQ(status_of("demo", "Reconciling"), "");
  EXPECT_FALSE(server.get(kDeployment, "demo-backend").is_null()) << "the other children are made";

  lift();
  EXPECT_TRUE(eventually([&] { return !server.get(kService, "demo-backend").is_null(); }));
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_EQ(status_of("demo", "Stalled"), "");
}

TEST_F(AdmissionPolicy, ThatRefusesADeletionIsSaidAndItsEndIsNoticed) {
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  const auto probe = [&](const char* name) {
    return Json{{"apiVersion", "networking.k8s.io/v1"},
                {"kind", "NetworkPolicy"},
                {"metadata", {{"name", name}, {"namespace", server.ns()}}},
                {"spec", {{"podSelector", Json::object()}}}};
  };
  forbid("DELETE", "networking.k8s.io", "networkpolicies", [&] {
    const Json there = server.apply(kNetworkPolicy, probe("probe"));
    return server.client().remove(kNetworkPolicy, {server.ns(), "probe"},
                                  {.uid = k8s::string_at(there, {"metadata", "uid"})});
  });
  change("demo", {{"networkPolicy", {{"enabled", false}}}});
  ASSERT_TRUE(eventually([&] { return message_of("demo").contains(kWhy); })) << read("demo").dump(2);

  lift();
  EXPECT_TRUE(eventually([&] { return server.get(kNetworkPolicy, "demo-cache").is_null(); }));
  EXPECT_TRUE(become_ready("demo"));
}

TEST_F(AdmissionPolicy, ThatKeepsDataFromBeingLetGoOfIsSaidAndItsEndIsNoticed) {
  const auto running = an_operator();
  create("demo", "{tier: MVP, database: {type: Embedded, deletionPolicy: Delete}}");
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  const auto owners = [&] {
    return server.get(kSecret, "demo-database").at("metadata").value("ownerReferences", Json::array()).size();
  };
  ASSERT_TRUE(eventually([&] { return owners() == 1; }));
  server.apply(kSecret, {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", "probe"}}}});
  forbid("UPDATE", "", "secrets", [&, tries = 0]() mutable {
    const auto patched = server.client().merge_patch(
        kSecret, {server.ns(), "probe"},
        {{"metadata", {{"annotations", {{"try", std::to_string(++tries)}}}}}}, "test");
    return patched ? Result<void>{} : Failure{patched.error()};
  });
  server.patch(kPromptSales, "demo", {{"metadata", {{"finalizers", {"example.com/backup"}}}}});
  server.remove(kPromptSales, "demo");
  change("demo", {{"database", {{"deletionPolicy", "Retain"}}}});
  ASSERT_TRUE(eventually([&] { return message_of("demo").contains(kWhy); })) << read("demo").dump(2);

  lift();
  EXPECT_TRUE(eventually([&] { return owners() == 0; })) << read("demo").dump(2);
  server.patch(kPromptSales, "demo", {{"metadata", {{"finalizers", nullptr}}}});
}

}  // namespace
}  // namespace promptsales::testing
