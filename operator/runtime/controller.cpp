#include "operator/runtime/controller.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>

namespace promptsales::runtime {

Controller::Controller(Reconcile reconcile, int workers, const Clock& clock, Metrics& metrics)
    : reconcile_(std::move(reconcile)),
      worker_count_(workers),
      clock_(clock),
      metrics_(metrics),
      queue_(clock) {}

void Controller::start() {
  for (int i = 0; i < worker_count_; ++i) {
    workers_.emplace_back([this](std::stop_token stop) { work(stop); });
    pthread_setname_np(workers_.back().native_handle(), ("worker/" + std::to_string(i)).c_str());
  }
  metrics_.workers(0, worker_count_);
}

void Controller::stop() {
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
}

void Controller::work(std::stop_token stop) {
  while (const auto key = queue_.take(stop)) {
    metrics_.queue_depth(queue_.depth());
    metrics_.workers(++active_, worker_count_);
    reconcile_one(*key, stop);
    metrics_.workers(--active_, worker_count_);
    ++reconciles_;
    queue_.done(*key);
  }
}

void Controller::reconcile_one(const k8s::ObjectKey& key, std::stop_token stop) {
  const auto waited = queue_.waited(key);
  const auto start = clock_.now();
  const auto next = guarded(key, stop);
  const auto took = clock_.now() - start;

  if (next) {
    queue_.forget(key);
    waits_no_more(key);
    if (next->after) queue_.add_after(key, *next->after);
    metrics_.reconciled(next->after ? "requeue_after" : "success", took, waited);
    return;
  }
  metrics_.reconciled("error", took, waited);
  // Cut short: whoever leads next must go on, and that may be this process.
  if (stop.stop_requested()) return queue_.add(key, Priority::kChild);
  const Error& error = next.error();
  if (only_waits(error)) {
    queue_.forget(key);
    if (error.retry_after && error.remedy == Remedy::kWaitForChange)
      queue_.add_after(key, *error.retry_after);
    return log_waiting(key, error);
  }
  spdlog::warn("PromptSales {}: {}: {}; trying again", key.str(), error.reason, error.message);
  waits_no_more(key);
  metrics_.retried();
  queue_.add_failed(key, error.retry_after.value_or(std::chrono::milliseconds{0}));
}

void Controller::waits_no_more(const k8s::ObjectKey& key) {
  waiting_for_.with([&](auto& all) { all.erase(key); });
}

/// Once: events come in between, of pods for instance, that change nothing about it.
void Controller::log_waiting(const k8s::ObjectKey& key, const Error& error) {
  std::string text = error.reason + ": " + error.message;
  const bool is_news = waiting_for_.with([&](auto& all) { return std::exchange(all[key], text) != text; });
  if (is_news) spdlog::warn("PromptSales {}: {}", key.str(), text);
}

Result<Next> Controller::guarded(const k8s::ObjectKey& key, std::stop_token stop) {
  try {
    return reconcile_(key, stop);
  } catch (const std::exception& e) {
    return failure(Remedy::kRetryWithBackoff, "InternalError",
                   std::string{"the operator has a bug: "} + e.what() + "; please report it");
  }
}

}  // namespace promptsales::runtime
