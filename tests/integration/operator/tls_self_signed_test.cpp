// Certificates of an own CA: from the first one to a new CA, with the operator restarted at every step.

#include <gmock/gmock.h>

#include "operator/k8s/time.hpp"
#include "tests/integration/support/certificate_objects.hpp"
#include "tests/integration/support/operator_in_process.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using namespace k8s::kinds;
using controllers::tls::Certificate;
using k8s::Json;
using k8s::string_at;
using std::chrono::days;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kSpec = "{tier: MVP, tls: {type: SelfSigned}}";

class SelfSigned : public WithOperator {
 protected:
  Certificate leaf() { return certificate_in(entries_in(server.get(kSecret, "demo-tls")).at("tls.crt")); }
  Certificate ca() { return certificate_in(entries_in(server.get(kSecret, "demo-ca")).at("ca.crt")); }
  std::string bundle() { return string_at(server.get(kConfigMap, "demo-ca-bundle"), {"data", "ca.crt"}); }
  /// What pods are made of: they roll when it changes.
  Json pod_template() { return server.get(kDeployment, "demo-backend").at("spec").at("template"); }
  /// The generations that new pods carry: "trust/certificate".
  std::string generations() {
    const Json annotations = pod_template().at("metadata").at("annotations");
    return string_at(annotations, {"promptsales.io/trust-generation"}) + "/" +
           string_at(annotations, {"promptsales.io/certificate-generation"});
  }
  std::string phase() { return string_at(read("demo"), {"status", "tls", "phase"}); }
  void ask(const std::string& annotation, const std::string& value) {
    server.patch(kPromptSales, "demo", {{"metadata", {{"annotations", {{annotation, value}}}}}});
  }
};

TEST_F(SelfSigned, CertificatesAreThereBeforeThePodsThatServeThem) {
  const auto running = an_operator();
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo")) << read("demo").dump(2);
  EXPECT_TRUE(leaf().is_signed_by(ca()));
  EXPECT_EQ(bundle(), ca().pem());
  EXPECT_THAT(leaf().dns_names(), Contains("demo-backend." + server.ns() + ".svc"));
  const Json status = read("demo").at("status");
  EXPECT_EQ(status.at("backend").at("url"), "https://demo-backend." + server.ns() + ".svc");
  EXPECT_EQ(status.at("tls").at("notAfter"), k8s::time_text(leaf().not_after()));
  EXPECT_EQ(status.at("tls").at("caGeneration"), 1);
  EXPECT_EQ(phase(), "Stable");
  EXPECT_EQ(reason_of("demo", "TLSReady"), "CertificateValid");
  EXPECT_EQ(server.get(kService, "demo-backend").at("spec").at("ports").at(0).at("port"), 443);
  EXPECT_TRUE(eventually([&] { return events("demo", "CertificateIssued").size() == 1; }));

  const std::string series = "promptsales_certificate_expiration_timestamp_seconds";
  const auto expires = std::chrono::system_clock::to_time_t(leaf().not_after());
  EXPECT_EQ(running->metric(series, {"type=\"server\"", "name=\"demo\""}), static_cast<double>(expires));
  EXPECT_GT(running->metric(series, {"type=\"ca\""}), static_cast<double>(expires));
  server.remove(kPromptSales, "demo");
  EXPECT_TRUE(eventually([&] { return running->metric(series) == 0; })) << "a series outlives its resource";
}

TEST_F(SelfSigned, CostNothingAtRestAndAtARestart) {
  auto running = an_operator();
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  const Versions before = settled();
  restarts_without_a_write(running);
  EXPECT_EQ(versions(), before);
}

TEST_F(SelfSigned, ArePutBackWhenTheyAreTakenAway) {
  const auto running = an_operator();
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  const auto before = leaf();
  server.remove(kSecret, "demo-tls");
  ASSERT_TRUE(eventually([&] { return !server.get(kSecret, "demo-tls").is_null(); }));
  EXPECT_TRUE(leaf().is_signed_by(ca()));
  server.remove(kConfigMap, "demo-ca-bundle");
  ASSERT_TRUE(eventually([&] { return bundle() == ca().pem(); }));
}

TEST_F(SelfSigned, AreRenewedOncePerRequestAndNoPodRollsForIt) {
  const auto running = an_operator();
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  const auto first = leaf();
  const auto deployed = pod_template();
  ask("promptsales.io/force-renew", "monday");
  ASSERT_TRUE(eventually([&] { return !(leaf() == first); }));
  const auto second = leaf();
  EXPECT_TRUE(eventually([&] { return events("demo", "CertificateRenewed").size() == 1; }));
  EXPECT_TRUE(throughout(1s, [&] { return leaf() == second; }));
  EXPECT_EQ(pod_template(), deployed);
  EXPECT_EQ(string_at(read("demo"), {"metadata", "annotations", "promptsales.io/force-renew"}), "monday");
}

TEST_F(SelfSigned, CertificatesForAnotherNameAreServedByAllPodsBeforeReadyIsSaidOfThem) {
  const auto running = an_operator();
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  const auto deployed = server.get(kDeployment, "demo-backend").at("metadata").at("generation");
  change("demo", {{"tls", {{"dnsNames", Json::array({"shop.example"})}}}});
  ASSERT_TRUE(becomes("demo", "RollingOut")) << read("demo").dump(2);
  EXPECT_NE(server.get(kDeployment, "demo-backend").at("metadata").at("generation"), deployed);
  ASSERT_TRUE(become_ready("demo"));
}

TEST_F(SelfSigned, AndTheirKeysGoWhenTlsIsDisabled) {
  const auto running = an_operator();
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  change("demo", {{"tls", {{"type", "Disabled"}}}});
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_TRUE(eventually([&] {
    return server.get(kSecret, "demo-tls").is_null() && server.get(kSecret, "demo-ca").is_null() &&
           server.get(kConfigMap, "demo-ca-bundle").is_null();
  }));
  EXPECT_EQ(running->metric("promptsales_certificate_expiration_timestamp_seconds"), 0);
  EXPECT_EQ(reason_of("demo", "TLSReady"), "Disabled");
}

TEST_F(SelfSigned, KeysAreInNoLogStatusEventOrMetric) {
  const auto running = an_operator({"--log-level", "debug"});
  create("demo", kSpec);
  ASSERT_TRUE(become_ready("demo"));
  ask("promptsales.io/force-renew", "monday");
  ASSERT_TRUE(eventually([&] { return !events("demo", "CertificateRenewed").empty(); }));
  std::string told = running->log() + running->get("/metrics").body + running->get("/readyz").body +
                     read("demo").dump() + server.get(kDeployment, "demo-backend").dump() +
                     server.get(kConfigMap, "demo-ca-bundle").dump();
  for (const char* reason : {"CertificateIssued", "CertificateRenewed", "Ready"})
    for (const auto& note : events("demo", reason)) told += note;
  EXPECT_EQ(told.find("PRIVATE KEY"), std::string::npos);
  for (const auto& [name, entry] : {std::pair{"demo-tls", "tls.key"}, std::pair{"demo-ca", "ca.key"}}) {
    const std::string key = entries_in(server.get(kSecret, name)).at(entry);
    const std::string body = key.substr(key.find('\n') + 1, 60);
    EXPECT_EQ(told.find(body), std::string::npos) << name;
    EXPECT_EQ(told.find(base64_encode(key).substr(0, 60)), std::string::npos) << name;
  }
}

// --- what takes months

class InVirtualTime : public SelfSigned {
 protected:
  void SetUp() override {
    restart();
    create("demo", kSpec);
    ASSERT_TRUE(become_ready("demo"));
  }
  void restart() {
    running.reset();
    running = std::make_unique<OperatorInProcess>(server, clock);
  }
  void advance(std::chrono::seconds by) {
    clock.advance(by);
    running->look_at("demo");
  }
  /// Replaces all backend pods by two of the newest template, as a roll-out would.
  void roll() {
    const Json deployment = server.get(kDeployment, "demo-backend");
    Json pod = deployment.at("spec").at("template");
    pod["apiVersion"] = "v1";
    pod["kind"] = "Pod";
    ++rolls;
    for (const std::string each : {"a", "b"}) {
      server.remove(kPod, "demo-backend-" + std::to_string(rolls - 1) + each);
      pod["metadata"]["name"] = "demo-backend-" + std::to_string(rolls) + each;
      server.apply(kPod, pod);
    }
    serve_workloads("demo");
  }

  ShiftedClock clock;
  std::unique_ptr<OperatorInProcess> running;
  int rolls = 0;
};

TEST_F(InVirtualTime, LeavesAreRenewedThirtyDaysBeforeTheirEndAndNoPodRolls) {
  const auto first = leaf();
  const auto deployed = pod_template();
  advance(days{59});
  EXPECT_TRUE(throughout(500ms, [&] { return leaf() == first; }));
  advance(days{1});
  ASSERT_TRUE(eventually([&] { return !(leaf() == first); }));
  EXPECT_GT(leaf().not_after(), clock.wall() + days{89});
  EXPECT_TRUE(eventually([&] {
    return string_at(read("demo"), {"status", "tls", "notAfter"}) == k8s::time_text(leaf().not_after());
  }));
  EXPECT_EQ(pod_template(), deployed);
}

TEST_F(InVirtualTime, ACaIsReplacedInPhasesThatSurviveARestartAtEachOfThem) {
  roll();
  const auto old_ca = ca();
  const auto old_leaf = leaf();
  ask("promptsales.io/force-replace-ca", "2026");

  ASSERT_TRUE(eventually(
      [&] { return bundle().find(old_ca.pem()) != std::string::npos && bundle() != old_ca.pem(); }));
  ASSERT_TRUE(eventually([&] { return generations() == "2/1"; })) << "pods roll to trust both";
  EXPECT_EQ(leaf(), old_leaf);
  restart();
  advance(10min);
  EXPECT_TRUE(throughout(1s, [&] { return leaf() == old_leaf; })) << "the pods have not rolled";

  roll();
  ASSERT_TRUE(eventually([&] { return !(leaf() == old_leaf); })) << read("demo").at("status").dump(2);
  EXPECT_TRUE(leaf().is_signed_by(ca()));
  EXPECT_FALSE(ca() == old_ca);
  ASSERT_TRUE(eventually([&] { return generations() == "2/2"; })) << "pods roll to serve the new leaf";
  EXPECT_TRUE(bundle().contains(old_ca.pem()));
  const auto deployed = pod_template();
  restart();
  EXPECT_TRUE(throughout(1s, [&] { return bundle().contains(old_ca.pem()); }));

  roll();
  ASSERT_TRUE(eventually([&] { return bundle() == ca().pem(); }));
  EXPECT_TRUE(eventually([&] { return phase() == "Stable"; }));
  EXPECT_EQ(read("demo").at("status").at("tls").at("caGeneration"), 2);
  EXPECT_EQ(pod_template(), deployed) << "to forget the old CA rolls no pod";
  EXPECT_EQ(entries_in(server.get(kSecret, "demo-ca")).size(), 2U);
  EXPECT_TRUE(eventually([&] { return events("demo", "CAReplaced").size() == 1; }));
  restart();
  running->look_at("demo");
  EXPECT_TRUE(throughout(1s, [&] { return bundle() == ca().pem(); }))
      << "one value of the annotation, one new CA";
}

TEST_F(InVirtualTime, ACaIsReplacedByItselfThirtyDaysBeforeItsEnd) {
  const auto old_ca = ca();
  advance(days{335});
  ASSERT_TRUE(eventually([&] { return bundle().contains(old_ca.pem()) && bundle() != old_ca.pem(); }));
  EXPECT_TRUE(eventually([&] { return phase() == "Trusting"; }));
  EXPECT_GT(leaf().not_after(), clock.wall());
}

TEST_F(InVirtualTime, ALostCaIsReplacedWhileTheOldOneGoesOnBeingTrusted) {
  const auto old_ca = ca();
  const auto old_leaf = leaf();
  server.remove(kSecret, "demo-ca");
  ASSERT_TRUE(eventually([&] { return bundle().contains(old_ca.pem()) && bundle() != old_ca.pem(); }));
  EXPECT_EQ(leaf(), old_leaf);
}

}  // namespace
}  // namespace promptsales::testing
