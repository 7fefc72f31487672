#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "operator/client/transport.hpp"

namespace promptsales::testing {

/// A transport whose streams say what the test wants, when it wants it; the requests are kept. A stream for
/// which nothing is left to say stays open and silent until it is stopped.
///
/// Threads  any, but one stream at a time.
class StreamingTransport final : public client::Transport {
 public:
  struct Asked {
    std::string target;
    std::chrono::milliseconds silence;  ///< how long it may be silent now
  };

  /// The next stream is begun, and has nothing to say yet.
  void accepts() { says(""); }
  /// The stream of now, or the next one, says this.
  void says(std::string bytes) { add({std::move(bytes), std::nullopt}); }
  /// … and then ends with this.
  void ends(Result<HttpResponse> with = HttpResponse{.status = 200}) { add({"", std::move(with)}); }
  /// … because nothing came for as long as the request allowed.
  void falls_silent() { ends(failure(Remedy::kRetryWithBackoff, "DeadlineExceeded", "no answer in time")); }

  /// Every stream that was begun.
  [[nodiscard]] std::vector<Asked> asked() const {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  /// What a request that is no stream is answered.
  HttpResponse answer{.status = 404, .body = "404 page not found\n"};

  [[nodiscard]] Result<HttpResponse> send(const HttpRequest&, std::chrono::milliseconds) override {
    return answer;
  }
  [[nodiscard]] Result<HttpResponse> stream(const HttpRequest& request, const client::Silence& silence,
                                            std::stop_token stop, const OnBytes& on_bytes) override {
    std::unique_lock lock(mutex_);
    asked_.push_back({request.target, silence()});
    while (more_.wait(lock, stop, [this] { return !to_say_.empty(); })) {
      const Piece piece = std::move(to_say_.front());
      to_say_.pop_front();
      if (piece.end) return *piece.end;
      lock.unlock();
      if (!on_bytes(piece.bytes)) return HttpResponse{.status = 200};
      lock.lock();
      asked_.back().silence = silence();
    }
    return failure(Remedy::kShutDown, "Stopped", "the exchange was stopped");
  }

 private:
  struct Piece {
    std::string bytes;
    std::optional<Result<HttpResponse>> end;
  };
  void add(Piece piece) {
    std::lock_guard lock(mutex_);
    to_say_.push_back(std::move(piece));
    more_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable_any more_;
  std::deque<Piece> to_say_;
  std::vector<Asked> asked_;
};

/// A line of a watch: "ADDED", "MODIFIED", "DELETED" or "BOOKMARK", and the metadata of its object.
inline std::string watch_line(const std::string& type, const std::string& metadata) {
  return R"({"type":")" + type + R"(","object":{"metadata":)" + metadata + "}}\n";
}
/// The bookmark that ends the initial events of a WatchList.
inline std::string initial_events_end(const std::string& version) {
  return watch_line("BOOKMARK", R"({"resourceVersion":")" + version +
                                    R"(","annotations":{"k8s.io/initial-events-end":"true"}})");
}

}  // namespace promptsales::testing
