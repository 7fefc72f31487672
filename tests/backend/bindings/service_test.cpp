#include "backend/bindings/service.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "backend/net/tls_client.hpp"
#include "base/service_url.hpp"
#include "tests/backend/support/process.hpp"

namespace promptsales::backend {
namespace {

Environment table(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) {
    const auto at = values.find(name);
    return at == values.end() ? std::nullopt : std::optional{at->second};
  };
}

void write(const std::filesystem::path& directory, std::map<std::string, std::string> entries) {
  std::filesystem::create_directories(directory);
  for (const auto& [name, value] : entries) std::ofstream{directory / name} << value;
}

TEST(ServiceUrl, TakesEveryPart) {
  const auto url = parse_service_url("postgresql://me:p%40ss%2Fword@[::1]:5433/sales?sslmode=require&x=%20");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->scheme, "postgresql");
  EXPECT_EQ(url->user, "me");
  EXPECT_EQ(url->password, "p@ss/word");
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 5433);
  EXPECT_EQ(url->path, "sales");
  EXPECT_EQ(url->parameters.at("sslmode"), "require");
  EXPECT_EQ(url->parameters.at("x"), " ");
}

class BadUrl : public testing::TestWithParam<const char*> {};
TEST_P(BadUrl, IsRefusedWithoutQuotingIt) {
  const auto url = parse_service_url(GetParam());
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().message.find("s3cr"), std::string::npos) << url.error().message;
  EXPECT_EQ(url.error().remedy, Remedy::kShutDown);
}
INSTANTIATE_TEST_SUITE_P(Texts, BadUrl,
                         testing::Values("", "localhost", "://host/db", "redis://", "redis://:5/",
                                         "postgresql://u:s3cr/et@host:5432/db",
                                         "postgresql://u:s3cr%zzet@host/db", "postgresql://u:s3cr%@host/db",
                                         "redis://host:0", "redis://host:65536", "redis://host:s3cr",
                                         "redis://[::1:6379", "redis://[::1]x"));

TEST(Services, ComeFromBindingFiles) {
  const TemporaryDirectory root;
  write(root.path() / "database", {{"type", "postgresql"},
                                   {"host", "demo-database\n"},
                                   {"port", "5432"},
                                   {"username", "app"},
                                   {"password", "p w\n"},
                                   {"database", "sales"},
                                   {"sslmode", "disable"}});
  write(root.path() / "cache",
        {{"type", "redis"}, {"host", "demo-cache"}, {"username", "app"}, {"password", "x"}});
  const auto services =
      read_services(table({{"SERVICE_BINDING_ROOT", root.path()}, {"REDIS_URL", "redis://other"}}));
  ASSERT_TRUE(services) << services.error().message;
  EXPECT_EQ(services->database.host, "demo-database");
  EXPECT_EQ(services->database.password, "p w");
  EXPECT_EQ(services->database.database, "sales");
  EXPECT_EQ(services->database.sslmode, "disable");
  ASSERT_TRUE(services->cache);
  EXPECT_EQ(services->cache->host, "demo-cache");
  EXPECT_EQ(services->cache->port, 6379);
  EXPECT_EQ(services->cache->user, "app");
}

TEST(Services, ComeFromUrlsWithoutBindings) {
  const auto services = read_services(table({{"DATABASE_URL", "postgres://u:p@db/sales"}}));
  ASSERT_TRUE(services) << services.error().message;
  EXPECT_EQ(services->database.port, 5432);
  EXPECT_FALSE(services->cache);
}

TEST(Services, AUriAloneIsABindingToo) {
  const TemporaryDirectory root;
  write(root.path() / "database", {{"type", "postgresql"}, {"uri", "postgresql://u:p@db:7/sales"}});
  const auto services = read_services(table({{"SERVICE_BINDING_ROOT", root.path()}}));
  ASSERT_TRUE(services) << services.error().message;
  EXPECT_EQ(services->database.port, 7);
}

TEST(Services, AMissingDatabaseSaysWhatToDo) {
  const auto services = read_services(table({}));
  ASSERT_FALSE(services);
  EXPECT_EQ(services.error().reason, "DatabaseNotBound");
  EXPECT_NE(services.error().message.find("DATABASE_URL"), std::string::npos);
}

TEST(Services, ABrokenUrlIsNamedByItsVariableOnly) {
  const auto services = read_services(table({{"DATABASE_URL", "postgresql://u:s3cr/et@h:1/x"}}));
  ASSERT_FALSE(services);
  EXPECT_TRUE(services.error().message.starts_with("DATABASE_URL: ")) << services.error().message;
  EXPECT_EQ(services.error().message.find("s3cr"), std::string::npos);
}

struct BindingCase {
  const char* name;
  std::map<std::string, std::string> database;
  const char* says;
};
class BadBinding : public testing::TestWithParam<BindingCase> {};
TEST_P(BadBinding, NamesTheFile) {
  const TemporaryDirectory root;
  write(root.path() / "database", GetParam().database);
  const auto services = read_services(table({{"SERVICE_BINDING_ROOT", root.path()}}));
  ASSERT_FALSE(services);
  EXPECT_NE(services.error().message.find(GetParam().says), std::string::npos) << services.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Directories, BadBinding,
    testing::Values(BindingCase{"WrongType", {{"type", "mysql"}, {"host", "h"}}, "database/type"},
                    BindingCase{"Empty", {}, "database/host"},
                    BindingCase{"BadPort", {{"host", "h"}, {"port", "x"}}, "database/port"},
                    BindingCase{"NoName", {{"host", "h"}, {"username", "u"}}, "database/database"},
                    BindingCase{"BadMode",
                                {{"host", "h"}, {"username", "u"}, {"database", "d"}, {"sslmode", "full"}},
                                "database/sslmode"},
                    BindingCase{"NoUser", {{"host", "h"}, {"database", "d"}}, "database/username"}),
    [](const auto& c) { return std::string{c.param.name}; });

TEST(CacheService, RedissIsRedisWithTls) {
  EXPECT_TRUE(cache_from_url("rediss://h")->tls);
  EXPECT_FALSE(cache_from_url("redis://h")->tls);
}

TEST(CacheService, SslAndItsCaComeFromTheBinding) {
  const TemporaryDirectory root;
  write(root.path(), {{"host", "h"}, {"ssl", "true"}, {"ca.crt", "a certificate"}});
  const auto service = read_cache_binding(root.path());
  ASSERT_TRUE(service) << service.error().message;
  EXPECT_TRUE(service->tls);
  EXPECT_EQ(service->ca_file, root.path() / "ca.crt");
}

TEST(CacheService, AnEmptyCaIsNone) {
  const TemporaryDirectory root;
  write(root.path(), {{"uri", "redis://h"}, {"ssl", "true"}, {"ca.crt", ""}});
  const auto service = read_cache_binding(root.path());
  ASSERT_TRUE(service) << service.error().message;
  EXPECT_TRUE(service->tls);
  EXPECT_EQ(service->ca_file, "");
}

TEST(CacheService, SslIsTrueOrFalse) {
  const TemporaryDirectory root;
  write(root.path(), {{"host", "h"}, {"ssl", "yes"}});
  EXPECT_FALSE(read_cache_binding(root.path()));
}

TEST(DatabaseService, VerifyingTakesTheBindingsCaElseTheMachines) {
  const TemporaryDirectory root;
  const std::map<std::string, std::string> entries{{"host", "h"},
                                                   {"username", "u"},
                                                   {"database", "d"},
                                                   {"sslmode", "verify-full"},
                                                   {"ca.crt", "a certificate"}};
  write(root.path(), entries);
  EXPECT_EQ(read_database_binding(root.path())->sslrootcert, root.path() / "ca.crt");
  write(root.path(), {{"ca.crt", ""}});
  const auto machines = read_database_binding(root.path());
  if (system_ca_file().empty())
    EXPECT_FALSE(machines);
  else
    EXPECT_EQ(machines->sslrootcert, system_ca_file());
  write(root.path(), {{"sslmode", "require"}});
  EXPECT_EQ(read_database_binding(root.path())->sslrootcert, "");
}

TEST(CacheService, ThePathIsTheDatabaseNumber) {
  EXPECT_EQ(cache_from_url("redis://h/3")->database, 3);
  EXPECT_FALSE(cache_from_url("redis://h/three"));
}

}  // namespace
}  // namespace promptsales::backend
