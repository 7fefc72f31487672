// Connections from Secrets that others made: every spelling that is understood, and every near miss.

#include "controllers/promptsales/bindings/secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/inputs.hpp"
#include "tests/support/known_sources.hpp"

namespace promptsales::controllers::bindings {
namespace {

using promptsales::testing::inputs_of;
using promptsales::testing::KnownSources;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCanary = "canary-3f9c";

/// What the provider of a component makes of a Secret `login` with this content.
Result<Entries> bound(Component component, const Entries& content, const std::string& keys = "{}",
                      const std::string& name = "login", const Entries& pods_have = {},
                      std::string* ignored = nullptr) {
  const std::string block = "{type: Secret, secretRef: {name: " + name + ", keys: " + keys + "}}";
  const std::string part = component == Component::kDatabase ? "database"
                           : component == Component::kCache  ? "cache"
                                                             : "messaging";
  const auto inputs = inputs_of("{tier: MVP, " + part + ": " + block + "}");
  KnownSources sources;
  sources.with_secret(name, content);
  if (!pods_have.empty()) sources.with_binding(pods_have);
  auto entries = provider_of(inputs, component)->resolve(inputs, sources);
  if (ignored) *ignored = sources.ignored;
  return entries;
}

struct GoodCase {
  std::string name;
  Component component;
  Entries content;
  Entries want;  ///< a part of what comes out
  std::string keys = "{}";
  std::string secret = "login";
};

void PrintTo(const GoodCase& row, std::ostream* out) { *out << row.name; }

class ASecret : public ::testing::TestWithParam<GoodCase> {};

TEST_P(ASecret, IsUnderstood) {
  const auto entries = bound(GetParam().component, GetParam().content, GetParam().keys, GetParam().secret);
  ASSERT_TRUE(entries) << entries.error().message;
  for (const auto& [name, value] : GetParam().want) EXPECT_EQ(value_of(*entries, name), value) << name;
}

constexpr auto kDb = Component::kDatabase;
constexpr auto kCa = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

INSTANTIATE_TEST_SUITE_P(
    Spellings, ASecret,
    ::testing::Values(
        GoodCase{"ServiceBinding",
                 kDb,
                 {{"type", "postgresql"},
                  {"provider", "acme"},
                  {"host", "db.example"},
                  {"port", "6543"},
                  {"username", "u"},
                  {"password", "p"},
                  {"database", "d"}},
                 {{"provider", "acme"},
                  {"host", "db.example"},
                  {"port", "6543"},
                  {"username", "u"},
                  {"password", "p"},
                  {"database", "d"},
                  {"dbname", "d"},
                  {"sslmode", "prefer"},
                  {"ca.crt", ""},
                  {"uri", "postgresql://u:p@db.example:6543/d?sslmode=prefer"},
                  {"read-host", "db.example"},
                  {"read-port", "6543"},
                  {"read-uri", "postgresql://u:p@db.example:6543/d?sslmode=prefer"}}},
        GoodCase{"CloudNativePg",
                 kDb,
                 {{"username", "app"},
                  {"user", "app"},
                  {"password", "p"},
                  {"dbname", "app"},
                  {"host", "pg-rw"},
                  {"port", "5432"},
                  {"pgpass", "pg-rw:5432:app:app:p\n"},
                  {"uri", "postgresql://app:p@pg-rw.shop:5432/app"},
                  {"jdbc-uri", "jdbc:postgresql://pg-rw.shop:5432/app?password=p&user=app"},
                  {"fqdn-uri", "postgresql://app:p@pg-rw.shop.svc.cluster.local:5432/app"}},
                 {{"host", "pg-rw"}, {"username", "app"}, {"database", "app"}, {"provider", "user"}}},
        GoodCase{"TheBindingOfAnotherResource",
                 kDb,
                 {{"type", "postgresql"},
                  {"provider", "embedded"},
                  {"host", "store-database.shop.svc"},
                  {"username", "u"},
                  {"password", "p"},
                  {"database", "d"}},
                 {{"host", "store-database.shop.svc"}, {"provider", "user"}}},
        GoodCase{"Crunchy",
                 kDb,
                 {{"user", "hippo"},
                  {"password", "p"},
                  {"dbname", "hippo"},
                  {"host", "hippo-primary.shop.svc"},
                  {"port", "5432"},
                  {"uri", "postgresql://hippo:p@hippo-primary.shop.svc:5432/hippo"}},
                 {{"host", "hippo-primary.shop.svc"}, {"username", "hippo"}, {"database", "hippo"}}},
        GoodCase{"Zalando",
                 kDb,
                 {{"username", "app_user"}, {"password", "p"}},
                 {{"host", "acid-minimal.shop.svc"},
                  {"port", "5432"},
                  {"username", "app_user"},
                  {"database", "app_user"}},
                 "{}",
                 "app-user.acid-minimal.credentials.postgresql.acid.zalan.do"},
        GoodCase{"AUriAlone",
                 kDb,
                 {{"url",
                   "postgres://us%40er:p%2Fw%3Ad@db.example:6000/na%20me?sslmode=require&connect_timeout=3"}},
                 {{"host", "db.example"},
                  {"port", "6000"},
                  {"username", "us@er"},
                  {"password", "p/w:d"},
                  {"database", "na me"},
                  {"sslmode", "require"},
                  {"uri", "postgresql://us%40er:p%2Fw%3Ad@db.example:6000/na%20me?sslmode=require"}}},
        GoodCase{"AUriWithAnIpv6Address",
                 kDb,
                 {{"uri", "postgresql://u:p@[2001:db8::7]/d"}},
                 {{"host", "2001:db8::7"},
                  {"port", "5432"},
                  {"uri", "postgresql://u:p@[2001:db8::7]:5432/d?sslmode=prefer"}}},
        GoodCase{"EntriesBeforeTheUri",
                 kDb,
                 {{"uri", "postgresql://u:old@db.example/d"}, {"password", "new"}},
                 {{"password", "new"}, {"host", "db.example"}}},
        GoodCase{
            "KeysThatTheSpecNames",
            kDb,
            {{"DB_HOST", "h"}, {"DB_USER", "u"}, {"DB_PW", "p"}, {"DB_NAME", "d"}, {"host", "not-this-one"}},
            {{"host", "h"}, {"username", "u"}, {"password", "p"}, {"database", "d"}},
            "{host: DB_HOST, username: DB_USER, password: DB_PW, database: DB_NAME}"},
        GoodCase{"ValuesWithALineBreakAtTheEnd",
                 kDb,
                 {{"host", "h\n"}, {"username", "u\r\n"}, {"password", "p\n"}, {"database", "d\n"}},
                 {{"host", "h"}, {"username", "u"}, {"password", "p"}}},
        GoodCase{"ACaMeansThatItIsChecked",
                 kDb,
                 {{"uri", "postgresql://u:p@h/d"}, {"ca.crt", kCa}},
                 {{"sslmode", "verify-full"}}},
        GoodCase{"ReadReplicas",
                 kDb,
                 {{"uri", "postgresql://u:p@h/d"}, {"read-host", "r"}, {"read-port", "5433"}},
                 {{"read-host", "r"},
                  {"read-port", "5433"},
                  {"read-uri", "postgresql://u:p@r:5433/d?sslmode=prefer"}}},
        GoodCase{"AReadUri",
                 kDb,
                 {{"uri", "postgresql://u:p@h/d"}, {"read-uri", "postgresql://u:p@r:5433/d?target=any"}},
                 {{"read-host", "r"},
                  {"read-port", "5433"},
                  {"read-uri", "postgresql://u:p@r:5433/d?sslmode=prefer"}}},
        GoodCase{"AReadUriOfTheUsualPort",
                 kDb,
                 {{"uri", "postgresql://u:p@h:6000/d"}, {"read-uri", "postgresql://r"}},
                 {{"port", "6000"}, {"read-host", "r"}, {"read-port", "5432"}}},
        GoodCase{"APasswordBesideAClientCertificate",
                 kDb,
                 {{"uri", "postgresql://u:p@h/d"}, {"certificates", kCa}, {"private-key", "k"}},
                 {{"password", "p"}}},
        GoodCase{"NoPassword",
                 kDb,
                 {{"uri", "postgresql://u@h/d"}},
                 {{"password", ""}, {"uri", "postgresql://u@h:5432/d?sslmode=prefer"}}},
        GoodCase{"Redis",
                 Component::kCache,
                 {{"host", "r"}, {"password", "p"}},
                 {{"type", "redis"},
                  {"port", "6379"},
                  {"username", ""},
                  {"ssl", "false"},
                  {"cluster.nodes", ""},
                  {"uri", "redis://:p@r:6379/0"},
                  {"url", "redis://:p@r:6379/0"}}},
        GoodCase{"RedisByAUri",
                 Component::kCache,
                 {{"uri", "redis://u:p@r:6380/2"}},
                 {{"host", "r"}, {"port", "6380"}, {"ssl", "false"}, {"uri", "redis://u:p@r:6380/2"}}},
        GoodCase{"RedisOverTls",
                 Component::kCache,
                 {{"uri", "rediss://u:p@r:10000/2"}},
                 {{"host", "r"}, {"port", "10000"}, {"ssl", "true"}, {"uri", "rediss://u:p@r:10000/2"}}},
        GoodCase{"AClusterOfOneNode",
                 Component::kCache,
                 {{"host", "r"}, {"cluster.nodes", "r:6379"}},
                 {{"host", "r"}, {"cluster.nodes", "r:6379"}}},
        GoodCase{"RedisThatIsNoCluster",
                 Component::kCache,
                 {{"host", "r"}, {"ssl", "True"}, {"cluster.nodes", ""}},
                 {{"ssl", "true"}, {"cluster.nodes", ""}}},
        GoodCase{"Nats",
                 Component::kMessaging,
                 {{"url", "nats://u:p@n"}},
                 {{"type", "nats"},
                  {"host", "n"},
                  {"port", "4222"},
                  {"username", "u"},
                  {"password", "p"},
                  {"uri", "nats://u:p@n:4222"}}},
        GoodCase{"NatsOverTls",
                 Component::kMessaging,
                 {{"uri", "tls://n:4443"}, {"ca.crt", kCa}},
                 {{"port", "4443"}, {"uri", "tls://n:4443"}}},
        GoodCase{"NatsWithACa",
                 Component::kMessaging,
                 {{"uri", "nats://u:p@n"}, {"ca.crt", kCa}},
                 {{"uri", "tls://u:p@n:4222"}}},
        GoodCase{"RedisThatSaysWhatItsCaIsFor",
                 Component::kCache,
                 {{"uri", "redis://r"}, {"ca.crt", kCa}, {"ssl", "true"}},
                 {{"ssl", "true"}, {"uri", "rediss://r:6379/0"}}}),
    [](const auto& info) { return info.param.name; });

struct BadCase {
  std::string name;
  Component component;
  Entries content;
  std::string reason;
  std::vector<std::string> says;
  std::string keys = "{}";
};

void PrintTo(const BadCase& row, std::ostream* out) { *out << row.name; }

class ASecretThatCannotBeUsed : public ::testing::TestWithParam<BadCase> {};

TEST_P(ASecretThatCannotBeUsed, SaysWhyAndNotWhatItHolds) {
  const auto entries = bound(GetParam().component, GetParam().content, GetParam().keys);
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().reason, GetParam().reason) << entries.error().message;
  EXPECT_EQ(entries.error().remedy, Remedy::kWaitForChange);
  EXPECT_THAT(entries.error().message, HasSubstr("Secret shop/login"));
  for (const auto& text : GetParam().says) EXPECT_THAT(entries.error().message, HasSubstr(text));
  EXPECT_THAT(entries.error().message, Not(HasSubstr(kCanary)));
}

const std::string kC = kCanary;

INSTANTIATE_TEST_SUITE_P(
    NearMisses, ASecretThatCannotBeUsed,
    ::testing::Values(
        BadCase{"Empty", kDb, {}, "KeyMissing", {"host", "hostname", "uri", "secretRef.keys"}},
        BadCase{"NoUser",
                kDb,
                {{"host", "h"}, {"password", kC}, {"database", "d"}},
                "KeyMissing",
                {"username, user"}},
        BadCase{"NoPasswordNorAnEmptyOne",
                kDb,
                {{"host", "h"}, {"username", "u"}, {"database", "d"}},
                "KeyMissing",
                {"no password"}},
        BadCase{
            "NoDatabase", kDb, {{"uri", "postgresql://u:" + kC + "@h"}}, "KeyMissing", {"database, dbname"}},
        BadCase{"SpelledInCapitals",
                kDb,
                {{"HOST", "h"}, {"USERNAME", "u"}, {"DATABASE", "d"}},
                "KeyMissing",
                {"no host"}},
        BadCase{"ANamedKeyThatIsNotThere",
                kDb,
                {{"uri", "postgresql://u:" + kC + "@h/d"}},
                "KeyMissing",
                {"no key DB_PW", "password"},
                "{password: DB_PW}"},
        BadCase{"AnotherService",
                kDb,
                {{"type", "mysql"}, {"host", "h"}},
                "BindingInvalid",
                {"type", "postgresql"}},
        BadCase{"AnotherServicesUri",
                kDb,
                {{"uri", "mysql://u:" + kC + "@h/d"}},
                "BindingInvalid",
                {"postgresql:// or postgres://"}},
        BadCase{"AnUnescapedPassword",
                kDb,
                {{"uri", "postgresql://u:a/" + kC + "@h:5432/d"}},
                "BindingInvalid",
                {"port"}},
        BadCase{
            "AJdbcUri", kDb, {{"uri", "jdbc:postgresql://h/d?password=" + kC}}, "BindingInvalid", {"uri"}},
        BadCase{"AHalfEscape",
                kDb,
                {{"uri", "postgresql://u:%4" + kC.substr(0, 0) + "x@h/d"}},
                "BindingInvalid",
                {"two hex digits"}},
        BadCase{"APortThatIsNone",
                kDb,
                {{"host", "h"}, {"username", "u"}, {"database", "d"}, {"password", ""}, {"port", "54321x"}},
                "BindingInvalid",
                {"port", "1 to 65535"}},
        BadCase{"APortTooLarge",
                kDb,
                {{"host", "h"}, {"username", "u"}, {"database", "d"}, {"password", ""}, {"port", "65536"}},
                "BindingInvalid",
                {"port"}},
        BadCase{"AHostWithAScheme",
                kDb,
                {{"host", "tcp://" + kC}, {"username", "u"}, {"database", "d"}, {"password", ""}},
                "BindingInvalid",
                {"host"}},
        BadCase{"ASocket",
                kDb,
                {{"host", "/var/run/postgresql"}, {"username", "u"}, {"database", "d"}, {"password", ""}},
                "BindingInvalid",
                {"host"}},
        BadCase{"TwoHosts",
                kDb,
                {{"host", "a,b"}, {"username", "u"}, {"database", "d"}, {"password", ""}},
                "BindingInvalid",
                {"host", "several hosts"}},
        BadCase{"AUriOfTwoHosts",
                kDb,
                {{"uri", "postgresql://u:" + kC + "@h1:5432,h2:5432/d"}},
                "BindingInvalid",
                {"uri", "several hosts"}},
        BadCase{"AClientCertificateAlone",
                kDb,
                {{"uri", "postgresql://u@h/d"}, {"certificates", kCa}, {"private-key", kC}},
                "BindingInvalid",
                {"private-key", "no client certificate"}},
        BadCase{"Sentinels",
                Component::kCache,
                {{"sentinel.master", "m"}, {"sentinel.nodes", "a:26379"}, {"password", kC}},
                "BindingInvalid",
                {"sentinel.master", "Sentinel"}},
        BadCase{"NatsByACertificate",
                Component::kMessaging,
                {{"host", "n"}, {"certificates", kCa}, {"private-key", kC}},
                "BindingInvalid",
                {"private-key", "no client certificate"}},
        BadCase{"ALineBreakInside",
                kDb,
                {{"host", "h"}, {"username", "u"}, {"database", "d"}, {"password", kC + "\nx"}},
                "BindingInvalid",
                {"password", "line break"}},
        BadCase{"AnUnknownSslMode",
                kDb,
                {{"host", "h"}, {"username", "u"}, {"database", "d"}, {"password", ""}, {"sslmode", "on"}},
                "BindingInvalid",
                {"sslmode", "verify-full"}},
        BadCase{"ACaThatIsNone",
                kDb,
                {{"host", "h"}, {"username", "u"}, {"database", "d"}, {"password", ""}, {"ca.crt", kC}},
                "BindingInvalid",
                {"ca.crt", "PEM"}},
        BadCase{"CacheWithoutHost", Component::kCache, {{"password", kC}}, "KeyMissing", {"host, hostname"}},
        BadCase{"CacheOfAnotherSort",
                Component::kCache,
                {{"uri", "memcached://h"}},
                "BindingInvalid",
                {"redis://"}},
        BadCase{"ACaBesideAUriWithoutTls",
                Component::kCache,
                {{"uri", "redis://u:" + kC + "@r:6379"}, {"ca.crt", kCa}},
                "BindingInvalid",
                {"ca.crt", "rediss://"}},
        BadCase{"ARedisCluster",
                Component::kCache,
                {{"host", "r"}, {"password", kC}, {"cluster.nodes", "a:7000,b:7001"}},
                "BindingInvalid",
                {"cluster.nodes", "one shard"}},
        BadCase{"NatsWithoutHost", Component::kMessaging, {{"creds", kC}}, "KeyMissing", {"host"}}),
    [](const auto& info) { return info.param.name; });

struct IgnoredCase {
  std::string read_uri;
  std::string why;
};

// Older operators did not look at it, and the database serves without.
TEST(AReadUriThatCannotBeUsed, IsIgnoredAndSaid) {
  const IgnoredCase cases[] = {{"postgresql://reader:" + kC + "@r/d", "another login"},
                               {"postgresql://u:p@r/" + kC, "another login or database"},
                               {"mysql://r/" + kC, "postgresql://"},
                               {"postgresql://u:%4x@r/" + kC, "cannot be used"}};
  for (const auto& [read_uri, why] : cases) {
    std::string said;
    const auto entries =
        bound(kDb, {{"uri", "postgresql://u:p@h/d"}, {"read-uri", read_uri}}, "{}", "login", {}, &said);
    ASSERT_TRUE(entries) << entries.error().message;
    EXPECT_EQ(value_of(*entries, "read-host"), "h");
    EXPECT_THAT(said, AllOf(HasSubstr("read-uri of Secret shop/login"), HasSubstr(why), Not(HasSubstr(kC))));
  }
  std::string said;
  ASSERT_TRUE(bound(kDb, {{"uri", "postgresql://u:p@h/d"}, {"read-uri", "postgresql://u:p@r/d"}}, "{}",
                    "login", {}, &said));
  EXPECT_EQ(said, "");
}

// Its next password must reach the pods, whatever else the Secret holds that a new one is refused for.
TEST(ASecretThatIsBound, GoesOnBeingUsed) {
  const std::pair<Component, Entries> refused[] = {
      {kDb, {{"uri", "postgresql://u@h/d"}, {"private-key", kC}}},
      {Component::kCache, {{"host", "h"}, {"tls.key", kC}}},
      {Component::kCache, {{"host", "h"}, {"cluster.nodes", "a:7000,b:7001"}}},
      {Component::kMessaging, {{"host", "h"}, {"tls.key", kC}}}};
  for (const auto& [component, content] : refused) {
    EXPECT_FALSE(bound(component, content));
    EXPECT_FALSE(bound(component, content, "{}", "login", {{"host", "other"}}));
    const auto entries = bound(component, content, "{}", "login", {{"host", "h"}});
    ASSERT_TRUE(entries) << entries.error().message;
    EXPECT_EQ(value_of(*entries, "host"), "h");
  }
  std::string said;
  (void)bound(Component::kCache, refused[2].second, "{}", "login", {{"host", "h"}}, &said);
  EXPECT_THAT(said, HasSubstr("cluster.nodes"));
}

TEST(AMissingSecret, IsNamedWithWhatToDo) {
  const auto inputs = inputs_of("{tier: MVP, database: {type: Secret, secretRef: {name: login}}}");
  KnownSources nothing;
  const auto entries = provider_of(inputs, Component::kDatabase)->resolve(inputs, nothing);
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().reason, "SecretMissing");
  EXPECT_THAT(entries.error().message, AllOf(HasSubstr("shop/login"), HasSubstr("create it")));
}

TEST(EverySort, HasTheSameKeysWhateverTheSecretHolds) {
  const auto keys = [](const Entries& entries) {
    std::vector<std::string> names;
    for (const auto& [name, value] : entries) names.push_back(name);
    return names;
  };
  EXPECT_EQ(keys(*bound(kDb, {{"uri", "postgresql://u@h/d"}})),
            keys(*bound(kDb, {{"uri", "postgresql://u:p@h/d?sslmode=require"},
                              {"ca.crt", kCa},
                              {"read-host", "r"},
                              {"more", "x"}})));
  EXPECT_EQ(
      keys(*bound(kDb, {{"uri", "postgresql://u@h/d"}})),
      (std::vector<std::string>{"ca.crt", "database", "dbname", "host", "password", "port", "provider",
                                "read-host", "read-port", "read-uri", "sslmode", "type", "uri", "username"}));
  EXPECT_EQ(keys(*bound(Component::kCache, {{"host", "h"}})),
            (std::vector<std::string>{"ca.crt", "cluster.nodes", "host", "password", "port", "provider",
                                      "ssl", "type", "uri", "url", "username"}));
  EXPECT_EQ(keys(*bound(Component::kMessaging, {{"host", "h"}})),
            (std::vector<std::string>{"ca.crt", "host", "password", "port", "provider", "type", "uri",
                                      "username"}));
}

TEST(OnlyWhatIsReferred, Counts) {
  const Entries login{{"uri", "postgresql://u:p@h/d"}};
  Entries more = login;
  more["unrelated"] = "changed";
  EXPECT_EQ(*bound(kDb, login), *bound(kDb, more));
}

TEST(Ports, AreAllThatAPodMustReach) {
  EXPECT_EQ(ports_of({{"port", "6379"}, {"cluster.nodes", "a:7000,b:7001,c:7000"}}),
            (std::vector{6379, 7000, 7001}));
  EXPECT_EQ(ports_of({{"port", "5432"}, {"read-port", "5433"}}), (std::vector{5432, 5433}));
}

}  // namespace
}  // namespace promptsales::controllers::bindings
