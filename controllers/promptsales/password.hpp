#pragma once

#include <string>

#include "base/result.hpp"

namespace promptsales::controllers {

/// A password of 32 letters and digits (190 bits) from OpenSSL's generator: no character that a URI, an ACL
/// file or a shell would read as its own.
///
/// Errors   the generator has no entropy: retried.
[[nodiscard]] Result<std::string> random_password();

}  // namespace promptsales::controllers
