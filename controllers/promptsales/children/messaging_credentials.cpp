#include <algorithm>

#include "controllers/promptsales/bindings/embedded.hpp"
#include "controllers/promptsales/children.hpp"
#include "controllers/promptsales/embedded.hpp"
#include "controllers/promptsales/metadata.hpp"
#include "controllers/promptsales/rotation.hpp"
#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {
namespace {

/// Until the volume has grown to what it is to have, what it has.
std::int64_t room_in(const Inputs& inputs) {
  const auto wanted = bytes(inputs.effective.messaging.storage);
  return inputs.messaging_room ? std::min(wanted, bytes(*inputs.messaging_room)) : wanted;
}

/// During the replacement of the login both, in an order that does not change when they change places. Users of one
/// list have one account, and so the same streams.
std::string authorization(const Credentials& login, const std::optional<Credentials>& other) {
  const auto text = [](const Credentials& each) {
    return "user: \"" + each.username + "\"\n  password: \"" + each.password + "\"\n";
  };
  if (!other) return "authorization {\n  " + text(login) + "}\n";
  const auto& [first, second] =
      std::minmax(login, *other, [](const auto& a, const auto& b) { return a.username < b.username; });
  return "authorization {\n  users = [\n  {" + text(first) + "  }\n  {" + text(second) + "  }\n  ]\n}\n";
}

}  // namespace

// The streams leave a tenth of the volume to the server's own files.
std::string messaging_configuration(const Inputs& inputs) {
  const auto& messaging = inputs.effective.messaging;
  const auto on_disk = room_in(inputs) / 10 * 9;
  const auto in_memory = bytes(messaging.resources.limits.at("memory")) / 4;
  return "server_name: " + child_name(inputs.app, Component::kMessaging) +
         "\nport: " + std::to_string(bindings::kMessagingPort) +
         "\nhttp_port: 8222\njetstream {\n  store_dir: /data\n  max_file_store: " + std::to_string(on_disk) +
         "\n  max_memory_store: " + std::to_string(in_memory) + "\n}\n" +
         authorization(*inputs.messaging, inputs.messaging_other);
}

namespace {

// NATS reads nats.conf itself: a password among its arguments would be in every process list. Streams on the
// volume are not tied to it, so this Secret goes with the PromptSales.
std::optional<Object> desired(const Inputs& inputs) {
  if (!inputs.messaging) return std::nullopt;
  bindings::Entries entries =
      login_entries(inputs, Component::kMessaging, *inputs.messaging, inputs.messaging_other);
  entries["nats.conf"] = messaging_configuration(inputs);
  Json metadata =
      metadata_of(inputs.app, Component::kMessaging, child_name(inputs.app, Component::kMessaging));
  if (!inputs.messaging_rotated.empty()) metadata["annotations"][kRotated] = inputs.messaging_rotated;
  return Object{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", std::move(metadata)},
                {"type", "Opaque"},
                {"data", bindings::secret_data(entries)}};
}

}  // namespace

const Child children::messaging_credentials{.id = "messaging_credentials",
                                            .kind = k8s::kinds::kSecret,
                                            .component = Component::kMessaging,
                                            .desired = desired,
                                            .ready = ready_when_present};

}  // namespace promptsales::controllers
