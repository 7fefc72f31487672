#include "operator/client/client.hpp"

#include "operator/k8s/response.hpp"
#include "operator/k8s/splitter.hpp"

namespace promptsales::client {
namespace {

using k8s::key_of;
using k8s::Kind;
using k8s::Object;
using k8s::ObjectKey;

std::chrono::milliseconds page_silence() { return std::chrono::seconds{60}; }

std::string name_of(const Kind& kind, const ObjectKey& key) {
  return std::string{kind.kind} + " " + key.str();
}

std::string doing(std::string_view verb, const std::string& object) {
  return std::string{verb} + " " + object;
}

/// Permissions are missing, as opposed to a quota or a policy that forbids the object. Those on the Lease are
/// for one namespace, and stand with the operator that is in it.
Error with_remedy(const Kind& kind, Error error) {
  if (error.reason == k8s::kForbidden && error.message.find(" cannot ") != std::string::npos)
    error.message += std::string{"; grant it with manifests/"} +
                     (kind == k8s::kinds::kLease ? "operator.yaml" : "rbac.yaml");
  return error;
}

}  // namespace

Client::Client(Transport& transport, OnRequest on_request, Deadlines deadlines)
    : transport_(transport), on_request_(std::move(on_request)), deadlines_(deadlines) {
  if (!on_request_) on_request_ = [](auto&&...) {};
}

Result<HttpResponse> Client::exchange(std::string_view verb, const Kind& kind, const std::string& object,
                                      const HttpRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  auto response = transport_.send(request, request.method == "GET" ? deadlines_.read : deadlines_.write);
  on_request_(verb, kind, response ? response->status : 0, std::chrono::steady_clock::now() - start);
  if (!response) return Failure{in_context(doing(verb, object), response.error())};
  if (response->status / 100 == 2) return response;
  const Error error = k8s::error_of(response->status, response->body, response->retry_after);
  return Failure{in_context(doing(verb, object), with_remedy(kind, error))};
}

Result<std::string> Client::send(std::string_view verb, const Kind& kind, const std::string& object,
                                 const HttpRequest& request) {
  auto response = exchange(verb, kind, object, request);
  if (!response) return Failure{response.error()};
  return std::move(response->body);
}

Result<std::optional<std::string>> Client::get(const Kind& kind, const ObjectKey& key) {
  auto body = send("get", kind, name_of(kind, key), k8s::get_request(kind, key));
  if (body) return std::optional{std::move(*body)};
  if (body.error().reason == k8s::kNotFound) return std::nullopt;
  return Failure{body.error()};
}

Result<std::optional<k8s::ServedKind>> Client::discover(std::string_view group, std::string_view version,
                                                        std::string_view kind) {
  static constexpr Kind kApi{"", "", "API", "apis"};
  const std::string name = "API " + std::string{group} + (version.empty() ? "" : "/") + std::string{version};
  std::vector<std::string> versions{std::string{version}};
  if (version.empty()) {
    const auto body = send("get", kApi, name, k8s::group_request(group));
    if (!body && body.error().reason == k8s::kNotFound) return std::nullopt;
    if (!body) return Failure{body.error()};
    versions = k8s::versions_to_try(k8s::Json::parse(*body, nullptr, /*allow_exceptions=*/false));
  }
  for (const auto& each : versions) {
    const auto body = send("get", kApi, name, k8s::resources_request(group, each));
    if (!body && body.error().reason == k8s::kNotFound) continue;
    if (!body) return Failure{body.error()};
    auto found =
        k8s::kind_in(k8s::Json::parse(*body, nullptr, /*allow_exceptions=*/false), group, each, kind);
    if (found) return found;
  }
  return std::nullopt;
}

Result<std::string> Client::create(const Kind& kind, const Object& object, std::string_view manager) {
  return send("create", kind, name_of(kind, key_of(object)), k8s::create_request(kind, object, manager));
}

Result<std::string> Client::update(const Kind& kind, const Object& object) {
  return send("update", kind, name_of(kind, key_of(object)), k8s::update_request(kind, object));
}

Result<Applied> Client::apply(const Kind& kind, const Object& object, const k8s::ApplyOptions& options) {
  auto response =
      exchange("apply", kind, name_of(kind, key_of(object)), k8s::apply_request(kind, object, options));
  if (!response) return Failure{response.error()};
  return Applied{std::move(response->body), response->status == 201};
}

Result<std::string> Client::merge_patch(const Kind& kind, const ObjectKey& key, const k8s::Json& patch,
                                        std::string_view manager) {
  return send("patch", kind, name_of(kind, key), k8s::merge_patch_request(kind, key, patch, manager));
}

Result<void> Client::remove(const Kind& kind, const ObjectKey& key, const k8s::Preconditions& preconditions) {
  auto body = send("delete", kind, name_of(kind, key), k8s::delete_request(kind, key, preconditions));
  if (!body && body.error().reason != k8s::kNotFound) return Failure{body.error()};
  return {};
}

Result<std::string> Client::list_page(const Kind& kind, const HttpRequest& request, const k8s::Keep& keep,
                                      std::stop_token stop,
                                      const std::function<void(k8s::ProjectionPtr)>& on_object) {
  k8s::ListSplitter splitter;
  Result<void> decoded;
  const auto on_item = [&](std::string_view item) {
    if (!decoded) return;
    auto object = k8s::project(item, keep);
    object ? on_object(std::move(*object)) : void(decoded = Failure{object.error()});
  };
  const auto start = std::chrono::steady_clock::now();
  auto response = transport_.stream(request, page_silence, stop, [&](std::string_view bytes) {
    if (auto split = splitter.push(bytes, on_item); !split) decoded = split;
    return decoded.has_value();
  });
  on_request_("list", kind, response ? response->status : 0, std::chrono::steady_clock::now() - start);
  if (!response) return Failure{response.error()};
  if (response->status / 100 != 2) return k8s::body_of(std::move(*response));
  if (!decoded) return Failure{decoded.error()};
  return splitter.envelope();
}

Result<std::string> Client::list(const Kind& kind, const k8s::Selection& selection, const k8s::Keep& keep,
                                 std::stop_token stop,
                                 const std::function<void(k8s::ProjectionPtr)>& on_object) {
  k8s::ListOptions options;
  for (;;) {
    auto envelope = list_page(kind, k8s::list_request(kind, selection, options), keep, stop, on_object);
    if (!envelope) return Failure{in_context(doing("list", kind.resource()), envelope.error())};
    const k8s::Json list = k8s::Json::parse(*envelope, nullptr, /*allow_exceptions=*/false);
    options.continue_token = k8s::string_at(list, {"metadata", "continue"});
    if (!options.continue_token.empty()) continue;
    std::string version = k8s::string_at(list, {"metadata", "resourceVersion"});
    if (version.empty())
      return failure(Remedy::kReadAgain, "Undecodable", "list " + kind.resource() + ": the answer broke off");
    return version;
  }
}

Result<void> Client::watch(const Kind& kind, const k8s::Selection& selection,
                           const k8s::WatchOptions& options, const k8s::Keep& keep, const Silence& silence,
                           std::stop_token stop, const std::function<bool(const k8s::WatchEvent&)>& on_event,
                           const std::function<void()>& on_accepted) {
  k8s::LineSplitter splitter;
  Result<void> decoded;
  bool go_on = true;
  const auto on_line = [&](std::string_view line) {
    auto event = k8s::decode_watch_event(line, keep);
    if (!event) decoded = Failure{event.error()};
    return go_on = event && on_event(*event);
  };
  const auto start = std::chrono::steady_clock::now();
  auto response = transport_.stream(k8s::watch_request(kind, selection, options), silence, stop,
                                    [&](std::string_view bytes) {
                                      if (bytes.empty()) on_accepted();
                                      if (auto split = splitter.push(bytes, on_line); !split) decoded = split;
                                      return go_on && decoded.has_value();
                                    });
  on_request_("watch", kind, response ? response->status : 0, std::chrono::steady_clock::now() - start);
  const auto failed = [&](const Error& error) {
    return Failure{in_context(doing("watch", kind.resource()), error)};
  };
  if (!decoded) return failed(decoded.error());
  if (!response) return failed(response.error());
  if (response->status / 100 != 2)
    return failed(k8s::error_of(response->status, response->body, response->retry_after));
  return {};
}

}  // namespace promptsales::client
