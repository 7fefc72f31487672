// What is a candidate, beside what pods have.

#include "controllers/promptsales/bindings/resolve.hpp"

#include <gtest/gtest.h>

#include "controllers/promptsales/bindings/asked_for.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/inputs.hpp"
#include "tests/support/known_sources.hpp"
#include "tests/support/recording_transport.hpp"

namespace promptsales::controllers::bindings {
namespace {

using k8s::Json;
using promptsales::testing::FakeClock;
using promptsales::testing::inputs_of;
using promptsales::testing::KnownSources;
using promptsales::testing::object_of;
using promptsales::testing::RecordingTransport;

/// Pods follow a database that is checked by the CAs that the spec names; the cluster has its binding Secret.
class AFollowedBinding : public ::testing::Test {
 protected:
  AFollowedBinding() {
    sources.with_secret("login", {{"uri", "postgresql://u:p@db.example/d?sslmode=verify-full"}});
  }
  /// As of a spec that names this bundle, of which these CAs are in use.
  static Pass pass_with(const std::string& bundle, const std::string& cas) {
    Pass pass;
    pass.inputs = inputs_of(
        "{tier: MVP, database: {type: Secret, secretRef: {name: login}}, "
        "secretRotation: "
        "{strategy: HotReload}, tls: {type: SelfSigned, caBundleRef: {kind: ConfigMap, name: " +
        bundle + ", key: ca}}}");
    pass.app = pass.inputs.app;
    pass.inputs.trusted = cas;
    return pass;
  }
  static Pass without_bundle(const std::string& bundle, const std::string& former_cas) {
    Pass pass = pass_with(bundle, former_cas);
    pass.untrusted = Error{Remedy::kWaitForChange, "CABundleMissing", "it does not exist"};
    return pass;
  }
  Binding resolved(Pass pass) {
    runtime::Informer secrets{{k8s::kinds::kSecret, {}, {}}, client, clock};
    Caches caches;
    caches.add(secrets);
    secrets.start();
    EXPECT_TRUE(eventually([&] { return secrets.status().synced; }));
    secrets.stop();
    resolve_bindings(pass, caches, sources);
    return pass.bindings.at(Component::kDatabase);
  }
  /// Pods get what this pass has come to.
  void use(Pass pass) {
    pass.inputs.bindings[Component::kDatabase] = *resolved(pass).candidate;
    in_use = object_of(children::database_binding, pass.inputs);
    in_use["metadata"].update({{"uid", "s"}, {"resourceVersion", "1"}});
  }
  Result<HttpResponse> answer(const HttpRequest& request) const {
    if (request.target.contains("watch="))
      return HttpResponse{400, R"({"kind":"Status","reason":"BadRequest","message":"not streamed here"})",
                          ""};
    Json list{{"metadata", {{"resourceVersion", "1"}}}, {"items", Json::array()}};
    if (!in_use.empty()) list["items"].push_back(in_use);
    return HttpResponse{200, list.dump(), ""};
  }

  Object in_use;
  KnownSources sources;
  FakeClock clock;
  RecordingTransport transport{[this](const HttpRequest& request) { return answer(request); }};
  client::Client client{transport};
};

TEST_F(AFollowedBinding, IsAnotherOneWhenTheSpecNamesOtherCas) {
  use(pass_with("a", "one"));
  const auto binding = resolved(pass_with("b", "one"));
  EXPECT_NE(binding.candidate, binding.existing) << "although they are the same";
}

// The usual order when many objects are applied: what refers to a bundle, and then the bundle.
TEST_F(AFollowedBinding, IsAnotherOneOnlyWhenTheCasAreThere) {
  use(pass_with("a", "one"));
  const auto waiting = resolved(without_bundle("b", "one"));
  EXPECT_EQ(waiting.candidate, waiting.existing) << "pods have it";
  const auto there = resolved(pass_with("b", "two"));
  EXPECT_NE(value_of(*there.candidate, kAskedFor), value_of(*there.existing, kAskedFor));
}

TEST_F(AFollowedBinding, IsNotAskedForByCasThatItWasMadeWithout) {
  use(without_bundle("b", "former"));
  const auto there = resolved(pass_with("b", "two"));
  EXPECT_NE(value_of(*there.candidate, kAskedFor), value_of(*there.existing, kAskedFor));
}

}  // namespace
}  // namespace promptsales::controllers::bindings
