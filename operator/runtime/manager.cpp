#include "operator/runtime/manager.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "operator/runtime/memory.hpp"

namespace promptsales::runtime {
namespace {

using State = InformerStatus::State;

constexpr std::chrono::seconds kLull{5};
constexpr std::uint64_t kBurst = 100;  ///< reconciles

/// Complete, or in a trouble that says why it is not: either way there is nothing to wait for.
bool settled(const Informer& informer) {
  const auto status = informer.status();
  return status.synced || status.trouble;
}

/// What a person does about a kind that cannot be watched.
std::string remedy(const InformerStatus& status, bool is_the_resource) {
  if (status.trouble == State::kForbidden) return "; grant it with manifests/rbac.yaml";
  if (status.trouble != State::kMissing) return "";
  return std::string{"; install what defines it"} +
         (is_the_resource ? ": kubectl apply -f crds/promptsales.yaml" : "");
}

}  // namespace

Manager::Manager(Parts parts) : parts_(std::move(parts)) {}

void Manager::informer_changed() {
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void Manager::add_admin_routes() {
  parts_.admin.route("/healthz", [] { return AdminAnswer{.body = "ok\n"}; });
  parts_.admin.route("/readyz", [this] { return readiness(); });
  parts_.admin.route("/metrics", [this] {
    parts_.metrics.queue_depth(parts_.controller.queue().depth());
    for_each_informer([this](const Informer& informer) {
      parts_.metrics.informer(informer.name(), to_string(informer.status().state), informer.store().size());
    });
    return AdminAnswer{.body = parts_.metrics.exposition(), .content_type = "text/plain; version=0.0.4"};
  });
}

void Manager::for_each_informer(const std::function<void(const Informer&)>& visit) const {
  for (const auto* informer : parts_.informers) visit(*informer);
  parts_.optional.for_each_started(visit);
}

/// Ready when the resources that this operator exists for are known. A standby is ready too: it can take
/// over.
AdminAnswer Manager::readiness() const {
  std::string text;
  for_each_informer([&](const Informer& informer) {
    const auto status = informer.status();
    text += informer.name() + ": " + std::string{to_string(status.state)};
    if (!status.last_error.empty())
      text += " (" + status.last_error + remedy(status, &informer == parts_.informers.front()) + ")";
    text += "\n";
  });
  bool ready = parts_.informers.front()->status().synced;
  if (!parts_.leader || parts_.leader->leading()) {
    text += "leading\n";
  } else if (const auto trouble = parts_.leader->trouble(); !trouble.message.empty()) {
    text += "cannot lead: " + trouble.message + "\n";
    ready = ready && !trouble.answered;
  } else {
    text += "standing by: another replica holds the lease\n";
  }
  text += parts_.details();
  return {.status = ready ? 200 : 503, .body = std::move(text)};
}

void Manager::wait_for_caches(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] {
    return std::ranges::all_of(parts_.informers, [](auto* i) { return settled(*i); });
  });
  for (const auto* informer : parts_.informers)
    if (const auto status = informer->status(); !status.synced)
      spdlog::warn("{} cannot be watched: {}{}", informer->name(), status.last_error,
                   remedy(status, informer == parts_.informers.front()));
}

/// Gives memory back in the first lull after a burst of reconciles: a few leave nothing worth the faults.
void Manager::wait_for_end(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  std::uint64_t given_back_at = 0;
  for (std::uint64_t before = 0; !stop.stop_requested();) {
    changed_.wait_for(lock, stop, kLull, [] { return false; });
    const auto now = parts_.controller.reconciles();
    if (now == before && now - given_back_at >= kBurst) {
      give_back_memory();
      given_back_at = now;
    }
    before = now;
  }
}

void Manager::lead() {
  if (!parts_.leader) return start_leading();
  parts_.leader->start({.started = [this] { start_leading(); }, .stopped = [this] { stop_leading(); }});
}

void Manager::start_leading() {
  parts_.metrics.leading(true);
  parts_.controller.start();
}

void Manager::stop_leading() {
  parts_.controller.stop();
  parts_.metrics.leading(false);
}

Result<void> Manager::run(const std::string& admin_address, std::stop_token stop) {
  add_admin_routes();
  if (auto listening = parts_.admin.start(admin_address); !listening) return listening;
  spdlog::info("health and metrics on port {}", parts_.admin.port());
  parts_.events.start();
  for (auto* informer : parts_.informers) informer->start();
  wait_for_caches(stop);
  give_back_memory();

  if (!stop.stop_requested()) lead();
  wait_for_end(stop);
  spdlog::info("stopping");
  if (parts_.leader) {
    parts_.leader->stop();
  } else {
    stop_leading();
  }
  parts_.optional.stop();
  for (auto* informer : parts_.informers) informer->stop();
  parts_.events.stop();
  parts_.admin.stop();
  return {};
}

}  // namespace promptsales::runtime
