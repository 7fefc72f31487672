#include "backend/db/connect_failure.hpp"

#include <gtest/gtest.h>

namespace promptsales::backend {
namespace {

struct WordsCase {
  const char* name;
  const char* words;
  const char* reason;
};
class ConnectFailure : public testing::TestWithParam<WordsCase> {};
TEST_P(ConnectFailure, IsSortedWithoutNamingAnyValue) {
  const auto error = explain_connect_failure(GetParam().words);
  EXPECT_EQ(error.reason, GetParam().reason);
  for (const char* value : {"db7", "10.1.2.3", "alice", "sales"})
    EXPECT_EQ(error.message.find(value), std::string::npos) << error.message;
}
// What a real server never says on demand, and servers that speak another language than English.
INSTANTIATE_TEST_SUITE_P(
    Words, ConnectFailure,
    testing::Values(
        WordsCase{
            "InFrench",
            R"(connection to server at "db7" (10.1.2.3), port 5432 failed: FATAL:  28P01: )"
            R"(authentification par mot de passe échouée pour l'utilisateur « alice » LOCATION:  a.c:1)",
            "WrongPassword"},
        WordsCase{
            "TheFirstOfTwoAttemptsCounts",
            R"(connection to server at "db7" (10.1.2.3), port 5432 failed: FATAL:  28P01: no LOCATION:  x )"
            R"(connection to server at "db7" (10.1.2.3), port 5432 failed: FATAL:  28000: no pg_hba.conf )"
            R"(entry for host "10.1.2.3", user "alice", database "sales", no encryption)",
            "WrongPassword"},
        WordsCase{"Starting", "FATAL:  57P03: the database system is starting up", "ServerStarting"},
        WordsCase{"Full", "FATAL:  53300: sorry, too many clients already", "TooManyConnections"},
        WordsCase{"NoLogin", R"(FATAL:  28000: role "alice" is not permitted to log in)", "AccessRefused"},
        WordsCase{"Pooler", "FATAL:  08P01: unsupported startup parameter: options", "PoolerRefuses"},
        WordsCase{"NewPooler", "FATAL:  08P01: unsupported startup parameter in options: statement_timeout",
                  "PoolerRefuses"},
        WordsCase{"Rare", R"(FATAL:  0A000: unsupported frontend protocol for "alice")",
                  "DatabaseUnavailable"},
        WordsCase{"Timeout", R"(connection to server at "db7" (10.1.2.3), port 5432 failed: timeout expired)",
                  "ConnectTimeout"},
        WordsCase{
            "Tls",
            R"(connection to server at "db7" (10.1.2.3), port 5432 failed: SSL error: unsupported protocol)",
            "TlsFailed"},
        WordsCase{"Replica", R"(connection to server at "db7", port 5432 failed: session is read-only)",
                  "ReadOnlyServer"},
        WordsCase{
            "Cut",
            R"(connection to server at "db7" (10.1.2.3), port 5432 failed: server closed the connection)",
            "ConnectionLost"},
        WordsCase{"Unknown", R"(connection to server at "db7" (10.1.2.3), port 5432 failed: something new)",
                  "DatabaseUnavailable"}),
    [](const auto& c) { return std::string{c.param.name}; });

}  // namespace
}  // namespace promptsales::backend
