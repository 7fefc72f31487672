#include "tests/integration/support/promptsales_api.hpp"

#include <gtest/gtest.h>

#include "tests/integration/support/api_server.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using k8s::Json;

constexpr auto kDefinition =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/promptsales.promptsales.io";

std::string path_of(const std::string& ns, const std::string& name = "") {
  return "/apis/promptsales.io/v1alpha1/namespaces/" + ns + "/promptsales" + (name.empty() ? "" : "/" + name);
}

std::string query_of(PromptSalesApi::Effect effect) {
  return std::string{"?fieldValidation=Strict"} +
         (effect == PromptSalesApi::Effect::kDryRun ? "&dryRun=All" : "");
}

std::string ns_of(const Json& resource) { return k8s::string_at(resource, {"metadata", "namespace"}); }
std::string name_of(const Json& resource) { return k8s::string_at(resource, {"metadata", "name"}); }

bool established(const Json& definition) {
  const auto* conditions = k8s::at_path(definition, {"status", "conditions"});
  if (!conditions) return false;
  for (const auto& condition : *conditions)
    if (condition.value("type", "") == "Established" && condition.value("status", "") == "True") return true;
  return false;
}

}  // namespace

PromptSalesApi::PromptSalesApi() {
  auto transport = client::make_transport(config(), clock_);
  if (!transport) throw std::runtime_error(transport.error().message);
  transport_ = std::move(*transport);
  install();
}

void PromptSalesApi::install() {
  const auto definition = read_repository_yaml("crds/promptsales.yaml").at(0);
  const auto answer =
      send({.method = "PATCH",
            .target = std::string{kDefinition} + "?fieldManager=test&force=true&fieldValidation=Strict",
            .body = definition.dump(),
            .content_type = "application/apply-patch+yaml"});
  ASSERT_LT(answer.status, 300) << answer.body;
  // Established is said before every request finds the new kind: the collection itself is asked.
  ASSERT_TRUE(eventually([&] {
    return established(this->definition()) && list("default", "limit=1", "application/json").status == 200;
  }));
}

HttpResponse PromptSalesApi::create(const Json& resource, Effect effect) {
  return send({.method = "POST",
               .target = path_of(ns_of(resource)) + query_of(effect),
               .body = resource.dump(),
               .content_type = "application/json"});
}

HttpResponse PromptSalesApi::replace(Json resource, Effect effect) {
  const auto now = body_of(get(ns_of(resource), name_of(resource)));
  resource["metadata"]["resourceVersion"] = k8s::string_at(now, {"metadata", "resourceVersion"});
  return send({.method = "PUT",
               .target = path_of(ns_of(resource), name_of(resource)) + query_of(effect),
               .body = resource.dump(),
               .content_type = "application/json"});
}

HttpResponse PromptSalesApi::apply_status(const Json& resource) {
  return send({.method = "PATCH",
               .target = path_of(ns_of(resource), name_of(resource)) +
                         "/status?fieldManager=test&force=true&fieldValidation=Strict",
               .body = resource.dump(),
               .content_type = "application/apply-patch+yaml"});
}

HttpResponse PromptSalesApi::get(const std::string& ns, const std::string& name) {
  return send({.target = path_of(ns, name)});
}

HttpResponse PromptSalesApi::list(const std::string& ns, const std::string& query,
                                  const std::string& accept) {
  return send({.target = path_of(ns) + "?" + query, .accept = accept});
}

Json PromptSalesApi::definition() { return body_of(send({.target = kDefinition})); }

HttpResponse PromptSalesApi::send(const HttpRequest& request) {
  const auto answer = transport_->send(request, 15s);
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
  return answer.value_or(HttpResponse{});
}

Json resource(const std::string& ns, const std::string& name, const Json& spec) {
  Json json{{"apiVersion", "promptsales.io/v1alpha1"},
            {"kind", "PromptSales"},
            {"metadata", {{"name", name}, {"namespace", ns}}}};
  if (!spec.is_null()) json["spec"] = spec;
  return json;
}

Json body_of(const HttpResponse& response) { return Json::parse(response.body, nullptr, false); }

std::string message_of(const HttpResponse& response) {
  return k8s::string_at(body_of(response), {"message"}, response.body);
}

}  // namespace promptsales::testing
