#include "backend/net/deadline.hpp"

namespace promptsales::backend {

Deadline::Deadline(boost::asio::io_context& loop, const std::shared_ptr<Channel>& channel,
                   std::chrono::milliseconds after)
    : timer_(loop, after), passed_(std::make_shared<bool>(false)), over_(std::make_shared<bool>(false)) {
  timer_.async_wait([channel, passed = passed_, over = over_](boost::system::error_code cancelled) {
    if (cancelled || *over) return;
    *passed = true;
    channel->close();
  });
}

}  // namespace promptsales::backend
