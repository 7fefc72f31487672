#include "controllers/promptsales/tls/certifier.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "controllers/promptsales/bindings/entries.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/tls/given_bundle.hpp"
#include "controllers/promptsales/tls/issuance.hpp"
#include "controllers/promptsales/tls/names.hpp"
#include "controllers/promptsales/tls/waiting.hpp"
#include "operator/k8s/annotation.hpp"
#include "operator/k8s/digest.hpp"
#include "operator/k8s/time.hpp"

namespace promptsales::controllers::tls {
namespace {

using namespace k8s::kinds;
using k8s::annotation;
using std::chrono::milliseconds;

/// A certificate that is renewed kReplacedBefore its end and has so little left has not been renewed: a third
/// of that time.
constexpr days kSoon{10};
/// People need longer than machines.
constexpr days kSoonForPeople{30};

Entries entries_in(const k8s::ProjectionPtr& secret) {
  return secret ? bindings::entries_in(secret->document()) : Entries{};
}

std::string annotation(const PromptSales& app, const char* name) {
  const auto found = app.annotations.find(name);
  return found == app.annotations.end() ? "" : found->second;
}

/// Stands for what the objects hold, so that what has just been planned is recognised when it has been written.
std::string fingerprint(const Material& material) {
  return k8s::digest_of(material.leaf) + k8s::digest_of(material.authorities) +
         k8s::sha256_hex(material.bundle) + " " + material.renewed + " " + material.replaced;
}

}  // namespace

Result<void> Certifier::certify(Pass& pass) {
  switch (pass.inputs.effective.tls) {
    case TlsType::kSelfSigned:
      return sign_own(pass);
    case TlsType::kSecret:
      return take_given(pass);
    case TlsType::kCertManager:
      return take_ordered(pass);
    case TlsType::kDisabled:
      break;
  }
  metrics_.certificates_gone(pass.app.key.namespace_, pass.app.key.name);
  return {};
}

void Certifier::forget(const k8s::ObjectKey& key, const std::string& app_uid) {
  settled_.with([&](auto& settled) { settled.erase(app_uid); });
  metrics_.certificates_gone(key.namespace_, key.name);
}

/// An object of ours, or nothing: of what others have put under its name only the child's writer speaks.
k8s::ProjectionPtr Certifier::own(const Pass& pass, const k8s::Kind& kind, const std::string& suffix) const {
  auto object = caches_.of(kind).find({pass.app.key.namespace_, pass.app.key.name + suffix});
  return object && object->owner_uid == pass.app.uid ? object : nullptr;
}

Fleet Certifier::fleet_of(const PromptSales& app) const {
  const auto& [ns, name] = app.key;
  const auto deployment = caches_.of(kDeployment).find({ns, child_name(app, Component::kBackend)});
  std::vector<Object> pods;
  for (const auto& pod : caches_.of(kPod).of_app(ns, name)) {
    Object document = pod->document();
    const Json* labels = k8s::at_path(document, {"metadata", "labels"});
    if (labels && k8s::string_at(*labels, {"app.kubernetes.io/component"}) == text_of(Component::kBackend))
      pods.push_back(std::move(document));
  }
  if (!deployment) return {nullptr, pods};
  const Object document = deployment->document();
  return {&document, pods};
}

/// What the spec said of the certificate that pods are made for.
std::string Certifier::served(const PromptSales& app) const {
  const auto deployment =
      caches_.of(kDeployment).find({app.key.namespace_, child_name(app, Component::kBackend)});
  if (!deployment) return "";
  return k8s::string_at(deployment->document(), {"spec", "template", "metadata", "annotations", kAskedFor});
}

Result<void> Certifier::complete() const {
  for (const auto* kind : {&kSecret, &kConfigMap, &kDeployment, &kPod})
    if (auto known = caches_.complete(*kind); !known) return known;
  return {};
}

Result<void> Certifier::take_given(Pass& pass) {
  if (auto known = complete(); !known) return known;
  const auto& secret = pass.app.spec.tls->secret_ref;
  PS_CHECK(secret);  // check_spec sees to that
  if (const auto problem = copy(pass, secret->name, required_names(pass.app), kSoonForPeople))
    keep(pass, {Readiness::State::kFailed, problem->reason, problem->message}, problem->retry_after);
  return {};
}

Result<void> Certifier::take_ordered(Pass& pass) {
  if (auto known = complete(); !known) return known;
  const auto& issuer = pass.app.spec.tls->issuer_ref;
  PS_CHECK(issuer);  // check_spec sees to that
  if (const auto served = caches_.complete(kCertificate); !served) {
    keep(pass,
         {Readiness::State::kFailed, served.error().reason,
          served.error().message + " (cert-manager), or choose another spec.tls.type"},
         served.error().retry_after);
    return {};
  }
  const Order order{.issuer = issuer->name,
                    .issuer_kind = std::string{text_of(issuer->kind.value_or(IssuerKind::kIssuer))},
                    .issuer_group = issuer->group.value_or("cert-manager.io"),
                    .dns_names = ordered_names(pass.app),
                    .uris = ordered_identities(pass.app)};
  pass.inputs.tls_order = order;
  const auto problem = issuance_problem_of(order, pass);
  const auto refused = copy(pass, pass.app.key.name + "-certmanager-tls", order.dns_names, kSoon);
  if (problem && refused) keep(pass, *problem, refused->retry_after);
  if (problem && !refused) {  // the certificate is still that of the former order
    pass.tls->readiness = *problem;
    pass.inputs.tls->asked_for = served(pass.app);
  }
  if (!problem && refused) {
    // It says Ready a moment before its Secret is there to be read.
    const auto state =
        refused->reason == "SecretMissing" ? Readiness::State::kProgressing : Readiness::State::kFailed;
    keep(pass, {state, refused->reason, refused->message}, refused->retry_after);
  }
  return {};
}

std::optional<Readiness> Certifier::issuance_problem_of(const Order& order, Pass& pass) const {
  const auto certificate =
      caches_.of(kCertificate).find({pass.app.key.namespace_, child_name(pass.app, Component::kTls)});
  std::optional<Object> document;
  if (certificate && certificate->owner_uid == pass.app.uid) document = certificate->document();
  const bool is_cluster_wide = order.issuer_kind == kClusterIssuer.kind;
  const k8s::Kind& kind = is_cluster_wide ? kClusterIssuer : kIssuer;
  const k8s::ObjectKey key{is_cluster_wide ? "" : pass.app.key.namespace_, order.issuer};
  std::optional<Object> issuer;
  // An issuer of another group says how it is in a form of its own.
  const bool known = order.issuer_group == kIssuer.group && caches_.complete(kind).has_value();
  if (known) {
    pass.references.insert({&kind, key});
    references_.add(pass.app.key, {&kind, key});
    if (const auto found = caches_.of(kind).find(key)) issuer = found->document();
  }
  return issuance_problem(order, document ? &*document : nullptr, issuer ? &*issuer : nullptr, known);
}

/// Makes the pair in a Secret of others the one in use, or says what is wrong with it.
std::optional<Error> Certifier::copy(Pass& pass, const std::string& name,
                                     const std::vector<std::string>& hosts, days soon) {
  const auto& ns = pass.app.key.namespace_;
  const std::string what = "Secret " + ns + "/" + name;
  pass.references.insert({&kSecret, {ns, name}});
  const auto secret = referenced_.read(pass.app.key, kSecret, name);
  if (!secret) {
    Error unread = in_context(what, secret.error());
    if (unread.remedy != Remedy::kWaitForChange)
      unread.retry_after = unread.retry_after.value_or(kAskedAgain);
    return unread;
  }
  if (!*secret)
    return Error{Remedy::kWaitForChange, "SecretMissing",
                 what + " does not exist: create it with tls.crt (leaf first) and tls.key"};
  Entries entries = entries_in(*secret);
  const auto now = clock_.wall();
  const auto checked = check_pair(entries, hosts, now);
  if (!checked) return in_context(what, checked.error());

  Material material{.leaf = {{"tls.crt", entries["tls.crt"]},
                             {"tls.key", entries["tls.key"]},
                             {"ca.crt", entries["ca.crt"]}},
                    .asked_for = asked_for(pass.app)};
  const Entries before = entries_in(own(pass, kSecret, "-tls"));
  Report report{.message = "the backend serves HTTPS with the certificate of " + what + " until " +
                           k8s::time_text(checked->not_after),
                .expires_soon = checked->not_after - now < soon,
                .not_after = k8s::time_text(checked->not_after)};
  if (before != material.leaf)
    report.news.emplace_back(before.empty() ? "CertificateIssued" : "CertificateRenewed");
  metrics_.certificates_gone(ns, pass.app.key.name);  // of a CA that was ours before
  metrics_.certificate_expires(ns, pass.app.key.name, "server", checked->not_after);
  const auto warn_at = checked->not_after - soon;
  pass.look_again_in(until(warn_at > now ? warn_at : checked->not_after, now));
  pass.tls = std::move(report);
  pass.inputs.tls = std::move(material);
  return std::nullopt;
}

/// What is in use stays in use, whatever it came from; without anything the backend waits.
void Certifier::keep(Pass& pass, Readiness why, std::optional<milliseconds> look_again) {
  if (look_again) pass.look_again_in(bounded(*look_again));
  Report report{.readiness = std::move(why)};
  Entries leaf = entries_in(own(pass, kSecret, "-tls"));
  if (leaf.empty()) {
    pass.backend_held = true;
    report.readiness.message += "; the backend waits for a certificate";
    pass.tls = std::move(report);
    return;
  }
  if (const auto chain = Certificate::parse_all(leaf["tls.crt"]); chain && !chain->empty()) {
    report.not_after = k8s::time_text(chain->front().not_after());
    report.readiness.message += "; the former certificate stays in use, until " + report.not_after;
    metrics_.certificate_expires(pass.app.key.namespace_, pass.app.key.name, "server",
                                 chain->front().not_after());
  }
  const auto authority = own(pass, kSecret, "-ca");
  const auto bundle = own(pass, kConfigMap, "-ca-bundle");
  pass.inputs.tls = Material{.leaf = std::move(leaf),
                             .authorities = entries_in(authority),
                             .bundle = bundle ? own_part(bundle->document()) : "",
                             .renewed = annotation(own(pass, kSecret, "-tls"), kRenewed),
                             .replaced = annotation(authority, kReplaced),
                             .generations = fleet_of(pass.app).wanted(),
                             .asked_for = served(pass.app)};
  pass.tls = std::move(report);
}

Result<void> Certifier::sign_own(Pass& pass) {
  if (auto known = complete(); !known) return known;
  const auto authority = own(pass, kSecret, "-ca");
  const auto bundle = own(pass, kConfigMap, "-ca-bundle");
  const auto leaf = own(pass, kSecret, "-tls");
  SelfSignedState state{
      .material = {.leaf = entries_in(leaf),
                   .authorities = entries_in(authority),
                   .bundle = bundle ? own_part(bundle->document()) : "",
                   .renewed = annotation(leaf, kRenewed),
                   .replaced = annotation(authority, kReplaced),
                   .generations = {}},
      .renew = annotation(pass.app, kForceRenew),
      .replace_ca = annotation(pass.app, kForceReplaceCa),
      .fleet = {},
      .authority_name = {pass.app.key.namespace_, pass.app.key.name, pass.app.uid},
      .leaf_name = {child_name(pass.app, Component::kBackend), own_names(pass.app), identity_of(pass.app)}};
  const auto now = clock_.wall();

  const std::string asked =
      std::to_string(pass.app.generation) + " " + state.renew + " " + state.replace_ca + " ";
  const auto settled = settled_.with([&](auto& all) {
    const auto found = all.find(pass.app.uid);
    const bool holds = found != all.end() && found->second.state == asked + fingerprint(state.material) &&
                       now < found->second.until;
    return holds ? std::optional{found->second} : std::nullopt;
  });
  if (settled) {
    state.material.generations = settled->generations;
    report_own(pass, {.material = std::move(state.material),
                      .not_after = settled->not_after,
                      .authority_not_after = settled->authority_not_after,
                      .look_again = settled->until});
    return {};
  }

  state.fleet = fleet_of(pass.app);
  auto plan = plan_self_signed(state, now);
  if (!plan) return Failure{plan.error()};
  settled_.with([&](auto& all) {
    if (plan->phase == Phase::kStable)
      all[pass.app.uid] = {asked + fingerprint(plan->material), plan->material.generations, plan->not_after,
                           plan->authority_not_after, plan->look_again};
    else
      all.erase(pass.app.uid);
  });
  report_own(pass, *std::move(plan));
  return {};
}

void Certifier::report_own(Pass& pass, SelfSignedPlan plan) {
  const auto now = clock_.wall();
  const auto& [ns, name] = pass.app.key;
  metrics_.certificate_expires(ns, name, "server", plan.not_after);
  metrics_.certificate_expires(ns, name, "ca", plan.authority_not_after);
  Report report{.message = "the backend serves HTTPS with a certificate of its own CA until " +
                           k8s::time_text(plan.not_after) + "; it is renewed " +
                           std::to_string(kReplacedBefore.count()) + " days before",
                .expires_soon = plan.not_after - now < kSoon,
                .not_after = k8s::time_text(plan.not_after),
                .ca_generation = plan.material.generations.certificate,
                .phase = std::string{text_of(plan.phase)},
                .news = std::move(plan.news)};
  if (plan.phase != Phase::kStable)
    report.message = "the CA is being replaced (" + report.phase +
                     "); the certificate in use is good until " + report.not_after;
  pass.tls = std::move(report);
  pass.look_again_in(until(plan.look_again, now));
  pass.inputs.tls = std::move(plan.material);
  pass.inputs.tls->asked_for = asked_for(pass.app);
}

}  // namespace promptsales::controllers::tls
