#include "backend/db/connect_options.hpp"

namespace promptsales::backend {

ConnectOptions connect_options(const DatabaseService& service, const std::string& address) {
  ConnectOptions options{
      {"host", service.host},
      {"port", std::to_string(service.port)},
      {"user", service.user},
      {"password", service.password},
      {"dbname", service.database},
      {"sslmode", service.sslmode},
      {"application_name", "promptsales-backend"},
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
  if (!address.empty()) options.emplace_back("hostaddr", address);
  return options;
}

}  // namespace promptsales::backend
