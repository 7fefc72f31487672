#pragma once

#include <functional>
#include <vector>

#include "operator/client/transport.hpp"

namespace promptsales::testing {

/// A transport whose far end is a function of the test: it answers, and the requests are kept.
class RecordingTransport final : public client::Transport {
 public:
  using Answer = std::function<Result<HttpResponse>(const HttpRequest&)>;

  explicit RecordingTransport(Answer answer) : answer_(std::move(answer)) {}

  [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request, std::chrono::milliseconds) override {
    requests.push_back(request);
    return answer_(request);
  }
  [[nodiscard]] Result<HttpResponse> stream(const HttpRequest& request, const client::Silence&,
                                            std::stop_token, const OnBytes& on_bytes) override {
    auto answer = send(request, {});
    if (answer) on_bytes(answer->body);
    return answer;
  }

  std::vector<HttpRequest> requests;

 private:
  Answer answer_;
};

}  // namespace promptsales::testing
