#include "base/service_url.hpp"

#include <charconv>

#include "base/strings.hpp"

namespace promptsales {
namespace {

Failure bad_url(std::string message) { return failure(Remedy::kShutDown, "InvalidUrl", std::move(message)); }

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned value = 0;
    const auto hex = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    if (hex.size() != 2 || error != std::errc{} || end != hex.data() + 2 || value == 0) return std::nullopt;
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

Result<void> read_user(std::string_view text, ServiceUrl& url) {
  const auto colon = text.find(':');
  const auto user = percent_decode(text.substr(0, colon));
  const auto password = percent_decode(colon == text.npos ? std::string_view{} : text.substr(colon + 1));
  if (!user || !password)
    return bad_url("the user or password has a '%' that is not followed by two hex digits");
  url.user = *user;
  url.password = *password;
  return {};
}

Result<void> read_host(std::string_view text, ServiceUrl& url) {
  if (text.contains(','))
    return bad_url(
        "it names several hosts, of which none is chosen: name one, that of a Service in front of them or of "
        "the server that takes writes (or is there an unescaped '/' in the password?)");
  std::string_view host = text;
  std::string_view port;
  bool port_given = false;
  const auto after = text.starts_with('[') ? text.find(']') : 0;
  if (after == text.npos) return bad_url("the IPv6 address has no closing ']'");
  if (const auto colon = text.find(':', after); colon != text.npos) {
    port_given = true;
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return bad_url("the IPv6 address is followed by something that is not a port");
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) return bad_url("the host is missing");
  url.host = host;
  url.port = parse_port(port);
  if (port_given && !url.port)
    return bad_url(
        "the port is not a number from 1 to 65535 (is there an unescaped '/', '@' or ':' before it?)");
  return {};
}

Result<void> read_parameters(std::string_view text, ServiceUrl& url) {
  for (const auto part : split(text, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const auto value = percent_decode(equals == part.npos ? std::string_view{} : part.substr(equals + 1));
    if (!value) return bad_url("a parameter has a '%' that is not followed by two hex digits");
    url.parameters.emplace(part.substr(0, equals), *value);
  }
  return {};
}

}  // namespace

Result<ServiceUrl> parse_service_url(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == text.npos || scheme_end == 0)
    return bad_url("it does not have the form scheme://user:password@host:port/name");
  ServiceUrl url{.scheme = std::string{text.substr(0, scheme_end)}};
  text.remove_prefix(scheme_end + 3);

  if (const auto question = text.find('?'); question != text.npos) {
    if (auto read = read_parameters(text.substr(question + 1), url); !read) return Failure{read.error()};
    text = text.substr(0, question);
  }
  if (const auto slash = text.find('/'); slash != text.npos) {
    const auto path = percent_decode(text.substr(slash + 1));
    if (!path) return bad_url("the path has a '%' that is not followed by two hex digits");
    url.path = *path;
    text = text.substr(0, slash);
  }
  if (const auto at = text.rfind('@'); at != text.npos) {
    if (auto read = read_user(text.substr(0, at), url); !read) return Failure{read.error()};
    text.remove_prefix(at + 1);
  }
  if (auto read = read_host(text, url); !read) return Failure{read.error()};
  return url;
}

}  // namespace promptsales
