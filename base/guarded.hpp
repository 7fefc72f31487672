#pragma once

#include <mutex>
#include <utility>

namespace promptsales {

/// A value and the mutex that protects it, as one: the value cannot be reached without the lock
/// (C++ Core Guidelines CP.50).
///
/// Threads  any. The function runs under the lock: it must not call back into the same Guarded, block or log.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <typename F>
  decltype(auto) with(F&& f) {
    std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }
  template <typename F>
  decltype(auto) with(F&& f) const {
    std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace promptsales
