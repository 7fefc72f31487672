#include "backend/db/expiry_sweep.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "backend/net/spawn.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

constexpr Statement kDeleteExpired{"idempotency_delete_expired",
                                   "DELETE FROM idempotency WHERE ctid = ANY (ARRAY(SELECT ctid FROM "
                                   "idempotency WHERE expires_at <= now() LIMIT "
                                   "5000 FOR UPDATE SKIP LOCKED))",
                                   {},
                                   false};

}  // namespace

void ExpirySweep::start() { spawn(loop_, run()); }

void ExpirySweep::stop() {
  stopped_ = true;
  timer_.cancel();
}

asio::awaitable<void> ExpirySweep::run() {
  while (!stopped_) {
    boost::system::error_code cancelled;
    timer_.expires_after(every_);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (stopped_) co_return;
    (void)co_await pool_.query(kDeleteExpired, Params{});
  }
}

}  // namespace promptsales::backend
