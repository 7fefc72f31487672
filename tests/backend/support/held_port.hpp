#pragma once

#include <cstdint>

namespace promptsales::backend {

/// A loopback port for a program that cannot take port 0. While the object lives, nobody else is given the port, and
/// whoever connects is refused unless the program listens: it is bound here, and never listened on.
///
/// REQUIRES: the program sets SO_REUSEADDR, as servers do, to bind beside it.
class HeldPort {
 public:
  HeldPort();
  ~HeldPort();
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;

  [[nodiscard]] std::uint16_t number() const { return number_; }

 private:
  int fd_;
  std::uint16_t number_ = 0;
};

}  // namespace promptsales::backend
