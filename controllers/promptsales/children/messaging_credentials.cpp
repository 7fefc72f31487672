#include <algorithm>

#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {
namespace {

/// Until the volume has grown to what it is to have, what it has.
std::int64_t room_in(const Inputs& inputs) {
  const auto wanted = bytes(inputs.effective.messaging.storage);
  return inputs.messaging_room ? std::min(wanted, bytes(*inputs.messaging_room)) : wanted;
}

}  // namespace

// The streams leave a tenth of the volume to the server's own files.
std::string messaging_configuration(const Inputs& inputs) {
  const auto& messaging = inputs.effective.messaging;
  const auto& [user, password] = *inputs.messaging;
  const auto on_disk = room_in(inputs) / 10 * 9;
  const auto in_memory = bytes(messaging.resources.limits.at("memory")) / 4;
  return "server_name: " + child_name(inputs.app, Component::kMessaging) +
         "\nport: " + std::to_string(bindings::kMessagingPort) +
         "\nhttp_port: 8222\njetstream {\n  store_dir: /data\n  max_file_store: " + std::to_string(on_disk) +
         "\n  max_memory_store: " + std::to_string(in_memory) + "\n}\nauthorization {\n  user: \"" + user +
         "\"\n  password: \"" + password + "\"\n}\n";
}

namespace {

// NATS reads nats.conf itself: a password among its arguments would be in every process list. Streams on the
// volume are not tied to it, so this Secret goes with the PromptSales.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.messaging) return std::nullopt;
  const auto& [user, password] = *inputs.messaging;
  const std::string name = child_name(inputs.app, Component::kMessaging);
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", metadata_of(inputs.app, Component::kMessaging, name)},
                {"type", "Opaque"},
                {"data", bindings::secret_data({{"username", user},
                                                {"password", password},
                                                {"nats.conf", messaging_configuration(inputs)}})}};
}

}  // namespace

const Child children::messaging_credentials{.id = "messaging_credentials",
                                            .kind = k8s::kinds::kSecret,
                                            .component = Component::kMessaging,
                                            .desired = desired,
                                            .ready = ready_when_present};

}  // namespace promptsales::controllers
