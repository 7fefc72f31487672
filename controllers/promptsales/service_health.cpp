#include "controllers/promptsales/service_health.hpp"

#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rollout.hpp"
#include "operator/k8s/conditions.hpp"

namespace promptsales::controllers {
namespace {

using k8s::string_at;

constexpr std::array kServices{Component::kDatabase, Component::kCache, Component::kMessaging};
constexpr std::size_t kLongestError = 400;

/// Whether pods know how such a service is, and the operator does not.
bool is_for_pods_to_say(Component component, const bindings::Entries& entries) {
  return std::ranges::find(kServices, component) != kServices.end() &&
         bindings::value_of(entries, "provider") != bindings::kEmbedded;
}

/// Whether its program may answer: it may have ended, and not have begun.
bool runs(const Object& pod) {
  const Json* containers = k8s::at_path(pod, {"status", "containerStatuses"});
  return !k8s::at_path(pod, {"metadata", "deletionTimestamp"}) && containers &&
         std::ranges::any_of(*containers, [](const Json& each) {
           return k8s::at_path(each, {"state", "running"}) != nullptr;
         });
}

const char* condition_of(Component component) {
  if (component == Component::kDatabase) return "DatabaseReady";
  return component == Component::kCache ? "CacheReady" : "MessagingReady";
}

std::string words_for(Component component) {
  return (component == Component::kMessaging ? "" : "the ") + std::string{text_of(component)};
}

/// By the `cause` that the backend gives (docs/backend.md).
std::string_view reason_for(std::string_view cause) {
  if (cause == "LoginRefused") return kLoginRefused;
  return cause == "Unreachable" ? kServiceUnreachable : kServiceUnusable;
}

bool is_word_of_pods(std::string_view reason) {
  return reason == kLoginRefused || reason == kServiceUnreachable || reason == kServiceUnusable;
}

Readiness connecting(Component component) {
  return {Readiness::State::kProgressing, std::string{kConnecting},
          "no pod of the backend has connected to " + words_for(component) + " yet"};
}

}  // namespace

runtime::PeerPoll::Peers pods_to_ask(const std::vector<Object>& pods, const PromptSales& app) {
  std::vector<const Object*> ours;
  for (const Object& pod : pods) {
    const bool is_backend = component_of(pod) == Component::kBackend &&
                            string_at(pod, {"metadata", "labels", "promptsales.io/name"}) == app.key.name;
    if (is_backend && runs(pod) && !string_at(pod, {"status", "podIP"}).empty()) ours.push_back(&pod);
  }
  const auto age =
      [](const Object* pod) {  // names make the order of those of one second the same in each pass
        return std::pair{string_at(*pod, {"metadata", "creationTimestamp"}),
                         string_at(*pod, {"metadata", "name"})};
      };
  std::ranges::sort(ours, std::ranges::greater{}, age);
  runtime::PeerPoll::Peers peers;
  for (const Object* pod : ours) {
    const std::string revision = string_at(*pod, {"metadata", "labels", "pod-template-hash"});
    if (peers.addresses.empty()) peers.group = revision;
    if (revision != peers.group) continue;
    peers.addresses.push_back(string_at(*pod, {"status", "podIP"}));
    peers.expected = peers.expected || k8s::has_condition(*pod, "Ready");  // probed by the kubelet
  }
  return peers;
}

std::optional<std::string> word_of(const std::string& readyz) {
  const Json body = Json::parse(readyz, nullptr, /*allow_exceptions=*/false);
  if (!k8s::at_path(body, {"ready"})) return std::nullopt;  // of a proxy in front of the pod, for instance
  Json word = Json::object();
  for (const Component component : kServices) {
    const std::string name{text_of(component)};
    const Json* service = k8s::at_path(body, {name.c_str()});
    const Json* reachable = service ? k8s::at_path(*service, {"reachable"}) : nullptr;
    if (!reachable) continue;  // not bound, or of a version that does not say
    if (*reachable != false) {
      if (const std::string refused = string_at(*service, {"login_refused"}); !refused.empty())
        word[name] = {
            {"error", cut_text(refused, kLongestError)}, {"cause", "LoginRefused"}, {"serves", true}};
      continue;
    }
    const std::string error = string_at(*service, {"error"});
    if (error.empty()) return std::nullopt;
    word[name] = {{"error", cut_text(error, kLongestError)}};
    if (const std::string cause = string_at(*service, {"cause"}); !cause.empty())
      word[name]["cause"] = cut_text(cause, kLongestError);
  }
  return word.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Readiness> service_problem(Component component, const runtime::PeerPoll::Known& known,
                                         const Json* former, bool pods_to_come) {
  const std::string name{text_of(component)};
  if (known.word) {
    const Json word = Json::parse(*known.word, nullptr, /*allow_exceptions=*/false);
    if (!word.contains(name)) return std::nullopt;
    const Json& said = word.at(name);
    const std::string how = said.contains("serves") ? "pods go on with the connections that they have to " +
                                                          words_for(component) + ", and get no other"
                                                    : "pods cannot use " + words_for(component);
    return Readiness{Readiness::State::kFailed, std::string{reason_for(string_at(said, {"cause"}))},
                     how + ": " + string_at(said, {"error"})};
  }
  const std::string said = former ? string_at(*former, {"reason"}) : "";
  // Another operator process, or other pods: what was said holds until they say otherwise.
  if (known.asking && is_word_of_pods(said))
    return Readiness{Readiness::State::kFailed, said, string_at(*former, {"message"})};
  if (former && string_at(*former, {"status"}) == "True") return std::nullopt;
  if (known.asking || pods_to_come) return connecting(component);
  return std::nullopt;
}

std::optional<Readiness> login_problem(Component component, const runtime::PeerPoll::Known& known,
                                       const Json* former, const std::string& binding) {
  auto problem = service_problem(component, known, former, /*pods_to_come=*/false);
  if (!problem || problem->reason != kLoginRefused) return std::nullopt;
  if (known.word) problem->message += " (the login is that of Secret " + binding + ")";
  return problem;
}

bool uses_services_of_others(const Inputs& inputs) {
  return std::ranges::any_of(inputs.bindings,
                             [](const auto& each) { return is_for_pods_to_say(each.first, each.second); });
}

void ask_pods(Pass& pass, const std::vector<Object>& pods, runtime::PeerPoll& poll) {
  auto peers = pods_to_ask(pods, pass.app);
  peers.at_ease = !uses_services_of_others(pass.inputs);
  const auto known = poll.ask(pass.app.key, std::move(peers));
  const bool all_bound = std::ranges::all_of(
      pass.bindings, [&](const auto& each) { return pass.inputs.bindings.contains(each.first); });
  const bool serves = pass.deployment && deployment_readiness(*pass.deployment, pass.inputs, {}).ready();
  const bool pods_to_come = all_bound && !pass.backend_held && !serves;
  const Json* ready = k8s::condition_in(pass.app.status, "Ready");
  const bool was_ready = ready && string_at(*ready, {"status"}) == "True";
  for (const auto& [component, entries] : pass.inputs.bindings) {
    const Json* former = k8s::condition_in(pass.app.status, condition_of(component));
    if (!is_for_pods_to_say(component, entries)) {
      auto problem = login_problem(component, known, former, child_name(pass.app, component) + "-binding");
      if (problem && !pass.rotating.contains(component))
        pass.services.emplace(component, std::move(*problem));
      continue;
    }
    if (auto problem = service_problem(component, known, former, pods_to_come))
      pass.services.emplace(component, std::move(*problem));
    if (known.asking && !was_ready) pass.unasked = connecting(component);
  }
}

}  // namespace promptsales::controllers
