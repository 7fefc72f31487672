// Each field of the spec that is acted on reaches its child, and is gone from it when it is unset.

#include "controllers/promptsales/optional_kinds.hpp"
#include "tests/integration/support/definitions.hpp"
#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using controllers::kScaledObject;
using k8s::Json;

struct FieldCase {
  const char* name;
  const char* spec;   ///< merged into `tier: MVP`, in YAML
  const char* unset;  ///< takes it out again; null is a field that goes
  const k8s::Kind& kind;
  const char* child;
  const char* path;    ///< JSON pointer into the child
  const char* wanted;  ///< what is there then, as JSON; "absent" if nothing is
};

std::ostream& operator<<(std::ostream& out, const FieldCase& field) { return out << field.name; }

std::string at(const Json& object, const char* path) {
  const Json::json_pointer pointer{path};
  return object.contains(pointer) ? object.at(pointer).dump() : "absent";
}

class AField : public WithOperator, public ::testing::WithParamInterface<FieldCase> {
 protected:
  /// Whether the child comes to have this, in a cluster where all goes well: an image waits for its Job.
  bool becomes_what(const std::string& value) {
    const auto& field = GetParam();
    return eventually([&] {
      serve_workloads("demo");
      return at(server.get(field.kind, field.child), field.path) == value;
    });
  }
};

TEST_P(AField, ReachesItsChildAndIsGoneWhenUnset) {
  const auto& field = GetParam();
  const auto running = an_operator();
  create("demo");
  ASSERT_TRUE(has_children("demo"));
  const std::string before = at(server.get(field.kind, field.child), field.path);
  ASSERT_NE(before, field.wanted);

  change("demo", from_yaml(field.spec));
  EXPECT_TRUE(becomes_what(field.wanted))
      << server.get(field.kind, field.child).dump(2) << reason_of("demo") << ": " << message_of("demo");
  EXPECT_TRUE(become_ready("demo")) << read("demo").at("status").dump(2);

  change("demo", from_yaml(field.unset));
  EXPECT_TRUE(becomes_what(before)) << server.get(field.kind, field.child).dump(2) << reason_of("demo")
                                    << ": " << message_of("demo");
  EXPECT_TRUE(become_ready("demo")) << read("demo").at("status").dump(2);
}

#define BACKEND(rest) "/spec/template/spec/containers/0" rest

INSTANTIATE_TEST_SUITE_P(
    OfTheSpec, AField,
    ::testing::Values(
        FieldCase{"Image", "image: registry.example/mine:2", "image: null", kDeployment, "demo-backend",
                  BACKEND("/image"), R"("registry.example/mine:2")"},
        FieldCase{"BackendRequests", "backend: {resources: {requests: {cpu: 300m}}}", "backend: null",
                  kDeployment, "demo-backend", BACKEND("/resources/requests/cpu"), R"("300m")"},
        FieldCase{"BackendLimits", "backend: {resources: {limits: {cpu: \"2\"}}}", "backend: null",
                  kDeployment, "demo-backend", BACKEND("/resources/limits/cpu"), R"("2")"},
        FieldCase{"BackendMemoryInAnotherSpelling", "backend: {resources: {requests: {memory: 0.5Gi}}}",
                  "backend: null", kDeployment, "demo-backend", BACKEND("/resources/limits/memory"),
                  R"("512Mi")"},
        FieldCase{"AutoscalingMinimum", "backend: {autoscaling: {minReplicas: 1}}",
                  "backend: {autoscaling: {minReplicas: null}}", kHorizontalPodAutoscaler, "demo-backend",
                  "/spec/minReplicas", "1"},
        FieldCase{"AutoscalingMinimumOfOneDropsTheBudget", "backend: {autoscaling: {minReplicas: 1}}",
                  "backend: null", kPodDisruptionBudget, "demo-backend", "/spec/maxUnavailable", "absent"},
        FieldCase{"AutoscalingMaximum", "backend: {autoscaling: {maxReplicas: 5}}",
                  "backend: {autoscaling: {maxReplicas: null}}", kHorizontalPodAutoscaler, "demo-backend",
                  "/spec/maxReplicas", "5"},
        FieldCase{"AutoscalingTarget", "backend: {autoscaling: {targetCPUUtilization: 45}}", "backend: null",
                  kHorizontalPodAutoscaler, "demo-backend",
                  "/spec/metrics/0/containerResource/target/averageUtilization", "45"},
        FieldCase{"NoAutoscalerFixesTheReplicas", "backend: {autoscaling: {type: None, minReplicas: 4}}",
                  "backend: {autoscaling: {type: null, minReplicas: 2}}", kHorizontalPodAutoscaler,
                  "demo-backend", "/spec/maxReplicas", "absent"},
        FieldCase{"EnvironmentValue", "backend: {env: [{name: COLOUR, value: blue}]}", "backend: null",
                  kDeployment, "demo-backend", BACKEND("/env/1"), R"({"name":"COLOUR","value":"blue"})"},
        FieldCase{"EnvironmentFromASecret",
                  "backend: {env: [{name: KEY, valueFrom: {secretKeyRef: {name: partner, key: api}}}]}",
                  "backend: null", kDeployment, "demo-backend", BACKEND("/env/1"),
                  R"({"name":"KEY","valueFrom":{"secretKeyRef":{"key":"api","name":"partner"}}})"},
        FieldCase{"EnvironmentFromAConfigMap",
                  "backend: {env: [{name: KEY, valueFrom: {configMapKeyRef: {name: partner, key: api}}}]}",
                  "backend: null", kDeployment, "demo-backend", BACKEND("/env/1"),
                  R"({"name":"KEY","valueFrom":{"configMapKeyRef":{"key":"api","name":"partner"}}})"},
        FieldCase{"ReloadOfCredentials", "secretRotation: {strategy: HotReload}", "secretRotation: null",
                  kConfigMap, "demo-backend", "/data/PROMPTSALES_BINDING_RELOAD", R"("true")"},
        FieldCase{"NoNetworkPolicyOfTheBackend", "networkPolicy: {enabled: false}", "networkPolicy: null",
                  kNetworkPolicy, "demo-backend", "/spec/policyTypes", "absent"},
        FieldCase{"NoNetworkPolicyOfTheDatabase", "networkPolicy: {enabled: false}",
                  "networkPolicy: {enabled: true}", kNetworkPolicy, "demo-database", "/spec/policyTypes",
                  "absent"},
        FieldCase{"NoNetworkPolicyOfTheCache", "networkPolicy: {enabled: false}", "networkPolicy: null",
                  kNetworkPolicy, "demo-cache", "/spec/policyTypes", "absent"},
        FieldCase{"DatabaseResources", "database: {type: Embedded, resources: {requests: {memory: 2Gi}}}",
                  "database: {resources: null}", kStatefulSet, "demo-database",
                  "/spec/template/spec/containers/0/resources/limits/memory", R"("2Gi")"},
        FieldCase{"DatabaseConnections", "database: {type: Embedded, maxConnections: 40}",
                  "database: {maxConnections: null}", kStatefulSet, "demo-database",
                  "/spec/template/spec/containers/0/args/2", R"("max_connections=40")"},
        FieldCase{"MessagingResources", "messaging: {type: Embedded, resources: {requests: {memory: 256Mi}}}",
                  "messaging: null", kStatefulSet, "demo-messaging",
                  "/spec/template/spec/containers/0/resources/requests/memory", R"("256Mi")"},
        FieldCase{"CacheResources", "cache: {type: Embedded, resources: {requests: {memory: 512Mi}}}",
                  "cache: {resources: null}", kStatefulSet, "demo-cache",
                  "/spec/template/spec/containers/0/resources/requests/memory", R"("512Mi")"}),
    [](const auto& info) { return std::string{info.param.name}; });

#undef BACKEND

class TheReplicas : public WithOperator {
 protected:
  Json replicas() { return server.get(kDeployment, "demo-backend").at("spec").at("replicas"); }
  std::unique_ptr<OperatorProcess> running = an_operator();
};

TEST_F(TheReplicas, AreTheSpecsWithoutAnAutoscalerAndStayWhenOneTakesOver) {
  create("demo", "{tier: MVP, backend: {autoscaling: {type: None, minReplicas: 4}}}");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(replicas(), 4);
  EXPECT_TRUE(server.get(kHorizontalPodAutoscaler, "demo-backend").is_null());
  change("demo", from_yaml("backend: {autoscaling: {minReplicas: 3}}"));
  EXPECT_TRUE(eventually([&] { return replicas() == 3; }));

  change("demo", from_yaml("backend: {autoscaling: {type: HPA, minReplicas: 2, maxReplicas: 6}}"));
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_FALSE(server.get(kHorizontalPodAutoscaler, "demo-backend").is_null());
  const Json handed_over = replicas();
  EXPECT_GE(handed_over, 2);  // never the API's default of one
  scale("demo", 5);
  change("demo", from_yaml("image: registry.example/mine:2"));
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(replicas(), 5);

  change("demo", from_yaml("backend: {autoscaling: {type: None, minReplicas: 2, maxReplicas: null}}"));
  EXPECT_TRUE(eventually([&] { return replicas() == 2; }));
}

/// KEDA's part is played by the test: its kind, and what it says of an object.
class TheReplicasWithKeda : public TheReplicas {
 protected:
  void SetUp() override {
    create("demo", "{tier: MVP, backend: {autoscaling: {maxReplicas: 10}}}");
    ASSERT_TRUE(become_ready("demo"));
    scale("demo", 7);
  }
  void choose(const std::string& type) {
    change("demo",
           {{"backend",
             {{"autoscaling", {{"type", type}, {"maxReplicas", type == "None" ? Json{} : Json(10)}}}}}});
  }
  /// Waits until the Deployment has the autoscaler of this type and no other.
  bool scales_by(const std::string& type) {
    return eventually(
        [&] {
          return exists(kScaledObject) == (type == "KEDA") &&
                 exists(kHorizontalPodAutoscaler) == (type == "HPA");
        },
        40s);
  }
  bool works() {
    if (exists(kScaledObject))
      write_status(kScaledObject, "demo-backend",
                   from_yaml("{conditions: [{type: Ready, status: 'True', reason: ScaledObjectReady}]}"));
    return become_ready("demo");
  }
  bool stay(int number) {
    return throughout(500ms, [&] { return replicas() == number; });
  }
  bool exists(const k8s::Kind& kind) { return !server.get(kind, "demo-backend").is_null(); }
};

TEST_F(TheReplicasWithKeda, StaySevenOnEverySwitch) {
  const Definition definition{server, kScaledObject};
  for (const char* type : {"KEDA", "HPA", "None", "KEDA", "None", "HPA"}) {
    SCOPED_TRACE(type);
    choose(type);
    ASSERT_TRUE(scales_by(type)) << read("demo").dump(2);
    ASSERT_TRUE(works()) << read("demo").dump(2);
    EXPECT_TRUE(stay(7));
  }
}

TEST_F(TheReplicasWithKeda, AreScaledAsBeforeUntilKedaIsThere) {
  choose("KEDA");
  ASSERT_TRUE(eventually([&] { return reason_of("demo", "AutoscalingActive") == "ProviderAPIMissing"; }))
      << read("demo").dump(2);
  EXPECT_TRUE(stay(7));
  EXPECT_TRUE(exists(kHorizontalPodAutoscaler));
  const Definition definition{server, kScaledObject};
  ASSERT_TRUE(scales_by("KEDA")) << read("demo").dump(2);
  ASSERT_TRUE(works()) << read("demo").dump(2);
  EXPECT_TRUE(eventually([&] { return status_of("demo", "AutoscalingActive") == "True"; }))
      << read("demo").dump(2);
  EXPECT_EQ(server.get(kScaledObject, "demo-backend").at("spec").at("maxReplicaCount"), 10);
  EXPECT_TRUE(stay(7));
}

TEST_F(TheReplicasWithKeda, LeaveNoAutoscalerBehindWhenTheOperatorWasAway) {
  const Definition definition{server, kScaledObject};
  choose("KEDA");
  ASSERT_TRUE(scales_by("KEDA")) << read("demo").dump(2);
  ASSERT_TRUE(works()) << read("demo").dump(2);
  running->terminate();
  ASSERT_TRUE(running->wait());
  choose("HPA");
  running = an_operator();
  EXPECT_TRUE(scales_by("HPA")) << read("demo").dump(2);
  EXPECT_TRUE(stay(7));
}

TEST_F(TheReplicas, StaySevenWhenTheAutoscalerIsEditedGoesAndComes) {
  create("demo", "{tier: MVP, backend: {autoscaling: {maxReplicas: 10}}}");
  ASSERT_TRUE(become_ready("demo"));
  scale("demo", 7);
  const auto is_without_autoscaler = [&](bool without) {
    return eventually(
        [&] { return server.get(kHorizontalPodAutoscaler, "demo-backend").is_null() == without; });
  };
  const auto stays = [&](int number) {
    return become_ready("demo") && throughout(500ms, [&] { return replicas() == number; });
  };
  change("demo", from_yaml("backend: {autoscaling: {maxReplicas: 12}}"));
  EXPECT_TRUE(stays(7)) << "edited";
  change("demo", from_yaml("backend: {autoscaling: {type: None, maxReplicas: null}}"));
  EXPECT_TRUE(is_without_autoscaler(true));
  EXPECT_TRUE(stays(7)) << "gone";
  EXPECT_EQ(read("demo").at("status").at("effective").at("backend").at("autoscaling").at("minReplicas"), 7);
  change("demo", from_yaml("image: registry.example/mine:2"));
  EXPECT_TRUE(stays(7)) << "another image meanwhile";
  change("demo", from_yaml("backend: {autoscaling: {type: HPA, maxReplicas: 10}}"));
  EXPECT_TRUE(is_without_autoscaler(false));
  EXPECT_TRUE(stays(7)) << "back";
  change("demo", from_yaml("suspend: true"));
  ASSERT_TRUE(becomes("demo", "Suspended"));
  EXPECT_EQ(replicas(), 7);
  change("demo", from_yaml("{suspend: null, backend: {autoscaling: {type: None, maxReplicas: null}}}"));
  EXPECT_TRUE(stays(7)) << "gone again";

  change("demo", from_yaml("backend: {autoscaling: {minReplicas: 5}}"));
  EXPECT_TRUE(eventually([&] { return replicas() == 5; })) << "an explicit step down";
  change("demo", from_yaml("backend: {autoscaling: {minReplicas: null}}"));
  EXPECT_TRUE(stays(5)) << "and nobody's again";
  scale("demo", 6);
  EXPECT_TRUE(stays(6)) << "whoever changes it";
}

constexpr k8s::Kind kResourceQuota{"", "v1", "ResourceQuota", "resourcequotas"};

TEST_F(TheReplicas, StayWhenTheAutoscalerIsRefused) {
  const Json hard{{"count/horizontalpodautoscalers.autoscaling", "0"}};
  server.apply(kResourceQuota, {{"apiVersion", "v1"},
                                {"kind", "ResourceQuota"},
                                {"metadata", {{"name", "none"}}},
                                {"spec", {{"hard", hard}}}});
  create("demo");
  EXPECT_TRUE(eventually([&] {
    serve_workloads("demo");
    return reason_of("demo", "AutoscalingActive") == "Forbidden";
  })) << read("demo").at("status").dump(2);
  EXPECT_EQ(replicas(), 2);

  server.remove(kResourceQuota, "none");
  EXPECT_TRUE(eventually([&] { return reason_of("demo", "AutoscalingActive") == "AutoscalerStarting"; }));
}

class TheConnections : public WithOperator {};

TEST_F(TheConnections, BoundTheReplicasAndSaySoUntilTheyAreEnough) {
  const auto running = an_operator();
  create("demo", "{tier: MVP, backend: {autoscaling: {maxReplicas: 5}}}");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(reason_of("demo", "ConnectionBudget"), "WithinBudget");

  change("demo", from_yaml("{image: registry.example/mine:2, backend: {autoscaling: {maxReplicas: 500}}}"));
  ASSERT_TRUE(eventually([&] {
    serve_workloads("demo");
    return becomes("demo", "ConnectionBudgetExceeded");
  }));
  EXPECT_EQ(status_of("demo", "ConnectionBudget"), "False");
  EXPECT_EQ(status_of("demo", "Stalled"), "True");
  EXPECT_EQ(server.get(kHorizontalPodAutoscaler, "demo-backend").at("spec").at("maxReplicas"), 5);
  EXPECT_TRUE(eventually([&] {  // after its migration
    serve_workloads("demo");
    return at(server.get(kDeployment, "demo-backend"), "/spec/template/spec/containers/0/image") ==
           "\"registry.example/mine:2\"";
  })) << "the rest of the spec does not wait";

  change("demo", from_yaml("database: {type: Embedded, maxConnections: 700}"));
  EXPECT_TRUE(become_ready("demo")) << read("demo").at("status").dump(2);
  EXPECT_EQ(server.get(kHorizontalPodAutoscaler, "demo-backend").at("spec").at("maxReplicas"), 500);
}

TEST_F(TheReplicas, BeginAtTheMinimumOfTheAutoscaler) {
  create("demo", "{tier: MVP, backend: {autoscaling: {minReplicas: 3}}}");
  ASSERT_TRUE(has_children("demo"));
  EXPECT_TRUE(eventually([&] { return replicas() == 3; }));
}

// What a volume and its claim cannot change, the API refuses before the operator sees it.
class TheStorage : public WithOperator {};

TEST_F(TheStorage, OfANewResourceIsWhatTheSpecSays) {
  const auto running = an_operator();
  create("demo", "{tier: MVP, database: {type: Embedded, storage: 30Gi, storageClassName: fast}}");
  ASSERT_TRUE(has_children("demo"));
  const Json claim = server.get(kStatefulSet, "demo-database").at("spec").at("volumeClaimTemplates").at(0);
  EXPECT_EQ(claim.at("spec").at("resources").at("requests").at("storage"), "30Gi");
  EXPECT_EQ(claim.at("spec").at("storageClassName"), "fast");
}

}  // namespace
}  // namespace promptsales::testing
