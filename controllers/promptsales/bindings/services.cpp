#include "controllers/promptsales/bindings/services.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include "base/strings.hpp"

namespace promptsales::controllers::bindings {
namespace {

constexpr std::array<std::string_view, 6> kSslModes{"disable", "allow",     "prefer",
                                                    "require", "verify-ca", "verify-full"};

/// An IPv6 address in brackets, as URIs want it.
std::string in_uri(const std::string& host) { return host.find(':') == host.npos ? host : "[" + host + "]"; }

std::string login_in_uri(const std::string& username, const std::string& password) {
  if (username.empty() && password.empty()) return "";
  return percent_encode(username) + (password.empty() ? "" : ":" + percent_encode(password)) + "@";
}

std::string postgres_uri(const Postgres& service, const std::string& host, const std::string& port) {
  return "postgresql://" + login_in_uri(service.username, service.password) + in_uri(host) + ":" + port +
         "/" + percent_encode(service.database) + "?sslmode=" + service.sslmode;
}

std::optional<int> port_in(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > 65535)
    return std::nullopt;
  return value;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
  });
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

Failure invalid(const std::string& entry, const std::string& how) {
  return failure(Remedy::kWaitForChange, "BindingInvalid", entry + " " + how);
}

Result<void> check_entry(const std::string& name, const std::string& value) {
  if (name == "ca.crt") {
    if (!value.empty() && value.find("-----BEGIN CERTIFICATE-----") == value.npos)
      return invalid(name, "is no PEM certificate: it must hold -----BEGIN CERTIFICATE-----");
    return {};
  }
  if (has_control_characters(value))
    return invalid(name, "has a line break or another control character in it");
  const bool is_name = name == "host" || name == "read-host";
  if (is_name && value.contains(','))
    return invalid(
        name, "names several hosts, of which none is chosen: name one, that of a Service in front of them");
  if (is_name && !is_host(value))
    return invalid(
        name, "is no host name or address: letters, digits, '.', '-' and ':' only, without scheme or path");
  if ((name == "port" || name == "read-port") && !port_in(value))
    return invalid(name, "is no number from 1 to 65535");
  if (name == "sslmode" && std::ranges::find(kSslModes, value) == kSslModes.end())
    return invalid(name, "must be disable, allow, prefer, require, verify-ca or verify-full");
  if (name == "database" && value.empty()) return invalid(name, "is empty: it must hold the database's name");
  return {};
}

}  // namespace

Entries entries_of(const Postgres& service) {
  const std::string read_host = service.read_host.empty() ? service.host : service.read_host;
  const std::string read_port = service.read_port.empty() ? service.port : service.read_port;
  return {{"type", "postgresql"},
          {"provider", service.provider},
          {"host", service.host},
          {"port", service.port},
          {"username", service.username},
          {"password", service.password},
          {"database", service.database},
          {"dbname", service.database},
          {"sslmode", service.sslmode},
          {"ca.crt", service.ca},
          {"uri", postgres_uri(service, service.host, service.port)},
          {"read-host", read_host},
          {"read-port", read_port},
          {"read-uri", postgres_uri(service, read_host, read_port)}};
}

Entries entries_of(const Redis& service) {
  const std::string uri = std::string{service.ssl ? "rediss" : "redis"} + "://" +
                          login_in_uri(service.username, service.password) + in_uri(service.host) + ":" +
                          service.port + "/" + service.database;
  return {{"type", "redis"},
          {"provider", service.provider},
          {"host", service.host},
          {"port", service.port},
          {"username", service.username},
          {"password", service.password},
          {"ssl", service.ssl ? "true" : "false"},
          {"ca.crt", service.ca},
          {"cluster.nodes", service.cluster_nodes},
          {"uri", uri},
          {"url", uri}};
}

Entries entries_of(const Nats& service) {
  return {{"type", "nats"},
          {"provider", service.provider},
          {"host", service.host},
          {"port", service.port},
          {"username", service.username},
          {"password", service.password},
          {"ca.crt", service.ca},
          {"uri", std::string{service.tls ? "tls" : "nats"} + "://" +
                      login_in_uri(service.username, service.password) + in_uri(service.host) + ":" +
                      service.port}};
}

Result<void> check_entries(const Entries& entries) {
  for (const auto& [name, value] : entries)
    if (auto checked = check_entry(name, value); !checked) return checked;
  return {};
}

bool lacks_ca(const Entries& entries) {
  const std::string mode = value_of(entries, "sslmode");
  const bool is_encrypted = mode == "require" || mode.starts_with("verify-") ||
                            value_of(entries, "ssl") == "true" ||
                            value_of(entries, "uri").starts_with("tls://");
  return is_encrypted && value_of(entries, "ca.crt").empty();
}

std::vector<int> ports_of(const Entries& entries) {
  std::set<int> ports;
  for (const char* name : {"port", "read-port"})
    if (const auto port = port_in(value_of(entries, name))) ports.insert(*port);
  const std::string nodes = value_of(entries, "cluster.nodes");
  for (const auto node : split(nodes, ','))
    if (const auto port = port_in(node.substr(node.rfind(':') + 1))) ports.insert(*port);
  return {ports.begin(), ports.end()};
}

}  // namespace promptsales::controllers::bindings
