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
/// How often the Lease is looked at while it cannot be watched, or not be had.
constexpr auto kLook = std::chrono::milliseconds{1000};
/// After the end of a Lease: its duration must be over, not just about to be.
constexpr auto kPastTheEnd = std::chrono::milliseconds{10};

void wait(std::stop_token stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

/// The transport's own errors are not answers.
LeaderElection::Trouble trouble_of(const Error& error) {
  return {error.message, error.reason != "Unreachable" && error.reason != "DeadlineExceeded"};
}

/// A Lease can be made unless its namespace is missing: that, and no Lease, is what is not found then.
Error with_remedy(Error error, const k8s::ObjectKey& lease) {
  if (error.reason == k8s::kNotFound)
    error.message += "; make the namespace (kubectl create namespace " + lease.namespace_ +
                     "), or name another one with --lease-namespace";
  return error;
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

LeaderElection::Trouble LeaderElection::trouble() const {
  return trouble_.with([](const Trouble& trouble) { return trouble; });
}

void LeaderElection::run(std::stop_token stop, const Callbacks& callbacks) {
  std::string last_error;
  while (!stop.stop_requested()) {
    const auto outcome = try_acquire_or_renew();
    if (!outcome && outcome.error().message != std::exchange(last_error, outcome.error().message))
      spdlog::warn("leader election: {}", last_error);
    trouble_.with([&](Trouble& trouble) { trouble = outcome ? Trouble{} : trouble_of(outcome.error()); });
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
    if (leading_) {
      wait(stop, times_.retry);
    } else if (outcome) {
      stand_by(stop);
    } else {
      wait(stop, kLook);
    }
  }
  if (!leading_) return;
  leading_ = false;
  callbacks.stopped();  // nothing of ours writes after this, so the Lease may go
  give_back();
}

/// Returns when the Lease is free or may be by now, or is to be looked at again. What was seen of it is kept up to date meanwhile.
void LeaderElection::stand_by(const std::stop_token& stop) {
  const auto left = seen_at_ + seen_.duration - clock_.now() + kPastTheEnd;
  const auto silence = std::max(kPastTheEnd, std::chrono::duration_cast<std::chrono::milliseconds>(left));
  bool heard = false;
  std::string why_not;
  const auto watched = client_.watch(
      kLease, {.ns = lease_.namespace_, .field_selector = "metadata.name=" + lease_.name},
      {.resource_version = seen_.version}, {}, [silence] { return silence; }, stop,
      [&](const k8s::WatchEvent& event) {
        using Type = k8s::WatchEvent::Type;
        if (event.type == Type::kError) return why_not = event.error_message, false;
        heard = true;
        // A bookmark is no sign of life, but would be taken for one by who waits for silence: begin anew.
        if (event.type == Type::kBookmark || event.type == Type::kDeleted) return false;
        note(seen_in(event.object->document(), event.object->resource_version));
        return !seen_.holder.empty();
      });
  const bool was_silent = !watched && watched.error().reason == "DeadlineExceeded";
  if (!watched && !was_silent) why_not = watched.error().message;
  if (std::exchange(unwatched_, why_not) != why_not && !why_not.empty() && !stop.stop_requested())
    spdlog::warn("leader election: {}; Lease {} is looked at each second instead", why_not, lease_.str());
  if (!why_not.empty() || (!heard && !was_silent)) wait(stop, kLook);
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
  const Seen seen = seen_in(current, string_at(current, {"metadata", "resourceVersion"}));
  if (seen.holder != identity_ && !may_take_over(seen)) {
    write_until_ns_ = 0;  // somebody else holds it
    return {};
  }
  return write(lease_object(&current), /*create=*/false, sent);
}

LeaderElection::Seen LeaderElection::seen_in(const k8s::Object& lease, const std::string& version) const {
  return {.holder = string_at(lease, {"spec", "holderIdentity"}),
          .version = version,
          .duration = std::chrono::seconds{
              integer_at(lease, {"spec", "leaseDurationSeconds"}, times_.duration.count())}};
}

void LeaderElection::note(const Seen& seen) {
  if (seen.version == seen_.version) return;
  seen_ = seen;
  seen_at_ = clock_.now();
}

bool LeaderElection::may_take_over(const Seen& seen) {
  if (seen.holder.empty()) return true;
  note(seen);
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
  return Failure{create ? with_remedy(written.error(), lease_) : written.error()};
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
