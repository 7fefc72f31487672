#include "operator/runtime/leader.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include "operator/k8s/response.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::runtime {
namespace {

using k8s::integer_at;
using k8s::Json;
using k8s::string_at;
using k8s::kinds::kLease;

constexpr auto kFenceMargin = std::chrono::seconds{1};
/// How often a standby looks: a Lease that was given back is taken over within this.
constexpr auto kStandbyLook = std::chrono::milliseconds{1000};

void wait(std::stop_token stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

LeaderElection::LeaderElection(client::Client& client, k8s::ObjectKey lease, std::string identity,
                               LeaseTimes times, const Clock& clock)
    : client_(client),
      lease_(std::move(lease)),
      identity_(std::move(identity)),
      times_(times),
      clock_(clock) {}

bool LeaderElection::may_write() const { return clock_.now().time_since_epoch().count() < write_until_ns_; }

void LeaderElection::start(const Callbacks& callbacks) {
  thread_ = std::jthread([this, callbacks](std::stop_token stop) { run(stop, callbacks); });
  pthread_setname_np(thread_.native_handle(), "leader");
}

void LeaderElection::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

std::string LeaderElection::refusal() const {
  return refusal_.with([](const std::string& refusal) { return refusal; });
}

void LeaderElection::run(std::stop_token stop, const Callbacks& callbacks) {
  std::string last_error;
  while (!stop.stop_requested()) {
    const auto outcome = try_acquire_or_renew();
    if (!outcome && outcome.error().message != std::exchange(last_error, outcome.error().message))
      spdlog::warn("leader election: {}", last_error);
    const bool refused = !outcome && outcome.error().reason == k8s::kForbidden;
    refusal_.with([&](std::string& refusal) { refusal = refused ? last_error : ""; });
    if (outcome && !leading_ && may_write()) {
      leading_ = true;
      last_error.clear();
      spdlog::info("leading: {} holds Lease {}", identity_, lease_.str());
      callbacks.started();
    } else if (leading_ && !may_write()) {
      leading_ = false;
      spdlog::warn("lost Lease {}; standing by", lease_.str());
      callbacks.stopped();
    }
    wait(stop, leading_ ? std::chrono::milliseconds{times_.retry} : kStandbyLook);
  }
  if (!leading_) return;
  leading_ = false;
  callbacks.stopped();  // nothing of ours writes after this, so the Lease may go
  give_back();
}

/// While leading one write is enough: it carries the version that the last one returned, so it fails if
/// anybody has touched the Lease since.
Result<void> LeaderElection::try_acquire_or_renew() {
  const auto sent = clock_.now();
  if (leading_ && !held_.is_null()) {
    const auto renewed = write(lease_object(&held_), /*create=*/false, sent);
    if (!renewed || !held_.is_null()) return renewed;
  }
  return look_and_take(clock_.now());
}

Result<void> LeaderElection::look_and_take(Clock::Instant sent) {
  auto body = client_.get(kLease, lease_);
  if (!body) return Failure{body.error()};
  if (!*body) return write(lease_object(nullptr), /*create=*/true, sent);

  const Json current = Json::parse(**body, nullptr, /*allow_exceptions=*/false);
  const Seen seen{.holder = string_at(current, {"spec", "holderIdentity"}),
                  .version = string_at(current, {"metadata", "resourceVersion"}),
                  .duration = std::chrono::seconds{
                      integer_at(current, {"spec", "leaseDurationSeconds"}, times_.duration.count())}};
  if (seen.holder != identity_ && !may_take_over(seen)) {
    write_until_ns_ = 0;  // somebody else holds it
    return {};
  }
  return write(lease_object(&current), /*create=*/false, sent);
}

bool LeaderElection::may_take_over(const Seen& seen) {
  if (seen.holder.empty()) return true;
  if (seen.version != seen_.version) {
    seen_ = seen;
    seen_at_ = clock_.now();
  }
  return clock_.now() - seen_at_ > seen.duration;
}

k8s::Object LeaderElection::lease_object(const k8s::Object* current) const {
  const bool ours = current && string_at(*current, {"spec", "holderIdentity"}) == identity_;
  const auto transitions = current ? integer_at(*current, {"spec", "leaseTransitions"}) + (ours ? 0 : 1) : 0;
  Json lease = current ? *current
                       : Json{{"apiVersion", "coordination.k8s.io/v1"},
                              {"kind", "Lease"},
                              {"metadata", {{"name", lease_.name}, {"namespace", lease_.namespace_}}}};
  Json& spec = lease["spec"];
  spec["holderIdentity"] = identity_;
  spec["leaseDurationSeconds"] = times_.duration.count();
  spec["renewTime"] = wall_time();
  if (!ours) spec["acquireTime"] = spec["renewTime"];
  spec["leaseTransitions"] = transitions;
  return lease;
}

Result<void> LeaderElection::write(const k8s::Object& lease, bool create, Clock::Instant sent) {
  auto written =
      create ? client_.create(kLease, lease, "promptsales-operator-leader") : client_.update(kLease, lease);
  if (written) {
    const auto until = sent + times_.renew_deadline - kFenceMargin;
    write_until_ns_ = until.time_since_epoch().count();
    held_ = Json::parse(*written, nullptr, /*allow_exceptions=*/false);
    return {};
  }
  held_ = nullptr;
  // A conflict means that another one was quicker; a look tells who.
  if (written.error().remedy == Remedy::kReadAgain) return {};
  return Failure{written.error()};
}

void LeaderElection::give_back() {
  write_until_ns_ = 0;
  auto body = client_.get(kLease, lease_);
  if (!body || !*body) return;
  Json lease = Json::parse(**body, nullptr, /*allow_exceptions=*/false);
  if (string_at(lease, {"spec", "holderIdentity"}) != identity_) return;
  lease["spec"]["holderIdentity"] = "";
  lease["spec"]["leaseDurationSeconds"] = 1;
  lease["spec"]["renewTime"] = wall_time();
  if (auto given = client_.update(kLease, lease); !given)
    spdlog::warn("leader election: could not give Lease {} back: {}", lease_.str(), given.error().message);
}

std::string LeaderElection::wall_time() const { return k8s::micro_time(clock_.wall()); }

}  // namespace promptsales::runtime
