// Specs that cannot be acted on: said, by field and remedy, and what runs is left as it is.

#include <gmock/gmock.h>

#include <array>

#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using k8s::Json;
using ::testing::HasSubstr;

struct RefusalCase {
  const char* name;
  const char* spec;    ///< merged into `tier: MVP`
  const char* mended;  ///< merged in afterwards: all is well again
  const char* reason;
  const char* field;  ///< that the message names
};
std::ostream& operator<<(std::ostream& out, const RefusalCase& refusal) { return out << refusal.name; }

class ASpecThatIsRefused : public WithOperator, public ::testing::WithParamInterface<RefusalCase> {
 protected:
  /// All that is there but the PromptSales itself.
  Versions children() {
    Versions all = versions();
    all.erase("PromptSales/demo");
    return all;
  }
};

TEST_P(ASpecThatIsRefused, IsNamedAndTouchesNothingUntilItIsMended) {
  const auto& refusal = GetParam();
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  ASSERT_FALSE(settled().empty());
  const Versions before = children();

  change("demo", from_yaml(refusal.spec));
  ASSERT_TRUE(becomes("demo", refusal.reason)) << read("demo").dump(2);
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  EXPECT_EQ(status_of("demo", "Stalled"), "True");
  EXPECT_THAT(message_of("demo"), HasSubstr(refusal.field));
  EXPECT_EQ(status_of("demo", "BackendAvailable"), "True") << "what runs still serves";
  EXPECT_TRUE(throughout(1s, [&] { return children() == before; }));
  EXPECT_TRUE(eventually([&] { return events("demo", refusal.reason).size() == 1; }));

  change("demo", from_yaml(refusal.mended));
  ASSERT_TRUE(become_ready("demo")) << read("demo").at("status").dump(2);
  EXPECT_EQ(status_of("demo", "Stalled"), "");
}

INSTANTIATE_TEST_SUITE_P(
    ByTheOperator, ASpecThatIsRefused,
    ::testing::Values(RefusalCase{"LoginIsNotActedOnYet",
                                  "auth: {oidc: {issuerURL: \"https://login.example.org\", audience: shop}}",
                                  "auth: null", "NotImplemented", "spec.auth.oidc"},
                      RefusalCase{"MinimumAboveTheTiersMaximum", "backend: {autoscaling: {minReplicas: 9}}",
                                  "backend: null", "InvalidSpec", "spec.backend.autoscaling.minReplicas"},
                      RefusalCase{"LimitBelowTheTiersRequest", "backend: {resources: {limits: {cpu: 1m}}}",
                                  "backend: null", "InvalidSpec", "spec.backend.resources.limits.cpu"}),
    [](const auto& info) { return std::string{info.param.name}; });

TEST_F(WithOperator, EachSpecThatTheServerCouldNotJudgeIsNamedAndLeavesWhatRunsAsItIs) {
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  ASSERT_FALSE(settled().empty());
  const auto children = [&] {
    Versions all = versions();
    all.erase("PromptSales/demo");
    return all;
  };
  const Versions before = children();
  for (const auto& [mistake, mended, field] : std::vector<std::array<const char*, 3>>{
           {"backend: {resources: {requests: {cpu: 0}}}", "backend: null",
            "spec.backend.resources.requests.cpu"},
           {"backend: {resources: {requests: {nvidia.com/gpu: 1}}}", "backend: null",
            "spec.backend.resources.requests[nvidia.com/gpu]"},
           {"database: {type: Embedded, resources: {requests: {memory: 64Mi}}}", "database: null",
            "spec.database.resources.requests.memory"},
           {"database: {type: Embedded, resources: {limits: {memory: 128Mi}}}", "database: null",
            "spec.database.resources.limits.memory"},
           {"cache: {type: Embedded, resources: {requests: {memory: 1Mi}}}", "cache: null",
            "spec.cache.resources.requests.memory"},
           {"tls: {type: SelfSigned, caBundleRef: {kind: ConfigMap, name: demo-ca-bundle, key: ca.crt}}",
            "tls: null", "spec.tls.caBundleRef.name"}}) {
    SCOPED_TRACE(mistake);
    change("demo", from_yaml(mistake));
    ASSERT_TRUE(becomes("demo", "InvalidSpec")) << read("demo").dump(2);
    EXPECT_THAT(message_of("demo"), HasSubstr(field));
    EXPECT_EQ(children(), before);
    change("demo", from_yaml(mended));
    ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
    EXPECT_EQ(children(), before);
  }
}

class Suspend : public WithOperator {};

TEST_F(Suspend, ChangesNothingUntilItIsTakenBack) {
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  change("demo", from_yaml("{suspend: true, image: registry.example/backend:2}"));
  ASSERT_TRUE(eventually([&] { return reason_of("demo") == "Suspended"; })) << read("demo").dump(2);
  server.patch(k8s::kinds::kConfigMap, "demo-backend", {{"data", {{"PROMPTSALES_HTTP_PORT", "1"}}}});
  server.remove(k8s::kinds::kPodDisruptionBudget, "demo-backend");
  const Versions before = versions();
  EXPECT_TRUE(throughout(1500ms, [&] { return versions() == before; }));

  change("demo", from_yaml("suspend: null"));
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(server.get(k8s::kinds::kConfigMap, "demo-backend").at("data").at("PROMPTSALES_HTTP_PORT"),
            "8443");
  EXPECT_FALSE(server.get(k8s::kinds::kPodDisruptionBudget, "demo-backend").is_null());
}

TEST_F(Suspend, OfANewResourceMakesNothing) {
  const auto running = an_operator();
  create("demo", "{tier: MVP, suspend: true}");
  ASSERT_TRUE(eventually([&] { return reason_of("demo") == "Suspended"; })) << read("demo").dump(2);
  EXPECT_TRUE(ours().empty());
  change("demo", from_yaml("suspend: false"));
  EXPECT_TRUE(has_children("demo"));
}

}  // namespace
}  // namespace promptsales::testing
