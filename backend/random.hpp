#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace promptsales::backend {

/// Where identifiers and jitter take their randomness from. Tests pass one with a fixed sequence.
class Random {
 public:
  virtual ~Random() = default;
  [[nodiscard]] virtual std::array<std::uint8_t, 10> ten_bytes() = 0;
};

/// The kernel's generator, read 250 bytes at a time: a system call per identifier would cost more than its
/// insert into the reply.
///
/// Threads  one object per thread.
class KernelRandom final : public Random {
 public:
  [[nodiscard]] std::array<std::uint8_t, 10> ten_bytes() override;

 private:
  std::array<std::uint8_t, 250> pool_{};  // getrandom returns up to 256 bytes whole, never a part
  std::size_t used_ = sizeof(pool_);
};

}  // namespace promptsales::backend
