// A policy of the cluster that calls a child invalid: nothing that waiting would mend, and said so; mended in
// the cluster, it goes on without an edit of the spec.

#include <gmock/gmock.h>

#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;

constexpr const char* kAdmission = "/apis/admissionregistration.k8s.io/v1/";

class AdmissionPolicy : public WithOperator {
 protected:
  ~AdmissionPolicy() override { lift(); }

  /// Refuses Services of the test's namespace, as of when a try is refused.
  void forbid_services() {
    post("validatingadmissionpolicies",
         {{"failurePolicy", "Fail"},
          {"matchConstraints",
           {{"resourceRules", Json::array({{{"apiGroups", {""}},
                                            {"apiVersions", {"v1"}},
                                            {"operations", {"CREATE"}},
                                            {"resources", {"services"}}}})}}},
          {"validations", Json::array({{{"expression", "false"}, {"message", "no Services here"}}})}});
    post("validatingadmissionpolicybindings",
         {{"policyName", name_},
          {"validationActions", {"Deny"}},
          {"matchResources",
           {{"namespaceSelector", {{"matchLabels", {{"kubernetes.io/metadata.name", server.ns()}}}}}}}});
    active_ = true;
    ASSERT_TRUE(eventually([&] { return !allows_services(); }));
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
  bool allows_services() {
    const Json probe{{"apiVersion", "v1"},
                     {"kind", "Service"},
                     {"metadata", {{"name", "probe"}, {"namespace", server.ns()}}},
                     {"spec", {{"ports", Json::array({{{"port", 80}}})}}}};
    const auto made = server.client().create(kService, probe, "test");
    if (made) server.remove(kService, "probe");
    return made.has_value();
  }

  const std::string name_ = server.ns() + "-no-services";
  bool active_ = false;
};

TEST_F(AdmissionPolicy, ThatRefusesAChildIsSaidAndItsEndIsNoticed) {
  forbid_services();
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(becomes("demo", "Invalid")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr("no Services here"));
  EXPECT_EQ(status_of("demo", "Stalled"), "True");
  EXPECT_EQ(status_of("demo", "Reconciling"), "");
  EXPECT_FALSE(server.get(kDeployment, "demo-backend").is_null()) << "the other children are made";

  lift();
  EXPECT_TRUE(eventually([&] { return !server.get(kService, "demo-backend").is_null(); }, 60s));
  EXPECT_TRUE(become_ready("demo"));
  EXPECT_EQ(status_of("demo", "Stalled"), "");
}

}  // namespace
}  // namespace promptsales::testing
