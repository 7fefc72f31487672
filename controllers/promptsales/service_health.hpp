#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controllers/promptsales/pass.hpp"
#include "operator/runtime/peer_poll.hpp"

namespace promptsales::controllers {

/// How the backend gets on with its services, as far as nobody but its pods can tell: whether those that others run let it
/// in and are there, and whether those of ours take the login that pods have, which somebody may have altered in them by
/// hand. So one of the pods is asked (/readyz?logins on the admin port) every other second, or every fourth where all
/// services are ours, without a request to the API server. Where pods cannot be reached, by an operator outside of the
/// cluster for instance, nothing is known of it, and a bound service counts as one that can be used. So does one of which
/// an older image of the backend does not say anything.

/// Reasons of a component. What pods say of it: two that ask for different people, and one for
/// the rest, and for images of the backend that do not tell them apart.
inline constexpr std::string_view kLoginRefused = "LoginRefused";  ///< it does not let this user in
inline constexpr std::string_view kServiceUnreachable = "ServiceUnreachable";  ///< it is away
inline constexpr std::string_view kServiceUnusable = "ServiceUnusable";        ///< they cannot use it
inline constexpr std::string_view kConnecting = "Connecting";                  ///< no pod has said yet

/// Whom to ask: the pods of the newest revision that has one that runs.
///
/// Threads  pure.
[[nodiscard]] runtime::PeerPoll::Peers pods_to_ask(const std::vector<Object>& pods, const PromptSales& app);

/// The word of a pod that can use everything.
inline constexpr std::string_view kAllIsWell = "{}";

/// What counts of a pod's /readyz: why it cannot use what is bound, by component, as text that is the same for the same
/// state. Nothing while it is still connecting for the first time, and of an answer that is not the backend's.
///
/// Threads  pure.
[[nodiscard]] std::optional<std::string> word_of(const std::string& readyz);

/// What is to be said of a component with a service of others. `known`: what pods say; `former`: its condition as it
/// was, or nullptr; `pods_to_come`: the backend's pods are not all ready yet, and nothing keeps them from being made.
///
/// Threads  pure.
[[nodiscard]] std::optional<Readiness> service_problem(Component component,
                                                       const runtime::PeerPoll::Known& known,
                                                       const Json* former, bool pods_to_come);

/// The same of a component with a service of ours. Whether that is there the operator sees itself: what it does not see is
/// that the service does not take the login of Secret `binding`.
///
/// Threads  pure.
[[nodiscard]] std::optional<Readiness> login_problem(Component component,
                                                     const runtime::PeerPoll::Known& known,
                                                     const Json* former, const std::string& binding);

/// The step after the children were brought: `pass.services`, and `pass.unasked`.
void ask_pods(Pass& pass, const std::vector<Object>& pods, runtime::PeerPoll& poll);

/// Whether a service of others is in use.
[[nodiscard]] bool uses_services_of_others(const Inputs& inputs);

}  // namespace promptsales::controllers
