#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace promptsales {

/// The parts of `scheme://user:password@host:port/path?key=value`, percent-decoded.
struct ServiceUrl {
  std::string scheme;
  std::string user;
  std::string password;
  std::string host;  ///< without the brackets of an IPv6 literal
  std::optional<std::uint16_t> port;
  std::string path;  ///< without its leading '/'
  std::map<std::string, std::string> parameters;
};

/// Errors   say which part is wrong and how it should look, and never quote the text: a URL with an unescaped
/// '/'
///          or '@' in its password puts a piece of the password where the host is expected.
/// Threads  pure.
[[nodiscard]] Result<ServiceUrl> parse_service_url(std::string_view text);

}  // namespace promptsales
