// The life of a CA and its leaf, years of it in virtual time.

#include "controllers/promptsales/tls/self_signed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/certificates.hpp"
#include "tests/support/fake_clock.hpp"

namespace promptsales::controllers::tls {
namespace {

using promptsales::testing::certificate_in;
using promptsales::testing::FakeClock;
using promptsales::testing::must;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A resource whose children hold what was planned last, and whose pods a test rolls.
class SelfSigned : public ::testing::Test {
 protected:
  SelfSigned() {
    state.authority_name = {"shop", "demo", "uid", 0};
    state.leaf_name = {"demo-backend", {"demo-backend.shop.svc"}, "spiffe://a/b"};
  }

  /// A pass: what it plans is written. Nothing is remembered but what the objects hold.
  SelfSignedPlan pass() {
    play_pods();
    auto plan = must(plan_self_signed(state, clock.wall()));
    deployed = plan.material.generations;
    state.material = plan.material;
    state.material.generations = {};
    return plan;
  }
  /// The next pass that is asked for.
  SelfSignedPlan pass_when_due() {
    const auto plan = pass();
    clock.advance(std::max<std::chrono::nanoseconds>(plan.look_again - clock.wall(), seconds{0}));
    return pass();
  }
  /// All pods are of the newest template.
  void roll() { pods = {{deployed, false}, {deployed, false}}; }
  /// Passes and roll-outs until nothing is under way.
  SelfSignedPlan settle() {
    for (int i = 0; i < 10; ++i) {
      const auto plan = pass();
      if (plan.phase == Phase::kStable) return plan;
      clock.advance(kKnownBefore);
      roll();
    }
    throw std::runtime_error("it does not settle");
  }

  void play_pods() {
    const auto annotations = [](const Generations& g) -> k8s::Json {
      return {{"annotations",
               {{kTrustGeneration, std::to_string(g.trust)},
                {kCertificateGeneration, std::to_string(g.certificate)}}}};
    };
    std::vector<k8s::Object> objects;
    bool old = false;
    for (const auto& [generations, leaving] : pods) {
      k8s::Object pod{{"metadata", annotations(generations)}};
      if (leaving) pod["metadata"]["deletionTimestamp"] = "2026-11-21T10:00:00Z";
      old |= generations != deployed && !leaving;
      objects.push_back(pod);
    }
    const k8s::Object deployment{
        {"metadata", {{"generation", 1}}},
        {"spec", {{"template", {{"metadata", annotations(deployed)}}}}},
        {"status",
         {{"observedGeneration", 1}, {"replicas", pods.size()}, {"updatedReplicas", old ? 0 : pods.size()}}}};
    state.fleet = Fleet{deployed == Generations{} ? nullptr : &deployment, objects};
  }

  [[nodiscard]] Certificate leaf() const { return certificate_in(state.material.leaf.at("tls.crt")); }
  [[nodiscard]] Certificate ca() const { return certificate_in(state.material.authorities.at("ca.crt")); }
  /// The generations of the CAs in a bundle.
  static std::vector<std::int64_t> trusted(const std::string& bundle) {
    std::vector<std::int64_t> generations;
    for (const auto& each : must(Certificate::parse_all(bundle))) generations.push_back(generation_of(each));
    return generations;
  }

  struct Pod {
    Generations generations;
    bool leaving;
  };
  FakeClock clock;
  SelfSignedState state;
  Generations deployed;
  std::vector<Pod> pods;
};

// --- the first certificate

TEST_F(SelfSigned, BeginsWithACaAndALeafOfIt) {
  const auto plan = pass();
  EXPECT_EQ(plan.phase, Phase::kStable);
  EXPECT_THAT(plan.news, ElementsAre("CertificateIssued"));
  EXPECT_EQ(plan.material.generations, (Generations{1, 1}));
  EXPECT_TRUE(leaf().is_signed_by(ca()));
  EXPECT_EQ(plan.material.bundle, ca().pem());
  EXPECT_EQ(plan.material.leaf.at("ca.crt"), plan.material.bundle);
  EXPECT_EQ(plan.not_after, clock.wall() + kLeafLife);
  EXPECT_EQ(plan.authority_not_after, clock.wall() + kAuthorityLife);
}

// What was made is not parsed to find this out (Certifier).
TEST_F(SelfSigned, WhatWasJustMadeIsReadAsItWasPlanned) {
  const auto planned = pass();
  const auto read = pass();
  EXPECT_EQ(read.material, planned.material);
  EXPECT_EQ(read.phase, planned.phase);
  EXPECT_EQ(read.not_after, planned.not_after);
  EXPECT_EQ(read.authority_not_after, planned.authority_not_after);
  EXPECT_EQ(read.look_again, planned.look_again);
}

TEST_F(SelfSigned, AsksToBeLookedAtWhenTheLeafIsDueAndNotBefore) {
  const auto plan = pass();
  EXPECT_EQ(plan.look_again, clock.wall() + kLeafLife - kReplacedBefore);
}

TEST_F(SelfSigned, ChangesNothingUntilThen) {
  pass();
  roll();
  auto before = state.material;
  for (int i = 0; i < 59; ++i) {
    clock.advance(days{1});
    const auto plan = pass();
    EXPECT_THAT(plan.news, IsEmpty());
    EXPECT_EQ(state.material, before);
  }
}

// --- renewal

TEST_F(SelfSigned, RenewsTheLeafThirtyDaysBeforeItsEndAndRollsNoPod) {
  pass();
  roll();
  const auto first = leaf();
  clock.advance(days{60} - seconds{1});
  EXPECT_THAT(pass().news, IsEmpty());
  clock.advance(seconds{1});
  const auto plan = pass();
  EXPECT_THAT(plan.news, ElementsAre("CertificateRenewed"));
  EXPECT_EQ(plan.not_after, clock.wall() + kLeafLife);
  EXPECT_FALSE(leaf() == first);
  EXPECT_EQ(plan.material.generations, (Generations{1, 1}));
  EXPECT_THAT(pass().news, IsEmpty());
}

TEST_F(SelfSigned, RenewsALeafThatHasExpiredWhileNobodyLooked) {
  pass();
  clock.advance(days{100});
  EXPECT_THAT(pass().news, ElementsAre("CertificateRenewed"));
}

TEST_F(SelfSigned, IssuesANewLeafForOtherNames) {
  pass();
  state.leaf_name.dns_names.push_back("api.example.com");
  EXPECT_THAT(pass().news, ElementsAre("CertificateRenewed"));
  EXPECT_THAT(leaf().dns_names(), ElementsAre("demo-backend.shop.svc", "api.example.com"));
  EXPECT_THAT(pass().news, IsEmpty());
}

struct DamageCase {
  std::string name;
  void (*damage)(Entries& leaf);
};

void PrintTo(const DamageCase& row, std::ostream* out) { *out << row.name; }

class DamagedLeaf : public SelfSigned, public ::testing::WithParamInterface<DamageCase> {};

TEST_P(DamagedLeaf, IsReplaced) {
  pass();
  GetParam().damage(state.material.leaf);
  EXPECT_EQ(pass().news.size(), 1U);
  EXPECT_TRUE(leaf().is_signed_by(ca()));
  EXPECT_TRUE(leaf().belongs_to(must(PrivateKey::parse(state.material.leaf.at("tls.key")))));
  EXPECT_THAT(pass().news, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, DamagedLeaf,
    ::testing::Values(DamageCase{"Gone", [](Entries& leaf) { leaf.clear(); }},
                      DamageCase{"WithoutAKey", [](Entries& leaf) { leaf.erase("tls.key"); }},
                      DamageCase{"Cut", [](Entries& leaf) { leaf["tls.crt"].resize(200); }},
                      DamageCase{"WithAnotherKey",
                                 [](Entries& leaf) { leaf["tls.key"] = must(PrivateKey::make()).pem(); }},
                      DamageCase{"OfAnotherCa",
                                 [](Entries& leaf) {
                                   const auto other = promptsales::testing::a_leaf(
                                       promptsales::testing::a_ca(WallTime{}, 9), WallTime{});
                                   leaf["tls.crt"] = other.certificate.pem();
                                   leaf["tls.key"] = other.key.pem();
                                 }}),
    [](const auto& info) { return info.param.name; });

// --- the three phases of a replacement

TEST_F(SelfSigned, ReplacesTheCaInPhasesOfOverlappingTrust) {
  pass();
  roll();
  const auto old_ca = ca();
  const auto old_leaf = leaf();
  state.replace_ca = "now";

  auto plan = pass();
  EXPECT_EQ(plan.phase, Phase::kTrusting);
  EXPECT_EQ(plan.material.generations, (Generations{2, 1}));
  EXPECT_THAT(trusted(plan.material.bundle), ElementsAre(2, 1));
  EXPECT_EQ(plan.material.leaf.at("ca.crt"), plan.material.bundle);
  EXPECT_EQ(leaf(), old_leaf) << "nothing is signed by a CA that nobody trusts yet";

  roll();
  clock.advance(kKnownBefore);
  plan = pass();
  EXPECT_EQ(plan.phase, Phase::kReissuing);
  EXPECT_EQ(plan.material.generations, (Generations{2, 2}));
  EXPECT_THAT(trusted(plan.material.bundle), ElementsAre(2, 1));
  EXPECT_TRUE(leaf().is_signed_by(ca()));
  EXPECT_EQ(generation_of(ca()), 2);
  EXPECT_THAT(plan.news, ElementsAre("CertificateRenewed"));

  pods = {{{2, 2}, false}, {{2, 2}, false}, {{2, 1}, true}};
  plan = pass();
  EXPECT_EQ(plan.phase, Phase::kRetiring);
  EXPECT_THAT(trusted(plan.material.bundle), ElementsAre(2, 1))
      << "a pod that still answers has the old leaf";

  roll();
  plan = pass();
  EXPECT_EQ(plan.phase, Phase::kStable);
  EXPECT_THAT(plan.news, ElementsAre("CAReplaced"));
  EXPECT_THAT(trusted(plan.material.bundle), ElementsAre(2));
  EXPECT_EQ(plan.material.generations, (Generations{2, 2})) << "forgetting the old one rolls no pod";
  EXPECT_EQ(plan.material.authorities.size(), 2U);
  EXPECT_FALSE(ca() == old_ca);
  EXPECT_THAT(pass().news, IsEmpty());
}

TEST_F(SelfSigned, TrustsBothUntilTheLastPodDoes) {
  pass();
  roll();
  state.replace_ca = "now";
  pass();
  clock.advance(days{5});
  EXPECT_EQ(pass().phase, Phase::kTrusting);
  pods = {{{2, 1}, false}, {{1, 1}, false}};
  EXPECT_EQ(pass().phase, Phase::kTrusting);
  pods = {{{2, 1}, false}, {{1, 1}, true}};
  EXPECT_EQ(pass().phase, Phase::kTrusting) << "a pod that drains still calls others";
  roll();
  EXPECT_EQ(pass().phase, Phase::kReissuing);
}

TEST_F(SelfSigned, GivesClientsThatMountTheBundleTimeToLearnOfTheNewCa) {
  pass();
  state.replace_ca = "now";
  auto plan = pass();
  roll();
  EXPECT_EQ(plan.look_again, clock.wall() + kKnownBefore);
  clock.advance(kKnownBefore - seconds{1});
  EXPECT_EQ(pass().phase, Phase::kTrusting);
  clock.advance(seconds{1});
  EXPECT_EQ(pass().phase, Phase::kReissuing);
}

TEST_F(SelfSigned, KeepsTheOldCaUntilThePodsHaveTheNewLeaf) {
  pass();
  roll();
  state.replace_ca = "now";
  pass();
  roll();
  clock.advance(kKnownBefore);
  ASSERT_EQ(pass().phase, Phase::kReissuing);
  pods = {{{2, 2}, false}, {{2, 1}, false}};
  EXPECT_EQ(pass().phase, Phase::kReissuing);
  EXPECT_THAT(trusted(state.material.bundle), ElementsAre(2, 1));
}

TEST_F(SelfSigned, NeedsNoPodsToReplaceTheCaOfWhatIsScaledToNothing) {
  pass();
  pods.clear();
  state.replace_ca = "now";
  pass();
  clock.advance(kKnownBefore);
  pass();
  EXPECT_EQ(pass().phase, Phase::kStable);
  EXPECT_EQ(generation_of(ca()), 2);
}

TEST_F(SelfSigned, ReplacesACaThirtyDaysBeforeItsEnd) {
  pass();
  roll();
  while (clock.wall() < WallTime{} + days{400}) {
    const auto plan = pass_when_due();
    EXPECT_GT(plan.not_after, clock.wall()) << "never without a good certificate";
    if (plan.phase != Phase::kStable) break;
  }
  EXPECT_EQ(clock.wall(), ca().not_after() - kReplacedBefore);
  const auto plan = settle();
  EXPECT_EQ(plan.material.generations, (Generations{2, 2}));
  EXPECT_GT(plan.not_after, clock.wall() + days{89});
}

TEST_F(SelfSigned, GoesOnForTenYearsWithoutAGap) {
  pass();
  roll();
  const auto end = clock.wall() + days{3650};
  int passes = 0;
  for (; clock.wall() < end && passes < 1000; ++passes) {
    const auto plan = pass_when_due();
    ASSERT_GT(plan.not_after, clock.wall());
    ASSERT_TRUE(leaf().is_signed_by(ca()));
    roll();
  }
  EXPECT_LT(passes, 150) << "it looks only when there is something to do";
  EXPECT_GE(generation_of(ca()), 10);
}

TEST_F(SelfSigned, RenewsByTheOldCaWhileTheNewOneIsNotTrustedEverywhere) {
  pass();
  roll();
  state.replace_ca = "now";
  pass();  // and then the roll-out hangs
  clock.advance(days{60});
  const auto plan = pass();
  EXPECT_EQ(plan.phase, Phase::kTrusting);
  EXPECT_THAT(plan.news, ElementsAre("CertificateRenewed"));
  EXPECT_TRUE(leaf().is_signed_by(ca()));
  EXPECT_EQ(generation_of(ca()), 1);
}

TEST_F(SelfSigned, DoesNotRenewAgainAndAgainALeafThatEndsWithItsCa) {
  pass();
  roll();
  state.replace_ca = "now";
  pass();
  clock.advance(days{340});
  EXPECT_THAT(pass().news, ElementsAre("CertificateRenewed"));
  EXPECT_THAT(pass().news, IsEmpty());
  clock.advance(days{1});
  const auto plan = pass();
  EXPECT_THAT(plan.news, IsEmpty());
  EXPECT_EQ(plan.look_again, ca().not_after());
}

TEST_F(SelfSigned, WaitsForNobodyWhenTheOldCaHasEnded) {
  pass();
  roll();
  clock.advance(days{366});
  const auto plan = pass();
  EXPECT_EQ(plan.phase, Phase::kReissuing);
  EXPECT_EQ(plan.material.generations, (Generations{2, 2}));
  EXPECT_GT(leaf().not_after(), clock.wall());
}

// --- what a person asks for

TEST_F(SelfSigned, RenewsOnceForEachNewValueOfForceRenew) {
  state.renew = "first";
  EXPECT_THAT(pass().news, ElementsAre("CertificateIssued")) << "there was nothing to renew yet";
  EXPECT_THAT(pass().news, IsEmpty());
  state.renew = "second";
  EXPECT_THAT(pass().news, ElementsAre("CertificateRenewed"));
  EXPECT_EQ(state.material.renewed, "second");
  EXPECT_THAT(pass().news, IsEmpty());
  state.renew = "";
  EXPECT_THAT(pass().news, IsEmpty()) << "to take the annotation away asks for nothing";
}

TEST_F(SelfSigned, ReplacesTheCaOnceForEachNewValueOfForceReplaceCa) {
  state.replace_ca = "first";
  EXPECT_EQ(pass().phase, Phase::kStable) << "there was nothing to replace yet";
  roll();
  state.replace_ca = "second";
  EXPECT_EQ(settle().material.generations, (Generations{2, 2}));
  EXPECT_EQ(settle().material.generations, (Generations{2, 2}));
}

TEST_F(SelfSigned, ActsOnARequestThatComesDuringAReplacementWhenThatIsDone) {
  pass();
  roll();
  state.replace_ca = "first";
  pass();
  state.replace_ca = "second";
  EXPECT_EQ(settle().material.generations, (Generations{2, 2}));
  EXPECT_EQ(pass().phase, Phase::kTrusting);
  EXPECT_EQ(deployed, (Generations{3, 2}));
}

// --- losses

TEST_F(SelfSigned, ReplacesACaWhoseSecretIsLostWithoutBreakingTrust) {
  pass();
  roll();
  const auto old_leaf = leaf();
  state.material.authorities.clear();
  state.material.replaced.clear();
  auto plan = pass();
  EXPECT_EQ(plan.phase, Phase::kTrusting);
  EXPECT_EQ(leaf(), old_leaf);
  EXPECT_THAT(trusted(plan.material.bundle), ElementsAre(2, 1));
  EXPECT_FALSE(plan.material.authorities.contains("ca.key"));
  plan = settle();
  EXPECT_EQ(plan.material.generations, (Generations{2, 2}));
  EXPECT_TRUE(plan.material.authorities.contains("ca.key"));
}

TEST_F(SelfSigned, ReplacesACaWhoseKeyIsNotItsOwn) {
  pass();
  roll();
  state.material.authorities["ca.key"] = must(PrivateKey::make()).pem();
  EXPECT_EQ(pass().phase, Phase::kTrusting);
  EXPECT_EQ(settle().material.generations, (Generations{2, 2}));
}

TEST_F(SelfSigned, SignsAtOnceWithANewCaWhenBothKeyAndLeafAreLost) {
  pass();
  roll();
  state.material.authorities.clear();
  state.material.leaf.clear();
  const auto plan = pass();
  EXPECT_EQ(plan.phase, Phase::kReissuing);
  EXPECT_TRUE(leaf().is_signed_by(ca()));
  EXPECT_EQ(generation_of(ca()), 2);
}

TEST_F(SelfSigned, BeginsAnewUnderAnotherNameWhenAllIsLost) {
  pass();
  roll();
  const auto old_name = ca().subject();
  state.material = {};
  const auto plan = pass();
  EXPECT_EQ(plan.phase, Phase::kStable);
  EXPECT_NE(ca().subject(), old_name);
  EXPECT_EQ(plan.material.generations, (Generations{2, 2}));
}

TEST_F(SelfSigned, PutsTheBundleBackWhenItIsLost) {
  pass();
  const auto bundle = state.material.bundle;
  state.material.bundle.clear();
  EXPECT_EQ(pass().material.bundle, bundle);
}

// --- any step may be the last one of an operator, and only half of it written

struct CrashCase {
  std::string name;
  bool authorities, bundle, leaf, template_;  ///< what was written before it died
};

void PrintTo(const CrashCase& row, std::ostream* out) { *out << row.name; }

class Crash : public SelfSigned, public ::testing::WithParamInterface<CrashCase> {
 protected:
  /// A pass of which only a part is written.
  void crash() {
    play_pods();
    const auto plan = must(plan_self_signed(state, clock.wall()));
    if (GetParam().authorities) {
      state.material.authorities = plan.material.authorities;
      state.material.replaced = plan.material.replaced;
    }
    if (GetParam().bundle) state.material.bundle = plan.material.bundle;
    if (GetParam().leaf) {
      state.material.leaf = plan.material.leaf;
      state.material.renewed = plan.material.renewed;
    }
    if (GetParam().template_) deployed = plan.material.generations;
  }
};

TEST_P(Crash, AtAnyStepIsResumedAndEndsWithOneCaAndALeafOfIt) {
  crash();  // of the first issue
  pass();
  roll();
  state.replace_ca = "now";
  crash();
  for (int step = 0; step < 6; ++step) {
    const auto plan = pass();
    EXPECT_TRUE(leaf().is_signed_by(ca()));
    for (const auto& each : must(Certificate::parse_all(state.material.bundle)))
      EXPECT_GT(generation_of(each), 0);
    clock.advance(kKnownBefore);
    roll();
    crash();
    if (plan.phase == Phase::kStable && state.material.replaced == "now") break;
  }
  const auto plan = settle();
  EXPECT_EQ(plan.material.replaced, "now");
  const auto generation = generation_of(ca());
  EXPECT_GT(generation, 1);
  EXPECT_EQ(plan.material.generations, (Generations{generation, generation}));
  EXPECT_THAT(trusted(plan.material.bundle), ElementsAre(generation));
  EXPECT_TRUE(leaf().is_signed_by(ca()));
}

INSTANTIATE_TEST_SUITE_P(
    Writes, Crash,
    ::testing::Values(CrashCase{"BeforeAll", false, false, false, false},
                      CrashCase{"AfterTheCa", true, false, false, false},
                      CrashCase{"AfterTheBundle", true, true, false, false},
                      CrashCase{"AfterTheLeaf", true, true, true, false},
                      CrashCase{"AfterTheDeployment", true, true, true, true},
                      // A write that the server refuses is no reason to leave out others.
                      CrashCase{"WithoutTheCa", false, true, true, true}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace promptsales::controllers::tls
