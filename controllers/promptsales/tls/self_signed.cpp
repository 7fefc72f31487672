#include "controllers/promptsales/tls/self_signed.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace promptsales::controllers::tls {
namespace {

/// A new leaf that lasts hardly longer than the one that is there is not worth making.
constexpr std::chrono::hours kWorthwhile{1};

bool is_due(const Certificate& certificate, WallTime now) {
  return now >= certificate.not_after() - kReplacedBefore;
}
bool has_ended(const Certificate& certificate, WallTime now) { return now >= certificate.not_after(); }

/// A request is a new value; taking the annotation away asks for nothing.
bool is_new(const std::string& asked, const std::string& handled) {
  return !asked.empty() && asked != handled;
}

Result<Authority> a_new_authority(const SelfSignedState& state, std::int64_t generation, WallTime now) {
  AuthorityName name = state.authority_name;
  name.generation = generation;
  auto made = make_authority(name, now);
  if (!made) return Failure{made.error()};
  return Authority{made->certificate, made->key};
}

/// The CA that the bundle still names when the Secret with its key is lost. Of several the newest: pods trust
/// it, and nothing older needs to be kept.
std::optional<Certificate> left_in(const std::string& bundle) {
  const auto parsed = Certificate::parse_all(bundle);
  if (!parsed) return std::nullopt;
  std::optional<Certificate> newest;
  for (const Certificate& each : *parsed)
    if (each.is_ca() && (!newest || generation_of(each) > generation_of(*newest))) newest = each;
  return newest;
}

/// The leaf that there is, if a server can use it.
std::optional<Issued> leaf_in(const Entries& secret) {
  const auto certificate = secret.find("tls.crt");
  const auto key = secret.find("tls.key");
  if (certificate == secret.end() || key == secret.end()) return std::nullopt;
  const auto chain = Certificate::parse_all(certificate->second);
  const auto parsed = PrivateKey::parse(key->second);
  if (!chain || chain->size() != 1 || !parsed || !chain->front().belongs_to(*parsed)) return std::nullopt;
  return Issued{chain->front(), *parsed};
}

bool has_names(const Certificate& leaf, const LeafName& wanted) {
  return leaf.dns_names() == wanted.dns_names && leaf.uris() == std::vector{wanted.uri};
}

/// The step of one pass, as it comes about.
class Step {
 public:
  Step(const SelfSignedState& state, WallTime now)
      : state_(state), now_(now), leaf_(leaf_in(state.material.leaf)) {
    plan_.material.renewed = state.material.renewed;
    plan_.material.replaced = state.material.replaced;
  }

  Result<SelfSignedPlan> take() {
    for (auto step : {&Step::find_authorities, &Step::replace_authority, &Step::bring_leaf})
      if (auto done = (this->*step)(); !done) return Failure{done.error()};
    return finish();
  }

 private:
  Result<void> find_authorities() {
    authorities_ = authorities_in(state_.material.authorities);
    if (authorities_) return {};
    if (const auto left = left_in(state_.material.bundle)) {
      authorities_ = Authorities{{*left, std::nullopt}, std::nullopt, std::nullopt};
      return {};
    }
    auto first = a_new_authority(state_, state_.fleet.newest() + 1, now_);
    if (!first) return Failure{first.error()};
    authorities_ = Authorities{*first, std::nullopt, std::nullopt};
    plan_.material.replaced = state_.replace_ca;
    return {};
  }

  /// One phase on, where that is possible.
  Result<void> replace_authority() {
    if (!authorities_->next && !authorities_->old && wants_another_authority()) {
      auto next = a_new_authority(state_, std::max(authorities_->newest(), state_.fleet.newest()) + 1, now_);
      if (!next) return Failure{next.error()};
      authorities_->next = *next;
      plan_.material.replaced = state_.replace_ca;
    }
    if (authorities_->next && may_sign_with_next()) {
      authorities_->old = authorities_->current.certificate;
      authorities_->current = *std::exchange(authorities_->next, std::nullopt);
    } else if (authorities_->old &&
               state_.fleet.serves_alone(generation_of(authorities_->current.certificate)) && leaf_ &&
               is_from(authorities_->current.certificate)) {
      authorities_->old.reset();
      plan_.news.emplace_back("CAReplaced");
    }
    return {};
  }

  [[nodiscard]] bool wants_another_authority() const {
    const Authority& current = authorities_->current;
    return !current.key || is_due(current.certificate, now_) ||
           is_new(state_.replace_ca, plan_.material.replaced);
  }

  [[nodiscard]] bool may_sign_with_next() const {
    const Authority& current = authorities_->current;
    const bool current_is_of_use =
        !has_ended(current.certificate, now_) && (current.key || (leaf_ && is_from(current.certificate)));
    if (!current_is_of_use) return true;
    const Certificate& next = authorities_->next->certificate;
    return now_ >= known_since(next) + kKnownBefore && state_.fleet.trusts(generation_of(next));
  }

  [[nodiscard]] static WallTime known_since(const Certificate& authority) {
    return authority.not_before() + kBackdated;
  }

  [[nodiscard]] bool is_from(const Certificate& authority) const {
    return leaf_->certificate.names_as_issuer(authority) && !has_ended(leaf_->certificate, now_);
  }

  Result<void> bring_leaf() {
    const Authority& current = authorities_->current;
    if (!needs_a_leaf() || !current.key) return {};
    auto made = make_leaf({current.certificate, *current.key}, state_.leaf_name, now_);
    if (!made) return Failure{made.error()};
    plan_.news.emplace_back(state_.material.leaf.empty() ? "CertificateIssued" : "CertificateRenewed");
    plan_.material.renewed = state_.renew;
    leaf_ = *std::move(made);
    return {};
  }

  [[nodiscard]] bool needs_a_leaf() const {
    const Certificate& authority = authorities_->current.certificate;
    if (!leaf_ || !is_from(authority) || !has_names(leaf_->certificate, state_.leaf_name)) return true;
    if (is_new(state_.renew, state_.material.renewed)) return true;
    const auto new_end = std::min<WallTime>(now_ + kLeafLife, authority.not_after());
    return is_due(leaf_->certificate, now_) && new_end > leaf_->certificate.not_after() + kWorthwhile;
  }

  [[nodiscard]] Phase phase() const {
    if (authorities_->next) return Phase::kTrusting;
    if (!authorities_->old) return Phase::kStable;
    const auto generation = generation_of(authorities_->current.certificate);
    return state_.fleet.serves(generation) ? Phase::kRetiring : Phase::kReissuing;
  }

  [[nodiscard]] WallTime look_again() const {
    const Certificate& authority = authorities_->current.certificate;
    if (authorities_->next) {
      const auto known = known_since(authorities_->next->certificate) + kKnownBefore;
      if (known > now_) return known;
    }
    const auto leaf_due = leaf_->certificate.not_after() - kReplacedBefore;
    const auto authority_due = authority.not_after() - kReplacedBefore;
    const auto next = std::min(leaf_due, authority_due);
    // What is due and still not done waits for pods, whose changes are told.
    return next > now_ ? next : std::max(now_, authority.not_after());
  }

  Result<SelfSignedPlan> finish() {
    // Only a CA without a key and a leaf that is not from it has none; then the next one signs at once.
    PS_CHECK(leaf_);
    Material& material = plan_.material;
    material.authorities = entries_of(*authorities_);
    material.bundle = authorities_->bundle();
    material.leaf = {
        {"tls.crt", leaf_->certificate.pem()}, {"tls.key", leaf_->key.pem()}, {"ca.crt", material.bundle}};
    material.generations = {authorities_->newest(), generation_of(authorities_->current.certificate)};
    plan_.phase = phase();
    plan_.not_after = leaf_->certificate.not_after();
    plan_.authority_not_after = authorities_->current.certificate.not_after();
    plan_.look_again = look_again();
    return std::move(plan_);
  }

  const SelfSignedState& state_;
  const WallTime now_;
  std::optional<Authorities> authorities_;  ///< after find_authorities
  std::optional<Issued> leaf_;
  SelfSignedPlan plan_;
};

}  // namespace

std::string_view text_of(Phase phase) {
  switch (phase) {
    case Phase::kStable:
      return "Stable";
    case Phase::kTrusting:
      return "Trusting";
    case Phase::kReissuing:
      return "Reissuing";
    case Phase::kRetiring:
      return "Retiring";
  }
  return "";
}

Result<SelfSignedPlan> plan_self_signed(const SelfSignedState& state, WallTime now) {
  return Step{state, now}.take();
}

}  // namespace promptsales::controllers::tls
