#include "backend/health.hpp"

namespace promptsales::backend {

void ServiceHealth::connected() {
  state_.with([](Snapshot& s) {
    if (s.connections++ == 0) ++s.arrivals;
    s.last_error.clear();
  });
}

void ServiceHealth::disconnected(const std::string& why, Clock::Instant now) {
  state_.with([&](Snapshot& s) {
    --s.connections;
    s.last_error = why;
    s.lost_at = now;
  });
}

void ServiceHealth::failed_to_connect(const std::string& why) {
  state_.with([&](Snapshot& s) { s.last_error = why; });
}

ServiceHealth::Snapshot ServiceHealth::snapshot() const {
  return state_.with([](const Snapshot& s) { return s; });
}

}  // namespace promptsales::backend
