#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/clock.hpp"
#include "operator/client/client.hpp"

namespace promptsales::runtime {

/// What an Event is about.
struct ObjectReference {
  const k8s::Kind& kind;
  k8s::ObjectKey key;
  std::string uid;
};

/// One thing worth telling a person who runs `kubectl describe`.
struct Note {
  bool warning = false;
  std::string reason;   ///< CamelCase
  std::string action;   ///< CamelCase verb: what the operator was doing
  std::string message;  ///< one sentence; cut at 1 KiB, the API's limit
};

/// Writes Events (events.k8s.io/v1) in the background.
///
/// The same note about the same object is one Event: when it comes again, its series counts, and is written
/// once in ten minutes. An object gets 25 notes at once and one more each 5 minutes, so that no failure can
/// flood the cluster. What cannot be written is dropped with a log line, and told anew when it comes again: Events are
/// news, not state.
///
/// Threads  record() from any thread, never blocks; own thread for writing.
class EventRecorder {
 public:
  /// `instance` says which replica it was; cut at 128 characters, the API's limit.
  EventRecorder(client::Client& client, const std::string& instance, const Clock& clock);

  void record(const ObjectReference& about, const Note& note);

  void start();
  /// Writes what is queued, for two seconds at most, and ends the thread.
  void stop();

 private:
  struct Budget {
    double tokens;
    Clock::Instant refilled;
  };
  /// A note that has an Event.
  struct Told {
    Clock::Instant written;
    std::string event;  ///< its name
    int count = 1;      ///< how often the note has come
  };

  struct Queued {
    std::string told;  ///< its key in told_
    k8s::Object event;
  };

  void run(std::stop_token stop);
  [[nodiscard]] bool write(const k8s::Object& event);
  [[nodiscard]] Result<void> write_series(const k8s::Object& event);
  [[nodiscard]] Result<void> create(const k8s::Object& event);
  // With mutex_ held.
  void make_room();
  [[nodiscard]] bool within_budget(const std::string& object);
  [[nodiscard]] k8s::Object event(const ObjectReference& about, const Note& note) const;

  client::Client& client_;
  const std::string instance_;
  const Clock& clock_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Queued> queue_;
  std::unordered_map<std::string, Told> told_;       ///< by object, reason and message
  std::unordered_map<std::string, Budget> budgets_;  ///< by object

  std::jthread thread_;
};

}  // namespace promptsales::runtime
