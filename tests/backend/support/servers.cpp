#include "tests/backend/support/servers.hpp"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "backend/db/pg_handle.hpp"
#include "backend/db/rows.hpp"
#include "tests/backend/support/http_client.hpp"
#include "tests/support/eventually.hpp"

namespace promptsales::backend {
namespace {

constexpr auto kUser = "postgres";
constexpr auto kAccess =
    "host all ps 127.0.0.1/32 trust\n"
    "hostnossl all tls_only 127.0.0.1/32 reject\n"
    "host all all 127.0.0.1/32 scram-sha-256\n";

std::string postgres_program(const std::string& name) {
  for (const auto& version : std::filesystem::directory_iterator{"/usr/lib/postgresql"}) {
    const auto path = version.path() / "bin" / name;
    if (std::filesystem::exists(path)) return path;
  }
  throw std::runtime_error{name + " is not installed: install the package postgresql"};
}

PgHandle connect_blocking(const DatabaseService& service) {
  const auto s = "host=127.0.0.1 port=" + std::to_string(service.port) + " user=" + service.user +
                 " dbname=" + service.database;
  return PgHandle{PQconnectdb(s.c_str())};
}

}  // namespace

PostgresServer::PostgresServer(const std::optional<PemPair>& tls) : directory_(kUser), tls_(tls.has_value()) {
  Process initdb{{postgres_program("initdb"), "-D", directory_.path() / "data", "-U", "ps", "--auth=trust",
                  "-N", "-E", "UTF8", "--locale=C"},
                 {.environment = {}, .user = kUser}};
  if (initdb.wait() != 0) throw std::runtime_error{"initdb failed: " + initdb.output()};
  std::ofstream{directory_.path() / "data" / "pg_hba.conf"} << kAccess;
  if (tls) write_pair(*tls, directory_.path(), kUser);
  start();
}

void PostgresServer::start() {
  std::vector<std::string> command{postgres_program("postgres"),
                                   "-D",
                                   directory_.path() / "data",
                                   "-p",
                                   std::to_string(port_.number()),
                                   "-k",
                                   directory_.path(),
                                   "-c",
                                   "listen_addresses=127.0.0.1",
                                   "-c",
                                   "fsync=off",
                                   "-c",
                                   "shared_buffers=16MB"};
  if (tls_) {
    for (const auto& setting : {"ssl=on", "ssl_cert_file=../tls.crt", "ssl_key_file=../tls.key"})
      command.insert(command.end(), {"-c", setting});
  }
  process_ =
      std::make_unique<Process>(std::move(command), Process::Options{.environment = {}, .user = kUser});
  const auto up = [this] { return PQstatus(connect_blocking(service()).get()) == CONNECTION_OK; };
  if (!eventually(up)) throw std::runtime_error{"postgres did not start: " + process_->output()};
}

void PostgresServer::stop() {
  process_->signal(SIGQUIT);
  if (!process_->wait()) throw std::runtime_error{"postgres did not stop"};
  process_.reset();
}

DatabaseService PostgresServer::service() const {
  return {.host = "127.0.0.1",
          .port = port_.number(),
          .user = "ps",
          .password = "unused",
          .database = "postgres"};
}

std::string PostgresServer::url() const {
  return "postgresql://ps:unused@127.0.0.1:" + std::to_string(port_.number()) + "/postgres";
}

std::string PostgresServer::ask(const std::string& sql) const {
  const auto connection = connect_blocking(service());
  const PgResultPtr result{PQexec(connection.get(), sql.c_str())};
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error{last_error(connection.get())};
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

RedisServer::RedisServer(const std::optional<PemPair>& tls) : tls_(tls.has_value()) {
  if (tls) write_pair(*tls, directory_.path());
  start();
}

RedisServer::RedisServer(const std::string& users) : has_users_(true) {
  write_users(users);
  start();
}

void RedisServer::write_users(const std::string& users) const {
  const auto file = directory_.path() / "users.acl";
  const auto beside = directory_.path() / "users.acl.new";
  std::ofstream{beside} << users;
  std::filesystem::rename(beside, file);  // the server may read it at any moment
}

void RedisServer::start() {
  const auto* program = std::filesystem::exists("/usr/bin/valkey-server") ? "valkey-server" : "redis-server";
  std::vector<std::string> command{program, tls_ ? "--tls-port" : "--port", std::to_string(port_.number())};
  if (tls_)
    command.insert(command.end(),
                   {"--port", "0", "--tls-auth-clients", "no", "--tls-cert-file",
                    directory_.path() / "tls.crt", "--tls-key-file", directory_.path() / "tls.key",
                    "--tls-ca-cert-file", directory_.path() / "tls.crt"});
  command.insert(command.end(), {"--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"});
  if (has_users_)
    command.insert(command.end(), {"--aclfile", directory_.path() / "users.acl"});
  else
    command.insert(command.end(), {"--requirepass", kPassword});
  process_ = std::make_unique<Process>(std::move(command), Process::Options{});
  const auto up = [this] { return HttpClient::reachable(port_.number()); };
  if (!eventually(up)) throw std::runtime_error{"redis did not start: " + process_->output()};
}

void RedisServer::stop() { process_.reset(); }

CacheService RedisServer::service() const {
  return {.host = "127.0.0.1", .port = port_.number(), .user = "", .password = kPassword};
}

std::string RedisServer::url() const {
  return "redis://:" + std::string{kPassword} + "@127.0.0.1:" + std::to_string(port_.number()) + "/0";
}

}  // namespace promptsales::backend
