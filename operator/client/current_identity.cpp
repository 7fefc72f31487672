#include "operator/client/current_identity.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace promptsales::client {
namespace {

constexpr auto kReadAgainAfter = std::chrono::seconds{30};

Result<CurrentIdentity::Ptr> identity_of(const Config& config) {
  auto identity = TlsIdentity::make(config.ca_pem, config.client_cert_pem, config.client_key_pem);
  if (!identity) return Failure{in_context(config.source, identity.error())};
  return identity;
}

bool same_material(const Config& a, const Config& b) {
  return a.ca_pem == b.ca_pem && a.client_cert_pem == b.client_cert_pem &&
         a.client_key_pem == b.client_key_pem;
}

}  // namespace

Result<std::unique_ptr<CurrentIdentity>> CurrentIdentity::of(const Config& config, const Clock& clock) {
  auto identity = identity_of(config);
  if (!identity) return Failure{identity.error()};
  return std::unique_ptr<CurrentIdentity>{
      new CurrentIdentity{State{config, *std::move(identity), clock.now(), {}}, clock}};
}

CurrentIdentity::CurrentIdentity(State state, const Clock& clock) : clock_(clock), state_(std::move(state)) {}

CurrentIdentity::Ptr CurrentIdentity::get() {
  const bool due = state_.with([this](State& state) {
    if (!state.config.reread || clock_.now() - state.read_at < kReadAgainAfter) return false;
    state.read_at = clock_.now();
    return true;
  });
  if (due) renew();
  return state_.with([](const State& state) { return state.identity; });
}

void CurrentIdentity::refused() {
  state_.with([](State& state) { state.read_at -= kReadAgainAfter; });
}

void CurrentIdentity::renew() {
  const Config former = state_.with([](const State& state) { return state.config; });
  auto config = former.reread();
  if (config && same_material(*config, former))
    return state_.with([](State& state) { state.complaint.clear(); });
  auto identity = config ? identity_of(*config) : Failure{config.error()};
  if (!identity) return complain(identity.error().message);
  spdlog::info("{}: the certificates have changed; new connections use the new ones", config->source);
  state_.with([&](State& state) {
    state.config = *std::move(config);
    state.identity = *std::move(identity);
    state.complaint.clear();
  });
}

void CurrentIdentity::complain(const std::string& complaint) {
  const auto former = state_.with([&](State& state) { return std::exchange(state.complaint, complaint); });
  if (complaint != former) spdlog::warn("{}; connections go on with the certificates read before", complaint);
}

}  // namespace promptsales::client
