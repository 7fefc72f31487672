#include "tests/integration/support/with_operator.hpp"
#include "operator/k8s/conditions.hpp"

#include <algorithm>
#include <stop_token>

#include "base/strings.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/status.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "operator/k8s/time.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using k8s::integer_at;
using k8s::Json;
using k8s::string_at;

std::vector<std::string> WithOperator::arguments() const {
  return {"--namespace", server.ns(), "--lease-namespace", server.ns()};
}

OperatorProcess::Environment WithOperator::images() {
  return {{"RELATED_IMAGE_BACKEND", kBackendImage},
          {"RELATED_IMAGE_POSTGRES", kPostgresImage},
          {"RELATED_IMAGE_VALKEY", kValkeyImage},
          {"RELATED_IMAGE_NATS", kNatsImage}};
}

std::unique_ptr<OperatorProcess> WithOperator::an_operator(std::vector<std::string> more_arguments) {
  auto all = arguments();
  std::ranges::move(more_arguments, std::back_inserter(all));
  return std::make_unique<OperatorProcess>(all, images());
}

void WithOperator::restarts_without_a_write(std::unique_ptr<OperatorProcess>& running,
                                            std::vector<std::string> more_arguments) {
  running->terminate();
  ASSERT_TRUE(running->wait());
  running = an_operator(std::move(more_arguments));
  ASSERT_TRUE(eventually([&] { return running->leading(); }));
  ASSERT_TRUE(eventually([&] { return running->metric("controller_runtime_reconcile_total") >= 1; }));
  EXPECT_TRUE(throughout(1s, [&] { return writes(*running) == 0; })) << running->log();
}

Json WithOperator::create(const std::string& name, const std::string& spec) {
  const auto answer = api.create(resource(server.ns(), name, from_yaml(spec)), PromptSalesApi::Effect::kReal);
  EXPECT_EQ(answer.status, 201) << testing::message_of(answer);
  return body_of(answer);
}

void WithOperator::change(const std::string& name, const Json& spec_patch) {
  server.patch(kPromptSales, name, {{"spec", spec_patch}});
}

Json WithOperator::read(const std::string& name) { return server.get(kPromptSales, name); }

namespace {

std::string of_condition(const Json& resource, const std::string& type, const char* field) {
  const Json* status = k8s::at_path(resource, {"status"});
  const Json* condition = status ? k8s::condition_in(*status, type) : nullptr;
  return condition ? string_at(*condition, {field}) : "";
}

bool is_newest(const Json& resource) {
  return integer_at(resource, {"status", "observedGeneration"}) ==
         integer_at(resource, {"metadata", "generation"});
}

}  // namespace

std::string WithOperator::status_of(const std::string& name, const std::string& condition) {
  return of_condition(read(name), condition, "status");
}
std::string WithOperator::reason_of(const std::string& name, const std::string& condition) {
  return of_condition(read(name), condition, "reason");
}
std::string WithOperator::message_of(const std::string& name, const std::string& condition) {
  return of_condition(read(name), condition, "message");
}
std::string WithOperator::since_of(const std::string& name, const std::string& condition) {
  return of_condition(read(name), condition, "lastTransitionTime");
}

bool WithOperator::becomes(const std::string& name, const std::string& ready_reason) {
  return eventually([&] {
    const Json now = read(name);
    return is_newest(now) && of_condition(now, "Ready", "reason") == ready_reason;
  });
}

bool WithOperator::scale_within_bounds(const std::string& name, std::int64_t replicas) {
  const Json autoscaler = server.get(kHorizontalPodAutoscaler, name + "-backend");
  if (autoscaler.is_null() || replicas == 0) return false;
  const auto wanted = std::clamp(replicas, integer_at(autoscaler, {"spec", "minReplicas"}, 1),
                                 integer_at(autoscaler, {"spec", "maxReplicas"}, 1));
  if (wanted != replicas) scale(name, wanted);
  return wanted != replicas;
}

void WithOperator::finish_job(const std::string& job) {
  const auto now = k8s::time_text(std::chrono::system_clock::now());
  const auto condition = [&](const char* type) {
    return Json{{"type", type}, {"status", "True"}, {"lastProbeTime", now}, {"lastTransitionTime", now}};
  };
  write_status(kJob, job,
               {{"startTime", now},
                {"completionTime", now},
                {"succeeded", 1},
                {"conditions", Json::array({condition("SuccessCriteriaMet"), condition("Complete")})}});
}

void WithOperator::fail_job(const std::string& job, int exit_code, const std::string& message) {
  const Json spec = server.get(kJob, job).at("spec");
  Json pod{{"apiVersion", "v1"},
           {"kind", "Pod"},
           {"metadata",
            {{"name", job + "-attempt"},
             {"namespace", server.ns()},
             {"labels", spec.at("template").at("metadata").at("labels")}}},
           {"spec", spec.at("template").at("spec")}};
  pod["spec"].erase("serviceAccountName");
  pod["spec"].erase("serviceAccount");
  const auto made = server.client().apply(kPod, pod, {.manager = "test-node"});
  ASSERT_TRUE(made) << (made ? "" : made.error().message);
  const auto now = k8s::time_text(std::chrono::system_clock::now());
  write_status(kPod, job + "-attempt",
               {{"phase", "Failed"},
                {"containerStatuses", Json::array({{{"name", pod["spec"]["containers"][0]["name"]},
                                                    {"image", "i"},
                                                    {"imageID", "i"},
                                                    {"ready", false},
                                                    {"restartCount", 0},
                                                    {"state",
                                                     {{"terminated",
                                                       {{"exitCode", exit_code},
                                                        {"reason", "Error"},
                                                        {"message", message},
                                                        {"finishedAt", now}}}}}}})}});
  const auto condition = [&](const char* type) {
    return Json{{"type", type},         {"status", "True"},     {"reason", "BackoffLimitExceeded"},
                {"message", "gave up"}, {"lastProbeTime", now}, {"lastTransitionTime", now}};
  };
  write_status(kJob, job,
               {{"startTime", now},
                {"failed", 1},
                {"conditions", Json::array({condition("FailureTarget"), condition("Failed")})}});
}

std::vector<std::string> WithOperator::trials(const std::string& name) {
  std::vector<std::string> names;
  const auto listed = server.client().list(
      kJob,
      {.ns = server.ns(), .label_selector = "app.kubernetes.io/component=task,promptsales.io/name=" + name},
      {}, std::stop_token{}, [&](k8s::ProjectionPtr object) {
        const bool ended = k8s::at_path(object->document(), {"status", "conditions"}) != nullptr;
        if (!object->deleting && !ended) names.push_back(object->key.name);
      });
  EXPECT_TRUE(listed) << (listed ? "" : listed.error().message);
  return names;
}

std::string WithOperator::a_trial(const std::string& name) {
  std::vector<std::string> there;
  EXPECT_TRUE(eventually([&] { return !(there = trials(name)).empty(); }));
  return there.empty() ? "none" : there.front();
}

void WithOperator::write_status(const k8s::Kind& kind, const std::string& name, const Json& status) {
  const Json object{{"apiVersion", kind.api_version()},
                    {"kind", kind.kind},
                    {"metadata", {{"name", name}, {"namespace", server.ns()}}},
                    {"status", status}};
  const auto written = server.client().apply(kind, object, {.manager = "test-node", .subresource = "status"});
  EXPECT_TRUE(written) << (written ? "" : written.error().message);
}

void WithOperator::serve_workloads(const std::string& name,
                                   const std::function<bool(const Json& live)>& held_back) {
  for (const auto& trial : trials(name))
    if (!held_back({{"kind", kJob.kind}})) finish_job(trial);
  for (const auto& [child, child_name] : wanted(name)) {
    if (child->kind == kJob) {
      const Json job = server.get(kJob, child_name);
      if (!job.is_null() && !held_back(job) && integer_at(job, {"status", "succeeded"}) == 0)
        finish_job(child_name);
      continue;
    }
    if (child->kind != kDeployment && child->kind != kStatefulSet) continue;
    const Json live = server.get(child->kind, child_name);
    if (live.is_null() || held_back(live)) continue;
    const auto generation = integer_at(live, {"metadata", "generation"});
    const auto replicas = integer_at(live, {"spec", "replicas"}, 1);
    if (child->kind == kDeployment && !held_back({{"kind", kHorizontalPodAutoscaler.kind}}) &&
        scale_within_bounds(name, replicas))
      continue;
    if (integer_at(live, {"status", "observedGeneration"}) == generation &&
        integer_at(live, {"status", "availableReplicas"}) == replicas)
      continue;
    Json status{{"observedGeneration", generation},
                {"replicas", replicas},
                {"readyReplicas", replicas},
                {"updatedReplicas", replicas},
                {"availableReplicas", replicas}};
    if (child->kind == kStatefulSet) status["currentRevision"] = status["updateRevision"] = "1";
    write_status(child->kind, child_name, status);
  }
}

void WithOperator::scale(const std::string& name, std::int64_t replicas) {
  server.send({.method = "PATCH",
               .target = kDeployment.path(server.ns()) + "/" + name + "-backend/scale",
               .body = Json{{"spec", {{"replicas", replicas}}}}.dump(),
               .content_type = "application/merge-patch+json"});
}

bool WithOperator::become_ready(const std::string& name) {
  return eventually([&] {
    serve_workloads(name);
    const Json now = read(name);
    return is_newest(now) && of_condition(now, "Ready", "status") == "True";
  });
}

std::vector<WantedChild> WithOperator::wanted(const std::string& name) {
  const auto app = controllers::from_object(read(name));
  EXPECT_TRUE(app) << (app ? "" : app.error().message);
  if (!app) return {};
  controllers::Inputs inputs{.app = *app,
                             .effective = controllers::effective(*app, kBackendImage),
                             .images = {kBackendImage, kPostgresImage, kValkeyImage, kNatsImage}};
  bind_all(inputs);
  for (auto& [component, entries] : inputs.bindings) {  // the name of a Job says to which database
    const Json secret = server.get(kSecret, controllers::child_name(*app, component) + "-binding");
    if (!secret.is_null()) entries = controllers::bindings::entries_in(secret);
  }
  if (inputs.effective.tls != controllers::TlsType::kDisabled) inputs.tls = some_certificates();
  std::vector<WantedChild> all;
  for (const auto* child : controllers::all_children())
    if (const auto desired = child->desired(inputs)) all.push_back({child, k8s::key_of(*desired).name});
  return all;
}

bool WithOperator::has_children(const std::string& name) {
  const auto all = wanted(name);
  return eventually([&] {
    return std::ranges::all_of(
        all, [&](const auto& each) { return !server.get(each.child->kind, each.name).is_null(); });
  });
}

Versions WithOperator::versions() {
  Versions found;
  const auto take = [&](const k8s::Kind& kind, std::string selector) {
    const auto listed = server.client().list(kind, {.ns = server.ns(), .label_selector = std::move(selector)},
                                             {}, std::stop_token{}, [&](k8s::ProjectionPtr object) {
                                               found[std::string{kind.kind} + "/" + object->key.name] =
                                                   object->resource_version;
                                             });
    EXPECT_TRUE(listed) << (listed ? "" : listed.error().message);
  };
  take(kPromptSales, "");
  for (const auto* kind : controllers::child_kinds())
    take(*kind, "app.kubernetes.io/managed-by=promptsales-operator");
  return found;
}

Versions WithOperator::settled() {
  Versions now;
  EXPECT_TRUE(eventually([&] {
    now = versions();
    return throughout(std::chrono::seconds{1}, [&] { return versions() == now; });
  }));
  return now;
}

std::vector<std::string> WithOperator::ours() {
  std::vector<std::string> names;
  for (const auto* kind : controllers::child_kinds()) {
    const auto listed = server.client().list(
        *kind, {.ns = server.ns(), .label_selector = "app.kubernetes.io/managed-by=promptsales-operator"}, {},
        std::stop_token{}, [&](k8s::ProjectionPtr object) {
          if (!object->deleting) names.push_back(std::string{kind->kind} + "/" + object->key.name);
        });
    EXPECT_TRUE(listed) << (listed ? "" : listed.error().message);
  }
  std::ranges::sort(names);
  return names;
}

std::string WithOperator::password_in(const std::string& secret) {
  return base64_decode(string_at(server.get(kSecret, secret), {"data", "password"})).value_or("");
}

std::vector<std::string> WithOperator::events(const std::string& name, const std::string& reason) {
  std::vector<std::string> notes;
  const auto listed = server.client().list(
      kEvent, {.ns = server.ns()}, {}, std::stop_token{}, [&](k8s::ProjectionPtr object) {
        const Json event = object->document();
        if (string_at(event, {"regarding", "name"}) == name && string_at(event, {"reason"}) == reason)
          notes.push_back(string_at(event, {"note"}));
      });
  EXPECT_TRUE(listed) << (listed ? "" : listed.error().message);
  return notes;
}

double writes(const OperatorProcess& process) {
  double sum = 0;
  for (const char* verb : {"create", "update", "apply", "patch", "delete"})
    sum += process.metric("rest_client_requests_total", {std::string{"method=\""} + verb + "\""});
  return sum;
}

}  // namespace promptsales::testing
