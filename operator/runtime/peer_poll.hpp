#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operator/k8s/object.hpp"

namespace promptsales::runtime {

/// Asks peers over plain HTTP how they are, again and again, and tells when what they say has changed.
///
/// Each subject (a resource) has some peers that know the same (its pods): the first that answers speaks for all.
/// What they say counts when they have said so, or at least otherwise than before, `times` times in a row, so that a
/// short absence is no news; that all is `well` counts at once while nothing is known. Where nobody can be reached (a
/// network that does not lead there) nothing is known, and it is asked ever more rarely.
///
/// Bounds   32 questions at a time, of them at most 16 at ease; 16 KiB of an answer.
/// Costs    nothing before the first subject: its thread starts with that.
/// Threads  one of its own, named "peers"; ask() and forget() any.
class PeerPoll {
 public:
  struct Settings {
    std::string path;
    std::uint16_t port = 0;
    std::string well;  ///< what read() makes of an answer that all is well
    std::chrono::milliseconds interval{2'000};
    std::chrono::milliseconds at_ease{4'000};  ///< the same of peers that are asked at ease
    std::chrono::milliseconds soon{500};       ///< to the next question while there is no answer yet
    std::chrono::milliseconds rarely{60'000};
    std::chrono::milliseconds deadline{1'000};  ///< of a question
    std::chrono::milliseconds patience{4'000};  ///< before "not asked yet" becomes "nothing can be known"
    std::chrono::milliseconds memory{30'000};   ///< how long an answer holds without another one
    unsigned times = 3;
  };
  struct Peers {
    std::string group;                   ///< of another group nothing is known
    std::vector<std::string> addresses;  ///< in the order in which they are asked, the first two
    bool expected = false;  ///< one of them answers, if there is a way to it: patience begins anew
    /// Asked less often, and sooner again only while it says something else: what it tells does not pass by itself.
    bool at_ease = false;

    bool operator==(const Peers&) const = default;
  };
  struct Known {
    /// They are asked, and have not said anything yet; false also when nobody can be reached.
    bool asking = false;
    std::optional<std::string> word;  ///< what read() made of their answer
  };
  /// What counts of a body; nothing: it is no answer yet. Called on the own thread.
  using Read = std::function<std::optional<std::string>(const std::string& body)>;
  /// What is known of the subject is not what it was. Called on the own thread.
  using OnNews = std::function<void(const k8s::ObjectKey& subject)>;

  PeerPoll(Settings settings, Read read, OnNews on_news);
  ~PeerPoll();
  PeerPoll(const PeerPoll&) = delete;
  PeerPoll& operator=(const PeerPoll&) = delete;

  /// Has these be asked from now on, and gives what is known. Without addresses nobody is, and nothing is known.
  Known ask(const k8s::ObjectKey& subject, Peers peers);
  void forget(const k8s::ObjectKey& subject);
  /// Nobody is asked any more, and on_news is not called.
  void stop();

 private:
  struct Impl;  ///< keeps Boost.Beast out of this header
  std::unique_ptr<Impl> impl_;
};

}  // namespace promptsales::runtime
