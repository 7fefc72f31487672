#include "backend/db/connect_options.hpp"
#include "backend/net/connection_name.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace promptsales::backend {

ConnectOptions connect_options(const DatabaseService& service, const std::vector<std::string>& addresses) {
  // libpq wants as many hosts as addresses: each is the name that the certificate is checked for.
  const auto hosts = std::vector<std::string>(std::max<std::size_t>(1, addresses.size()), service.host);
  ConnectOptions options{
      {"host", join(hosts, ",")},
      {"port", std::to_string(service.port)},
      {"user", service.user},
      {"password", service.password},
      {"dbname", service.database},
      {"sslmode", service.sslmode},
      {"application_name", std::string{kConnectionName}},
      {"client_encoding", "UTF8"},
      {"connect_timeout", "5"},
      {"target_session_attrs", "read-write"},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "10000"},
      {"options", "-c statement_timeout=2s -c timezone=UTC"},
  };
  if (!service.sslrootcert.empty()) options.emplace_back("sslrootcert", service.sslrootcert);
  if (!addresses.empty()) options.emplace_back("hostaddr", join(addresses, ","));
  return options;
}

}  // namespace promptsales::backend
