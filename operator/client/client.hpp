#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "operator/client/transport.hpp"
#include "operator/k8s/discovery.hpp"
#include "operator/k8s/projection.hpp"
#include "operator/k8s/request.hpp"

namespace promptsales::client {

/// Told of every finished request: verb ("get", "apply" …), kind, HTTP status (0: no answer), and how long it
/// took. Threads: called on the thread of the request, possibly many at once.
using OnRequest = std::function<void(std::string_view verb, const k8s::Kind& kind, int status,
                                     std::chrono::nanoseconds took)>;

/// What an apply has done.
struct Applied {
  std::string object;    ///< as the server has it now, JSON text
  bool created = false;  ///< it was not there before: the server's own word (201)
};

/// How long a call may take in all. A write is given up early enough that one which was sent under the last
/// moment of a lease has ended before another replica may take it over (LeaseTimes).
struct Deadlines {
  std::chrono::milliseconds read{15000};
  std::chrono::milliseconds write{5000};
};

/// The Kubernetes API over a transport. Writes return the object as the server has it now, as JSON text, so
/// that the caller decides whether to project or to parse it.
///
/// Units    non-streaming calls take as long as Deadlines say, a list page 60 s.
/// Errors   the API server's reasons (k8s/response.hpp) and the transport's; messages name verb and object.
/// Threads  any; calls block.
/// Not      cached, retried or rate-limited: that is the caller's, who knows what the write means.
class Client {
 public:
  Client(Transport& transport, OnRequest on_request = {}, Deadlines deadlines = {});

  /// Nothing if the object does not exist.
  [[nodiscard]] Result<std::optional<std::string>> get(const k8s::Kind&, const k8s::ObjectKey&);
  /// The kind as the server serves it; nothing if it does not. `version` empty: the version it prefers.
  [[nodiscard]] Result<std::optional<k8s::ServedKind>> discover(std::string_view group,
                                                                std::string_view version,
                                                                std::string_view kind);
  [[nodiscard]] Result<std::string> create(const k8s::Kind&, const k8s::Object&, std::string_view manager);
  [[nodiscard]] Result<std::string> update(const k8s::Kind&, const k8s::Object&);
  [[nodiscard]] Result<Applied> apply(const k8s::Kind&, const k8s::Object&, const k8s::ApplyOptions&);
  [[nodiscard]] Result<std::string> merge_patch(const k8s::Kind&, const k8s::ObjectKey&,
                                                const k8s::Json& patch, std::string_view manager);
  /// Deleting what does not exist is no error; an object with another UID or resource version is (Conflict).
  [[nodiscard]] Result<void> remove(const k8s::Kind&, const k8s::ObjectKey&, const k8s::Preconditions&);

  /// Every object of a selection, page by page, each handed over as soon as it has arrived. Returns the
  /// resource version that the list stands for.
  [[nodiscard]] Result<std::string> list(const k8s::Kind&, const k8s::Selection&, const k8s::Keep&,
                                         std::stop_token,
                                         const std::function<void(k8s::ProjectionPtr)>& on_object);

  /// Events until the server ends the watch, `on_event` returns false, `stop` is requested, or nothing has
  /// come for `silence`. A line that cannot be decoded ends the watch with an error. `on_accepted` is told when the
  /// server has begun the watch, which may have no event for long.
  [[nodiscard]] Result<void> watch(
      const k8s::Kind&, const k8s::Selection&, const k8s::WatchOptions&, const k8s::Keep&,
      const Silence& silence, std::stop_token, const std::function<bool(const k8s::WatchEvent&)>& on_event,
      const std::function<void()>& on_accepted = [] {});

 private:
  /// A response of the class 2xx.
  [[nodiscard]] Result<HttpResponse> exchange(std::string_view verb, const k8s::Kind&,
                                              const std::string& object, const HttpRequest&);
  [[nodiscard]] Result<std::string> send(std::string_view verb, const k8s::Kind&, const std::string& object,
                                         const HttpRequest&);
  [[nodiscard]] Result<std::string> list_page(const k8s::Kind&, const HttpRequest&, const k8s::Keep&,
                                              std::stop_token,
                                              const std::function<void(k8s::ProjectionPtr)>& on_object);

  Transport& transport_;
  OnRequest on_request_;
  const Deadlines deadlines_;
};

}  // namespace promptsales::client
