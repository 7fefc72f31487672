#include "operator/runtime/informer.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>

#include "operator/k8s/response.hpp"
#include "operator/runtime/backoff.hpp"

namespace promptsales::runtime {
namespace {

using State = InformerStatus::State;
using Type = k8s::WatchEvent::Type;

/// More than a minute: that often the server sends bookmarks.
constexpr auto kSilence = std::chrono::seconds{75};
/// Until the initial events have ended there is nothing to wait for but the server, whose cache has 3 s to
/// become as new as etcd. One that needs longer may answer pages, which it reads from etcd.
constexpr auto kListingSilence = std::chrono::seconds{10};

State state_for(const Error& error) {
  if (error.reason == k8s::kForbidden) return State::kForbidden;
  if (error.reason == k8s::kNotFound) return State::kMissing;
  return State::kFailing;
}

/// Sleeps, but not past a stop request.
void pause(std::stop_token stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::kConnecting:
      return "connecting";
    case State::kListing:
      return "listing";
    case State::kWatching:
      return "watching";
    case State::kForbidden:
      return "forbidden";
    case State::kMissing:
      return "missing";
    case State::kFailing:
      return "failing";
  }
  return "unknown";
}

Informer::Informer(InformerConfig config, client::Client& client, const Clock& clock)
    : config_(std::move(config)), client_(client), clock_(clock) {}

void Informer::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  const std::string name = "i/" + std::string{config_.kind.plural}.substr(0, 13);  // 15 characters at most
  pthread_setname_np(thread_.native_handle(), name.c_str());
}

void Informer::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

std::string Informer::name() const {
  return config_.kind.resource() + (config_.selection.metadata_only ? " (metadata)" : "");
}

InformerStatus Informer::status() const {
  return status_.with([](const InformerStatus& status) { return status; });
}

void Informer::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const auto outcome = step(stop);
    if (stop.stop_requested()) return;
    if (outcome) {  // the watch's time was over: the next one resumes where it ended
      pause(stop, std::chrono::milliseconds{std::uniform_int_distribution<int>{0, 1000}(random_)});
      continue;
    }
    recover_from(outcome.error());
    pause(stop, std::max(delay_, outcome.error().retry_after.value_or(std::chrono::milliseconds{0})));
  }
}

Result<void> Informer::step(std::stop_token stop) {
  if (!version_.empty()) return follow(stop);
  return watch_list_works_ ? start_by_watch_list(stop) : start_by_list(stop);
}

void Informer::recover_from(const Error& error) {
  if (error.reason == "DeadlineExceeded" && !listing_ && !version_.empty()) {
    delay_ = {};  // silence: the connection may be dead, the version is not
    return set_state(State::kConnecting, error.message);
  }
  // 410: only a complete list helps. 404: should the kind come back, it is another collection.
  if (error.reason == k8s::kExpired || error.reason == k8s::kNotFound) version_.clear();
  delay_ = next_delay(delay_, kWatchBackoff, random_);
  set_state(state_for(error), error.message);
}

Result<void> Informer::start_by_watch_list(std::stop_token stop) {
  set_state(State::kListing);
  listing_ = true;
  store_.begin_list();
  Result<void> failed;
  auto ended = client_.watch(config_.kind, config_.selection,
                             {.send_initial_events = true, .timeout = random_timeout()}, config_.keep,
                             silence_limit(), stop, [&](const auto& event) { return handle(event, failed); });
  const bool was_listing = std::exchange(listing_, false);
  if (ended && failed && was_listing)
    failed =
        failure(Remedy::kReadAgain, "WatchListIncomplete", "the watch ended before its initial events did");
  if (!failed) ended = failed;
  if (ended || !was_listing) return ended;
  const std::string& reason = ended.error().reason;
  if (reason == "DeadlineExceeded") {  // not "cannot": the next list may well be streamed
    set_state(State::kFailing, ended.error().message);
    return start_by_list(stop);
  }
  const bool refused = reason == "BadRequest" || reason == k8s::kInvalid || reason == "InternalError" ||
                       reason == "WatchListIncomplete";
  if (!refused) return ended;
  spdlog::info("{}: the server cannot stream lists ({}); falling back to paged lists",
               config_.kind.resource(), ended.error().message);
  watch_list_works_ = false;
  return start_by_list(stop);
}

Result<void> Informer::start_by_list(std::stop_token stop) {
  set_state(State::kListing);
  store_.begin_list();
  const bool initial = !status().synced;
  auto version = client_.list(config_.kind, config_.selection, config_.keep, stop, [&](auto object) {
    if (!is_wanted(object)) return;
    if (const auto change = store_.observed(object)) tell(*change, initial);
  });
  if (!version) return Failure{version.error()};
  list_is_complete(*version);
  set_state(State::kWatching);
  return follow(stop);
}

/// The same stream lists and then watches.
client::Silence Informer::silence_limit() const {
  return [this] { return listing_ ? kListingSilence : kSilence; };
}

Result<void> Informer::follow(std::stop_token stop) {
  // After a refusal only the server says that the watch is there again.
  set_state(told_.trouble ? State::kConnecting : State::kWatching);
  Result<void> failed;
  auto ended = client_.watch(
      config_.kind, config_.selection, {.resource_version = version_, .timeout = random_timeout()},
      config_.keep, silence_limit(), stop, [&](const auto& event) { return handle(event, failed); },
      [this] { set_state(State::kWatching); });
  return failed ? ended : failed;
}

bool Informer::handle(const k8s::WatchEvent& event, Result<void>& failed) {
  if (event.type == Type::kError) {
    const bool expired = event.error_code == 410 || event.error_reason == k8s::kExpired;
    failed = failure(Remedy::kReadAgain, expired ? std::string{k8s::kExpired} : event.error_reason,
                     "watch " + config_.kind.resource() + ": " + event.error_message);
    return false;
  }
  delay_ = {};
  const bool initial = listing_ && !status().synced;
  std::optional<Store::Change> change;
  switch (event.type) {
    case Type::kAdded:
    case Type::kModified:
      if (is_wanted(event.object)) change = store_.observed(event.object);
      break;
    case Type::kDeleted:
      change = store_.deleted(event.object);
      break;
    case Type::kBookmark:
      store_.reached(event.object->resource_version);
      break;
    case Type::kError:
      break;
  }
  if (change) tell(*change, initial);
  if (!listing_) {
    version_ = event.object->resource_version;
  } else if (event.initial_events_end) {
    listing_ = false;
    list_is_complete(event.object->resource_version);
    set_state(State::kWatching);
  }
  return true;
}

void Informer::list_is_complete(const std::string& version) {
  version_ = version;
  const bool initial = !status().synced;
  for (const auto& gone : store_.end_list(version)) tell(gone, initial);
  status_.with([](InformerStatus& status) { status.synced = true; });
}

/// The store has taken it in, so that it is no change when it comes again: whom it is for must hear of it now, or the
/// process must end.
void Informer::tell(const Store::Change& change, bool initial) const noexcept { on_change_(change, initial); }

void Informer::set_state(State state, std::string last_error) {
  const InformerStatus now = status_.with([&](InformerStatus& status) {
    status.state = state;
    if (state == State::kWatching) status.trouble.reset();
    if (state == State::kForbidden || state == State::kMissing || state == State::kFailing)
      status.trouble = state;
    if (!status.trouble || !last_error.empty()) status.last_error = std::move(last_error);
    return status;
  });
  if (now.trouble != told_.trouble) log_trouble(now);
  const bool news = now.state != told_.state || now.synced != told_.synced;
  told_ = now;
  if (news) on_status_(*this, now);
}

/// Each trouble once, not at every try: until it is over, /readyz says what it is.
void Informer::log_trouble(const InformerStatus& now) const {
  if (now.trouble) {
    spdlog::warn("{}: {}: {}; trying again", name(), to_string(*now.trouble), now.last_error);
  } else {
    spdlog::info("{}: in step again", name());
  }
}

std::chrono::seconds Informer::random_timeout() {
  return std::chrono::seconds{std::uniform_int_distribution<int>{240, 480}(random_)};
}

}  // namespace promptsales::runtime
