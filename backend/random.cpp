#include "backend/random.hpp"

#include <sys/random.h>

#include <algorithm>

#include "base/check.hpp"

namespace promptsales::backend {

std::array<std::uint8_t, 10> KernelRandom::ten_bytes() {
  std::array<std::uint8_t, 10> taken{};
  if (used_ + taken.size() > pool_.size()) {
    PS_CHECK(getrandom(pool_.data(), pool_.size(), 0) == static_cast<ssize_t>(pool_.size()));
    used_ = 0;
  }
  std::copy_n(pool_.begin() + static_cast<std::ptrdiff_t>(used_), taken.size(), taken.begin());
  used_ += taken.size();
  return taken;
}

}  // namespace promptsales::backend
