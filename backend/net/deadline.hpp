#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "backend/net/channel.hpp"

namespace promptsales::backend {

/// Closes a channel when the time is up, which ends whatever is pending on it. Goes out of force with the
/// object.
///
/// Threads  the loop's only.
class Deadline {
 public:
  Deadline(boost::asio::io_context& loop, const std::shared_ptr<Channel>& channel,
           std::chrono::milliseconds after);
  ~Deadline() { *over_ = true; }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  [[nodiscard]] bool passed() const { return *passed_; }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<bool> passed_;  ///< the handler may run after this object is gone, also uncancelled:
  std::shared_ptr<bool> over_;    ///< then it was in the queue already, and the channel is in use
};

}  // namespace promptsales::backend
