#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "controllers/promptsales/bindings/entries.hpp"

namespace promptsales::controllers::bindings {

/// What a provider says of a service, and the one form in which pods get it, whoever provides it.
///
/// Every entry is always there, empty if it says nothing: the files of a mounted binding must not come and go
/// while a container runs. Names are those of the Service Binding specification 1.1, and beside them those
/// that Spring's and CloudNativePG's clients read.

/// Ports as text, as they are mounted; hosts without brackets.
struct Postgres {
  std::string provider;
  std::string host;
  std::string port = "5432";
  std::string username;
  std::string password;
  std::string database;
  std::string sslmode = "prefer";  ///< libpq's word
  std::string ca;                  ///< PEM; empty: none
  std::string read_host;           ///< of a read-only copy; empty: the writer's
  std::string read_port;           ///< empty: the writer's
};

struct Redis {
  std::string provider;
  std::string host;
  std::string port = "6379";
  std::string username;  ///< empty: the default user
  std::string password;
  bool ssl = false;
  std::string ca;
  std::string cluster_nodes;  ///< "host:port,host:port", to which the backend follows no redirection
  std::string database = "0";
};

struct Nats {
  std::string provider;
  std::string host;
  std::string port = "4222";
  std::string username;
  std::string password;
  std::string ca;
  bool tls = false;
};

[[nodiscard]] Entries entries_of(const Postgres& service);
[[nodiscard]] Entries entries_of(const Redis& service);
[[nodiscard]] Entries entries_of(const Nats& service);

/// Nothing if the entries can be used: hosts without blanks or slashes, ports from 1 to 65535, a known
/// sslmode, PEM certificates, no control characters.
///
/// Errors   BindingInvalid naming the entry and how it should look; never its content, which may be a secret.
[[nodiscard]] Result<void> check_entries(const Entries& entries);

/// Whether the connection is encrypted, and no entry says by which CA the server is known.
[[nodiscard]] bool lacks_ca(const Entries& entries);

/// The ports that a pod must reach for these entries.
[[nodiscard]] std::vector<int> ports_of(const Entries& entries);

}  // namespace promptsales::controllers::bindings
