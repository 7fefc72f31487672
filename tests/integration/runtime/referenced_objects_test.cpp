// Secrets of other people: noticed when they change, never kept unless somebody refers to them.

#include "operator/runtime/referenced_objects.hpp"

#include <gmock/gmock.h>

#include <atomic>

#include "base/strings.hpp"
#include "tests/integration/support/api_server.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;
using k8s::kinds::kConfigMap;
using k8s::kinds::kSecret;
using testing::ApiServer;
using testing::eventually;
using testing::throughout;

class ReferencedSecrets : public ::testing::Test {
 protected:
  void SetUp() override {
    optional.on_start([&](const k8s::Kind& declared, Informer& informer) {
      informers.push_back(&informer);
      ASSERT_TRUE(objects.connect(declared, informer));
    });
    objects.on_change([&](const k8s::ObjectKey& from) {
      EXPECT_EQ(from, demo);
      ++woken;
    });
  }
  void write(const std::string& name, const std::string& password) {
    server.apply(kSecret, {{"apiVersion", "v1"},
                           {"kind", "Secret"},
                           {"metadata", {{"name", name}}},
                           {"data", {{"password", base64_encode(password)}}}});
  }
  std::string password_in(const std::string& name) {
    const auto secret = objects.read(demo, kSecret, name);
    EXPECT_TRUE(secret) << (secret ? "" : secret.error().message);
    if (!secret || !*secret) return "absent";
    return base64_decode(k8s::string_at((*secret)->document(), {"data", "password"})).value();
  }
  /// Reads until the watch has caught up, so that reads cost nothing and changes wake.
  void settle(const std::string& name) {
    (void)password_in(name);
    ASSERT_TRUE(eventually([&] { return informers.at(0)->status().synced; }));
    ASSERT_TRUE(eventually([&] {
      (void)password_in(name);
      const int before = gets;
      (void)password_in(name);
      return gets == before;
    }));
    woken = 0;
  }
  bool is_woken() {
    return eventually([&] { return woken > 0; });
  }

  ApiServer server;
  const k8s::ObjectKey demo{server.ns(), "demo"};
  std::atomic<int> gets = 0;
  std::unique_ptr<client::Transport> transport{
      client::make_transport(testing::config(), server.clock()).value()};
  client::Client client{*transport, [this](std::string_view verb, const auto&, int, auto) {
                          if (verb == "get") ++gets;
                        }};
  std::atomic<int> woken = 0;
  std::vector<Informer*> informers;
  OptionalInformers optional{client, server.ns(), server.clock()};
  References references;
  ReferencedObjects objects{client, optional, references};
};

TEST_F(ReferencedSecrets, AreWatchedByNobodyUntilOneIsNeeded) {
  write("login", "one");
  EXPECT_TRUE(informers.empty());
  EXPECT_EQ(password_in("login"), "one");
  EXPECT_EQ(informers.size(), 1);
}

TEST_F(ReferencedSecrets, AreNoticedWithinFiveSecondsOfAnEditAndAskedForOnceThen) {
  write("login", "one");
  settle("login");
  write("login", "two");
  ASSERT_TRUE(is_woken());
  EXPECT_EQ(password_in("login"), "two");
  const int before = gets;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(password_in("login"), "two");
  EXPECT_EQ(gets, before);
}

TEST_F(ReferencedSecrets, AreNoticedWhenTheyGoAndWhenTheyCome) {
  settle("login");
  EXPECT_EQ(password_in("login"), "absent");
  write("login", "one");
  ASSERT_TRUE(is_woken());
  EXPECT_EQ(password_in("login"), "one");
  settle("login");
  server.remove(kSecret, "login");
  ASSERT_TRUE(is_woken());
  EXPECT_EQ(password_in("login"), "absent");
}

TEST_F(ReferencedSecrets, ThatPassedBeforeTheyWereNeededAreNoticedWhenTheyGo) {
  write("other", "1");
  write("login", "one");
  settle("other");  // the watch has seen both, and kept one
  settle("login");
  server.remove(kSecret, "login");
  ASSERT_TRUE(is_woken());
  EXPECT_EQ(password_in("login"), "absent");
}

TEST_F(ReferencedSecrets, OfOthersLeaveNothingInMemory) {
  for (int i = 0; i < 5; ++i) write("foreign-" + std::to_string(i), "canary-of-a-stranger");
  write("login", "one");
  settle("login");
  EXPECT_EQ(informers.at(0)->store().size(), 1);
  for (int i = 0; i < 5; ++i) write("foreign-" + std::to_string(i), "changed");
  EXPECT_TRUE(throughout(500ms, [&] { return woken == 0; }));
  EXPECT_EQ(informers.at(0)->store().size(), 1);
  const auto kept = informers.at(0)->store().find({server.ns(), "login"});
  EXPECT_EQ(kept->cbor.find("password"), std::string::npos) << "the watch carries metadata only";
}

TEST_F(ReferencedSecrets, AreForgottenWhenNobodyRefersToThem) {
  write("login", "one");
  settle("login");
  objects.forget(references.keep_only(demo, {}));
  EXPECT_EQ(informers.at(0)->store().size(), 0);
  write("login", "two");
  EXPECT_TRUE(throughout(500ms, [&] { return woken == 0; }));
  EXPECT_EQ(informers.at(0)->store().size(), 0);
  EXPECT_EQ(password_in("login"), "two");
}

TEST_F(ReferencedSecrets, HaveConfigMapsBesideThem) {
  server.apply(kConfigMap, {{"apiVersion", "v1"},
                            {"kind", "ConfigMap"},
                            {"metadata", {{"name", "bundle"}}},
                            {"data", {{"ca.crt", "one"}}}});
  const auto map = objects.read(demo, kConfigMap, "bundle");
  ASSERT_TRUE(map && *map);
  EXPECT_EQ(k8s::string_at((*map)->document(), {"data", "ca.crt"}), "one");
  EXPECT_EQ(informers.size(), 1);
  EXPECT_EQ(informers.at(0)->name(), "configmaps (metadata)");
}

}  // namespace
}  // namespace promptsales::runtime
