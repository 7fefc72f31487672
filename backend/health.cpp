#include "backend/health.hpp"

#include "backend/net/connect_errors.hpp"

namespace promptsales::backend {

ServiceHealth::ServiceHealth(std::size_t loops)
    : state_(State{.by_loop = std::vector<unsigned>(loops),
                   .sum = {.loops_without = static_cast<unsigned>(loops),
                           .lost_at = {},
                           .last_error = {},
                           .cause = {},
                           .login_refused = {}}}) {}

void ServiceHealth::connected(std::size_t loop) {
  state_.with([&](State& s) {
    ++s.sum.connections;
    s.sum.login_refused.clear();
    if (s.by_loop[loop]++ > 0) return;
    ++s.sum.arrivals;
    if (--s.sum.loops_without > 0) return;
    s.sum.lost_at.reset();
    s.sum.last_error.clear();
    s.sum.cause = {};
  });
}

void ServiceHealth::disconnected(std::size_t loop, const Error& why, Clock::Instant now) {
  state_.with([&](State& s) {
    --s.sum.connections;
    s.sum.last_error = why.message;
    s.sum.cause = connect_errors::cause_of(why);
    if (--s.by_loop[loop] > 0) return;
    if (s.sum.loops_without++ == 0) s.sum.lost_at = now;
  });
}

void ServiceHealth::failed_to_connect(const Error& why) {
  state_.with([&](State& s) {
    s.sum.last_error = why.message;
    s.sum.cause = connect_errors::cause_of(why);
  });
}

void ServiceHealth::tried_to_log_in(const Result<void>& outcome) {
  if (!outcome && connect_errors::cause_of(outcome.error()) != connect_errors::kLoginRefused) return;
  state_.with([&](State& s) { s.sum.login_refused = outcome ? "" : outcome.error().message; });
}

ServiceHealth::Snapshot ServiceHealth::snapshot() const {
  return state_.with([](const State& s) { return s.sum; });
}

}  // namespace promptsales::backend
