// What others made under the name of a child is theirs: it is named, left alone, and waited for.

#include <gmock/gmock.h>

#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::Json;
using k8s::string_at;
using ::testing::HasSubstr;

struct ForeignCase {
  const char* name;
  const k8s::Kind& kind;
  const char* object;  ///< YAML
};
std::ostream& operator<<(std::ostream& out, const ForeignCase& foreign) { return out << foreign.name; }

class AForeignObject : public WithOperator, public ::testing::WithParamInterface<ForeignCase> {
 protected:
  /// What is not the server's bookkeeping.
  Json content(const std::string& name) {
    Json object = server.get(GetParam().kind, name);
    for (const char* field : {"managedFields", "resourceVersion", "generation"})
      object["metadata"].erase(field);
    object.erase("status");
    return object;
  }
  Json make() {
    Json object = from_yaml(GetParam().object);
    server.client()
        .create(
            GetParam().kind,
            [&] {
              object["metadata"]["namespace"] = server.ns();
              return object;
            }(),
            "somebody")
        .value();
    return object;
  }
};

TEST_P(AForeignObject, IsLeftAloneAndReplacedOnlyWhenItIsGone) {
  const auto& foreign = GetParam();
  const std::string name = string_at(make(), {"metadata", "name"});
  const Json before = content(name);
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(becomes("demo", "NameConflict")) << read("demo").dump(2);
  EXPECT_EQ(status_of("demo", "Ready"), "False");
  EXPECT_THAT(message_of("demo"), HasSubstr(std::string{foreign.kind.kind} + " " + server.ns() + "/" + name));
  EXPECT_THAT(message_of("demo"), HasSubstr("delete or rename it"));
  EXPECT_TRUE(eventually([&] { return content(name) == before; })) << content(name).dump(2);
  EXPECT_TRUE(throughout(1500ms, [&] { return content(name) == before; }))
      << before.dump(2) << content(name).dump(2);
  EXPECT_FALSE(server.get(kDeployment, "demo-backend").is_null()) << "the other children are made";

  server.remove(foreign.kind, name);
  EXPECT_TRUE(become_ready("demo")) << read("demo").at("status").dump(2);
  EXPECT_EQ(string_at(server.get(foreign.kind, name), {"metadata", "labels", "promptsales.io/name"}), "demo");
}

TEST_P(AForeignObject, MadeAfterTheResourceIsLeftAloneToo) {
  create("demo");  // no operator yet
  const std::string name = string_at(make(), {"metadata", "name"});
  const Json before = content(name);
  const auto running = an_operator();
  ASSERT_TRUE(becomes("demo", "NameConflict")) << read("demo").dump(2) << content(name).dump(2);
  EXPECT_TRUE(eventually([&] { return content(name) == before; })) << content(name).dump(2);
}

TEST_P(AForeignObject, OutlivesTheResource) {
  const std::string name = string_at(make(), {"metadata", "name"});
  const auto uid = string_at(server.get(GetParam().kind, name), {"metadata", "uid"});
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(becomes("demo", "NameConflict"));
  server.remove(kPromptSales, "demo");
  // The cluster's garbage collector learns of a new kind of owner every 30 s.
  ASSERT_TRUE(eventually([&] { return server.get(kDeployment, "demo-backend").is_null(); }, 120s));
  EXPECT_TRUE(throughout(500ms, [&] {
    return string_at(server.get(GetParam().kind, name), {"metadata", "uid"}) == uid;
  }));
}

INSTANTIATE_TEST_SUITE_P(OfAChildsName, AForeignObject,
                         ::testing::Values(ForeignCase{"Service", kService, R"(
apiVersion: v1
kind: Service
metadata: {name: demo-backend, labels: {team: shop}}
spec: {selector: {app: legacy}, ports: [{name: web, port: 80, targetPort: 3000, protocol: TCP}]})"},
                                           ForeignCase{"ServiceOfAnotherPort", kService, R"(
apiVersion: v1
kind: Service
metadata: {name: demo-database}
spec: {selector: {app: legacy}, ports: [{name: other, port: 99, protocol: TCP}]})"},
                                           ForeignCase{"ConfigMap", kConfigMap, R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: demo-backend}
data: {colour: blue})"},
                                           ForeignCase{"ServiceAccount", kServiceAccount, R"(
apiVersion: v1
kind: ServiceAccount
metadata: {name: demo-backend, labels: {team: shop}})"},
                                           ForeignCase{"CredentialsSecret", kSecret, R"(
apiVersion: v1
kind: Secret
metadata: {name: demo-database}
stringData: {username: me, password: mine})"},
                                           ForeignCase{"BindingSecret", kSecret, R"(
apiVersion: v1
kind: Secret
metadata: {name: demo-cache-binding}
stringData: {password: mine})"}),
                         [](const auto& info) { return std::string{info.param.name}; });

// An object without our labels is in no cache: nothing tells the operator when it has gone.
TEST_F(WithOperator, AForeignObjectThatTakesTimeToGoIsReplacedAfterwards) {
  server.apply(kNetworkPolicy, from_yaml(R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: demo-cache, finalizers: [example.com/hold]}
spec: {podSelector: {}, ingress: [{}]})"));
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(becomes("demo", "NameConflict")) << read("demo").dump(2);
  server.remove(kNetworkPolicy, "demo-cache");
  ASSERT_TRUE(eventually([&] {
    serve_workloads("demo");
    return reason_of("demo") == "Deleting";
  })) << read("demo").dump(2);
  server.patch(kNetworkPolicy, "demo-cache", {{"metadata", {{"finalizers", nullptr}}}});
  EXPECT_TRUE(eventually([&] {
    return string_at(server.get(kNetworkPolicy, "demo-cache"),
                     {"metadata", "labels", "promptsales.io/name"}) == "demo";
  })) << read("demo").dump(2);
}

TEST_F(WithOperator, AChildThatBelongsToAnotherOwnerIsLeftAlone) {
  const auto running = an_operator();
  create("demo");
  create("other");
  ASSERT_TRUE(become_ready("demo"));
  ASSERT_TRUE(become_ready("other"));
  const Json owner = server.get(kConfigMap, "other-backend").at("metadata").at("ownerReferences");
  running->freeze();  // so that it meets the exchange as one
  server.remove(kConfigMap, "demo-backend");
  server.apply(
      kConfigMap,
      {{"apiVersion", "v1"},
       {"kind", "ConfigMap"},
       {"metadata",
        {{"name", "demo-backend"},
         {"labels",
          {{"promptsales.io/name", "demo"}, {"app.kubernetes.io/managed-by", "promptsales-operator"}}},
         {"ownerReferences", owner}}}});
  running->thaw();
  ASSERT_TRUE(becomes("demo", "NameConflict")) << read("demo").dump(2);
  EXPECT_THAT(message_of("demo"), HasSubstr("belongs to another owner"));
  server.remove(kConfigMap, "demo-backend");
  EXPECT_TRUE(become_ready("demo"));
}

}  // namespace
}  // namespace promptsales::testing
