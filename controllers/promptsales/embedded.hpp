#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// What the children of an embedded data service have in common, whatever server it is.

/// Whether the operator runs the server itself. Managed servers have credentials of ours too.
[[nodiscard]] bool runs_database(const Inputs& inputs);
[[nodiscard]] bool runs_cache(const Inputs& inputs);

/// The only thing that pods mount, whoever provides the service: a Secret in the form of the Service Binding
/// specification, of type servicebinding.io/`type`. Absent while the component is not bound.
[[nodiscard]] std::optional<Object> binding_secret(const Inputs& inputs, Component component,
                                                   std::string_view type);

/// A Service with an address of its own, so that clients keep theirs when the pod is replaced. The
/// container's port has the name `port_name`.
[[nodiscard]] Object server_service(const PromptSales& app, Component component, std::string_view port_name,
                                    int port);

/// Only pods of `clients` may come in, on `port` alone, and nothing goes out.
[[nodiscard]] Object clients_only_policy(const PromptSales& app, Component component, int port,
                                         std::initializer_list<Component> clients);

/// nats.conf. The streams may fill what the volume has got, which may be less than it is to have. REQUIRES the login
/// of messaging.
[[nodiscard]] std::string messaging_configuration(const Inputs& inputs);
/// On pods of NATS, which reads nats.conf when it starts: digest of the one that they have.
inline constexpr const char* kMessagingFile = "promptsales.io/config-hash";

/// One pod of `pod_spec` under a name that stays. It is replaced when one of `annotations` changes.
[[nodiscard]] Object single_server(const PromptSales& app, Component component, Json pod_spec,
                                   Json annotations = Json::object());

/// Gives the server a volume "data" of `size`, of the cluster's default class unless one is named. The claim
/// outlives the server: data goes only when somebody deletes it. It carries our labels, so that it is found
/// again when the PromptSales is long gone.
void keep_data(Object& server, const PromptSales& app, Component component, const std::string& size,
               const std::optional<std::string>& storage_class);

}  // namespace promptsales::controllers
