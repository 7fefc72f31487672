#pragma once

#include <memory>
#include <string>

#include "base/http_message.hpp"
#include "operator/client/transport.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::testing {

/// The promptsales.io API of the cluster under test, spoken to as kubectl does: field validation is strict.
///
/// Making one installs crds/promptsales.yaml and waits until it is served; a second one finds it in place.
/// Errors   answers are returned as they are; a server that cannot be reached fails the test.
class PromptSalesApi {
 public:
  PromptSalesApi();

  /// What a request is meant to leave behind.
  enum class Effect { kReal, kDryRun };

  /// POST and PUT of a PromptSales; PUT takes the resource version that the object has at that moment.
  HttpResponse create(const k8s::Json& resource, Effect effect);
  HttpResponse replace(k8s::Json resource, Effect effect);
  /// Server-side apply of the status alone, as the operator does.
  HttpResponse apply_status(const k8s::Json& resource);
  HttpResponse get(const std::string& ns, const std::string& name);
  /// The collection; `query` without '?', `accept` as the header.
  HttpResponse list(const std::string& ns, const std::string& query, const std::string& accept);

  /// The installed CustomResourceDefinition.
  k8s::Json definition();

 private:
  HttpResponse send(const HttpRequest& request);
  void install();

  SystemClock clock_;
  std::unique_ptr<client::Transport> transport_;
};

/// A PromptSales with this spec; without one if the spec is null.
k8s::Json resource(const std::string& ns, const std::string& name, const k8s::Json& spec);

/// The document of an answer; its `message` is what a refusal says.
k8s::Json body_of(const HttpResponse& response);
std::string message_of(const HttpResponse& response);

}  // namespace promptsales::testing
