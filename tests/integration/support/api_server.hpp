#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "operator/client/client.hpp"

namespace promptsales::testing {

/// The cluster that $KUBECONFIG names. Ends the test program with a sentence if there is none.
const client::Config& config();

/// A certificate authority that nobody has signed anything with.
std::string foreign_ca();

/// Asks until the answer is yes, for a minute by default; false if it never was. The only way in which integration tests
/// wait. So long because progress is held back for 15 s (docs/adr/0003-progress-is-not-news.md) and a busy machine may
/// need as long again; who waits for what does come does not wait longer.
bool eventually(const std::function<bool()>& claim, std::chrono::seconds deadline = std::chrono::seconds{60});

/// The opposite: true if the claim held all the time.
bool throughout(std::chrono::milliseconds time, const std::function<bool()>& claim);

/// A real API server as one test sees it: a client, and a namespace of its own that is removed afterwards, unless
/// the test has failed: then it stays for a look.
class ApiServer {
 public:
  ApiServer();
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  [[nodiscard]] client::Client& client() { return *client_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] const std::string& ns() const { return ns_; }

  /// A client that acts as a new service account of the namespace, with no permission at all.
  [[nodiscard]] std::unique_ptr<client::Client> client_of_service_account(const std::string& name);
  /// A bearer token of that service account, which is made if it is not there.
  [[nodiscard]] std::string token_of_service_account(const std::string& name);

  /// The object as it is now, or null.
  [[nodiscard]] k8s::Json get(const k8s::Kind& kind, const std::string& name);
  /// Applies an object of this namespace as manager "test"; fails the test if that is refused.
  k8s::Json apply(const k8s::Kind& kind, k8s::Object object);
  void remove(const k8s::Kind& kind, const std::string& name);
  /// Merges a patch into an object of this namespace; fails the test if that is refused.
  k8s::Json patch(const k8s::Kind& kind, const std::string& name, const k8s::Json& patch);
  /// Any other request, as it is; an answer of 400 and above fails the test.
  HttpResponse send(const HttpRequest& request);

 private:
  SystemClock clock_;
  std::unique_ptr<client::Transport> transport_;
  std::unique_ptr<client::Client> client_;
  std::vector<std::unique_ptr<client::Transport>> other_transports_;
  std::string ns_;
};

}  // namespace promptsales::testing
