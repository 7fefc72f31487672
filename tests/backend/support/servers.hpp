#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backend/bindings/service.hpp"
#include "tests/backend/support/certificates.hpp"
#include "tests/backend/support/held_port.hpp"
#include "tests/backend/support/process.hpp"

namespace promptsales::backend {

/// A host that no machine knows, whatever its DNS is like: a name with an empty label is refused without asking.
inline constexpr auto kNoSuchHost = "no-such-host..invalid";

/// A real Postgres on loopback with an empty database, gone with the object. The user `ps` needs no password;
/// others do, and `tls_only` needs TLS too.
class PostgresServer {
 public:
  explicit PostgresServer(const std::optional<PemPair>& tls = {});

  [[nodiscard]] DatabaseService service() const;
  [[nodiscard]] std::string url() const;
  void start();
  /// As a crash of the machine would: clients see the connection end.
  void stop();
  /// Runs SQL and returns the first column of the first row, "" if there is none. Throws on an error.
  [[nodiscard]] std::string ask(const std::string& sql) const;

 private:
  TemporaryDirectory directory_;
  bool tls_;
  const HeldPort port_;
  std::unique_ptr<Process> process_;
};

/// A real Redis (or Valkey) on loopback that wants a password, gone with the object.
class RedisServer {
 public:
  static constexpr auto kPassword = "s3cret";
  /// With a certificate it speaks TLS only.
  explicit RedisServer(const std::optional<PemPair>& tls = {});
  /// With an aclfile of this content, as the embedded cache has it.
  explicit RedisServer(const std::string& users);

  [[nodiscard]] CacheService service() const;
  [[nodiscard]] std::string url() const;
  void start();
  void stop();
  /// What the kubelet does with a changed Secret: the server is told of nothing.
  void write_users(const std::string& users) const;

 private:
  TemporaryDirectory directory_;
  bool tls_ = false;
  bool has_users_ = false;
  const HeldPort port_;
  std::unique_ptr<Process> process_;
};

}  // namespace promptsales::backend
