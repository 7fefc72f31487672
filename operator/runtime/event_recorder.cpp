#include "operator/runtime/event_recorder.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include "base/strings.hpp"
#include "operator/k8s/response.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::runtime {
namespace {

constexpr std::size_t kMaxQueue = 1000;
constexpr std::size_t kMaxRemembered = 4096;
constexpr std::size_t kMaxMessage = 1024;
constexpr std::size_t kMaxInstance = 128;
constexpr std::string_view kManager = "promptsales-operator";
constexpr auto kSameNote = std::chrono::minutes{10};
constexpr double kBurst = 25;
constexpr auto kRefill = std::chrono::minutes{5};
constexpr auto kFlush = std::chrono::seconds{2};

std::string name_of(const ObjectReference& about) {
  return std::string{about.kind.kind} + "/" + about.key.str() + "/" + about.uid;
}

}  // namespace

EventRecorder::EventRecorder(client::Client& client, const std::string& instance, const Clock& clock)
    : client_(client), instance_(instance.substr(0, kMaxInstance)), clock_(clock) {}

void EventRecorder::record(const ObjectReference& about, const Note& note) {
  std::lock_guard lock(mutex_);
  make_room();
  const auto now = clock_.now();
  const std::string object = name_of(about);
  const std::string text = object + "/" + note.reason + "/" + note.message;
  const auto told = told_.find(text);
  if (told != told_.end()) {
    ++told->second.count;
    if (now - told->second.written < kSameNote) return;
  }
  if (!within_budget(object) || queue_.size() >= kMaxQueue) return;

  auto written = event(about, note);
  if (told == told_.end()) {
    told_.emplace(text, Told{.written = now, .event = k8s::key_of(written).name});
  } else {
    told->second.written = now;
    written["metadata"]["name"] = told->second.event;
    written["series"] = {{"count", told->second.count}, {"lastObservedTime", written["eventTime"]}};
  }
  queue_.push_back({text, std::move(written)});
  changed_.notify_one();
}

void EventRecorder::make_room() {
  if (told_.size() >= kMaxRemembered) told_.clear();  // worst case: a note is told twice
  if (budgets_.size() >= kMaxRemembered) budgets_.clear();
}

bool EventRecorder::within_budget(const std::string& object) {
  const auto now = clock_.now();
  auto& budget = budgets_.try_emplace(object, Budget{kBurst, now}).first->second;
  const double refill = std::chrono::duration<double>(now - budget.refilled) / kRefill;
  budget.tokens = std::min(kBurst, budget.tokens + refill);
  budget.refilled = now;
  if (budget.tokens < 1) return false;
  budget.tokens -= 1;
  return true;
}

k8s::Object EventRecorder::event(const ObjectReference& about, const Note& note) const {
  const std::string ns = about.key.namespace_.empty() ? "default" : about.key.namespace_;
  const auto wall = clock_.wall();
  char suffix[20];
  std::snprintf(suffix, sizeof suffix, ".%016llx",
                static_cast<unsigned long long>(wall.time_since_epoch().count()));
  return {{"apiVersion", "events.k8s.io/v1"},
          {"kind", "Event"},
          {"metadata", {{"name", about.key.name.substr(0, 230) + suffix}, {"namespace", ns}}},
          {"eventTime", k8s::micro_time(wall)},
          {"reportingController", "promptsales.io/operator"},
          {"reportingInstance", instance_},
          {"type", note.warning ? "Warning" : "Normal"},
          {"reason", note.reason},
          {"action", note.action},
          {"note", cut_text(note.message, kMaxMessage)},
          {"regarding",
           {{"apiVersion", about.kind.api_version()},
            {"kind", about.kind.kind},
            {"namespace", about.key.namespace_},
            {"name", about.key.name},
            {"uid", about.uid}}}};
}

void EventRecorder::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  pthread_setname_np(thread_.native_handle(), "events");
}

void EventRecorder::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void EventRecorder::run(std::stop_token stop) {
  Clock::Instant give_up = Clock::Instant::max();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, stop, [this] { return !queue_.empty(); });
    if (stop.stop_requested()) give_up = std::min(give_up, clock_.now() + kFlush);
    if (queue_.empty() || clock_.now() > give_up) return;
    const Queued next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const bool is_written = write(next.event);
    lock.lock();
    if (!is_written) told_.erase(next.told);
  }
}

bool EventRecorder::write(const k8s::Object& event) {
  const auto written = event.contains("series") ? write_series(event) : create(event);
  if (!written)
    spdlog::warn("event '{}' was not recorded: {}", k8s::string_at(event, {"note"}), written.error().message);
  return written.has_value();
}

/// The Event of before, if the cluster still has it: they are kept for an hour, as a rule.
Result<void> EventRecorder::write_series(const k8s::Object& event) {
  const auto counted =
      client_.merge_patch(k8s::kinds::kEvent, k8s::key_of(event), {{"series", event.at("series")}}, kManager);
  if (!counted && counted.error().reason == k8s::kNotFound) return create(event);
  if (!counted) return Failure{counted.error()};
  return {};
}

Result<void> EventRecorder::create(const k8s::Object& event) {
  if (auto created = client_.create(k8s::kinds::kEvent, event, kManager); !created)
    return Failure{created.error()};
  return {};
}

}  // namespace promptsales::runtime
