// Objects of other people: who is woken when one changes, however passes overlap.

#include "operator/runtime/referenced_objects.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/guarded.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/streaming_transport.hpp"

namespace promptsales::runtime {
namespace {

using k8s::kinds::kSecret;
using ::testing::Contains;
using testing::initial_events_end;
using ::testing::IsEmpty;
using testing::watch_line;

const k8s::ObjectKey kFormer{"shop", "former"};
const k8s::ObjectKey kPresent{"shop", "present"};

/// The Secret shop/login as the watch of metadata shows it.
std::string login(const std::string& type, const std::string& version) {
  return watch_line(
      type, R"({"name":"login","namespace":"shop","uid":"u","resourceVersion":")" + version + R"("})");
}

class AReferencedSecret : public ::testing::Test {
 protected:
  AReferencedSecret() {
    far.answer = {
        .status = 200,
        .body =
            R"({"metadata":{"name":"login","namespace":"shop","uid":"u","resourceVersion":"10"},"data":{}})"};
    optional.on_start([this](const k8s::Kind& declared, Informer& informer) {
      EXPECT_TRUE(objects.connect(declared, informer));
    });
    objects.on_change([this](const k8s::ObjectKey& from) {
      woken_.with([&](auto& woken) { woken.push_back(from.name); });
    });
    far.says(initial_events_end("11"));
  }
  ~AReferencedSecret() override { optional.stop(); }

  void read(const k8s::ObjectKey& from) { EXPECT_TRUE(objects.read(from, kSecret, "login")); }
  bool wakes(const std::string& name) {
    return eventually([&] { return woken(name); });
  }
  bool woken(const std::string& name) {
    return woken_.with([&](const auto& woken) { return std::ranges::count(woken, name) > 0; });
  }

  Guarded<std::vector<std::string>> woken_;
  testing::FakeClock clock;
  testing::StreamingTransport far;
  client::Client client{far};
  OptionalInformers optional{client, "", clock};
  References references;
  ReferencedObjects objects{client, optional, references};
};

/// What two workers do when one resource hands a Secret over to another, in the order that is hardest.
class AReferencedSecretThatChangesHands : public AReferencedSecret {
 protected:
  AReferencedSecretThatChangesHands() {
    read(kFormer);
    const auto unwanted = references.keep_only(kFormer, {});
    read(kPresent);
    objects.forget(unwanted);
  }
};

TEST_F(AReferencedSecretThatChangesHands, WakesItsNewOwnerWhenItChanges) {
  far.says(login("MODIFIED", "20"));
  EXPECT_TRUE(wakes("present"));
}

TEST_F(AReferencedSecretThatChangesHands, WakesItsNewOwnerWhenItIsDeleted) {
  far.says(login("DELETED", "20"));
  EXPECT_TRUE(wakes("present"));
}

TEST_F(AReferencedSecret, ThatAppearsBeforeItHasBeenReadWakesWhoIsAboutTo) {
  EXPECT_TRUE(objects.read(kFormer, kSecret, "another"));  // the watch runs
  references.add(kPresent, {&kSecret, {"shop", "login"}});
  far.says(login("ADDED", "20"));
  EXPECT_TRUE(wakes("present"));
}

TEST_F(AReferencedSecret, WakesNobodyWhenNobodyRefersToItAnyMore) {
  read(kFormer);
  objects.forget(references.keep_only(kFormer, {}));
  far.says(login("MODIFIED", "20"));
  read(kPresent);
  far.says(login("MODIFIED", "21"));
  EXPECT_TRUE(wakes("present"));
  EXPECT_FALSE(woken("former"));
}

}  // namespace
}  // namespace promptsales::runtime
