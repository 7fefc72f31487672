#include "operator/runtime/work_queue.hpp"

#include <algorithm>

namespace promptsales::runtime {
namespace {

constexpr unsigned kOldestEvery = 4;

}  // namespace

WorkQueue::WorkQueue(const Clock& clock, std::uint32_t seed) : clock_(clock), random_(seed) {}

void WorkQueue::add(const Key& key, Priority priority) {
  std::lock_guard lock(mutex_);
  if (const auto earliest = earliest_after_failure(key); earliest > clock_.now())
    return delay_until(key, earliest);
  make_ready(key, priority);
}

/// When an event may bring a failed key back: after a quarter of its delay.
Clock::Instant WorkQueue::earliest_after_failure(const Key& key) const {
  const auto failed = failed_.find(key);
  if (failed == failed_.end()) return {};
  return failed->second.not_before - failed->second.delay * 3 / 4;
}

void WorkQueue::make_ready(const Key& key, Priority priority) {
  if (const auto waiting = delayed_until_.find(key); waiting != delayed_until_.end()) {
    const auto [begin, end] = delayed_.equal_range(waiting->second);
    delayed_.erase(std::find_if(begin, end, [&](const auto& entry) { return entry.second == key; }));
    delayed_until_.erase(waiting);
  }
  if (processing_.contains(key)) {
    const auto [entry, added] = dirty_.try_emplace(key, priority);
    if (!added) entry->second = std::min(entry->second, priority);
    return;
  }
  if (!queued_.insert(key).second) return promote(key, priority);
  bands_[static_cast<std::size_t>(priority)].push_back({key, clock_.now()});
  wake_a_worker();
}

/// A key that waits in a less urgent band moves; how long it has waited stays.
void WorkQueue::promote(const Key& key, Priority priority) {
  for (auto band = static_cast<std::size_t>(priority) + 1; band < kPriorities; ++band) {
    const auto waiting = std::ranges::find(bands_[band], key, &Ready::key);
    if (waiting == bands_[band].end()) continue;
    bands_[static_cast<std::size_t>(priority)].push_back(*waiting);
    bands_[band].erase(waiting);
    return;
  }
}

void WorkQueue::delay_until(const Key& key, Clock::Instant when) {
  if (queued_.contains(key)) return;
  if (const auto waiting = delayed_until_.find(key); waiting != delayed_until_.end()) {
    if (waiting->second <= when) return;
    const auto [begin, end] = delayed_.equal_range(waiting->second);
    delayed_.erase(std::find_if(begin, end, [&](const auto& entry) { return entry.second == key; }));
  }
  delayed_.emplace(when, key);
  delayed_until_[key] = when;
  wake_a_worker();  // it must look at the new earliest time
}

void WorkQueue::wake_a_worker() {
  ++changes_;
  changed_.notify_one();
}

void WorkQueue::add_after(const Key& key, std::chrono::milliseconds delay) {
  std::lock_guard lock(mutex_);
  delay_until(key, clock_.now() + delay);
}

void WorkQueue::add_failed(const Key& key, std::chrono::milliseconds at_least) {
  std::lock_guard lock(mutex_);
  Failed& failed = failed_[key];
  failed.delay = next_delay(failed.delay, kKeyBackoff, random_);
  failed.not_before = clock_.now() + std::max(failed.delay, at_least);
  delay_until(key, failed.not_before);
}

void WorkQueue::forget(const Key& key) {
  std::lock_guard lock(mutex_);
  failed_.erase(key);
}

void WorkQueue::release_due() {
  while (!delayed_.empty() && delayed_.begin()->first <= clock_.now()) {
    const Key key = delayed_.begin()->second;
    make_ready(key, Priority::kChild);
  }
}

/// The band to take from: the most urgent, but every fourth time the one whose head has waited longest.
std::deque<WorkQueue::Ready>* WorkQueue::next_band() {
  std::deque<Ready>* best = nullptr;
  const bool oldest = taken_ % kOldestEvery == kOldestEvery - 1;
  for (auto& band : bands_) {
    if (band.empty()) continue;
    if (!best || (oldest && band.front().since < best->front().since)) best = &band;
  }
  return best;
}

std::optional<WorkQueue::Key> WorkQueue::take(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    release_due();
    if (auto* band = next_band()) {
      const Ready ready = std::move(band->front());
      band->pop_front();
      ++taken_;
      queued_.erase(ready.key);
      processing_[ready.key] = ready.since;
      return ready.key;
    }
    const auto changed = [this, seen = changes_] { return changes_ != seen; };
    if (delayed_.empty()) {
      changed_.wait(lock, stop, changed);
    } else {
      changed_.wait_for(lock, stop, delayed_.begin()->first - clock_.now(), changed);
    }
  }
  return std::nullopt;
}

void WorkQueue::done(const Key& key) {
  std::lock_guard lock(mutex_);
  processing_.erase(key);
  if (const auto again = dirty_.extract(key)) {
    if (const auto earliest = earliest_after_failure(key); earliest > clock_.now()) {
      delay_until(key, earliest);
    } else {
      make_ready(key, again.mapped());
    }
  }
}

std::size_t WorkQueue::depth() const {
  std::lock_guard lock(mutex_);
  return queued_.size();
}

std::chrono::nanoseconds WorkQueue::waited(const Key& key) const {
  std::lock_guard lock(mutex_);
  const auto taken = processing_.find(key);
  return taken == processing_.end() ? std::chrono::nanoseconds{0} : clock_.now() - taken->second;
}

}  // namespace promptsales::runtime
