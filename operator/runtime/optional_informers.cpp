#include "operator/runtime/optional_informers.hpp"

#include <spdlog/spdlog.h>

#include "base/check.hpp"

namespace promptsales::runtime {
namespace {

/// For how long "not served" is believed: with the seconds that a new definition takes to be served and a
/// watch to begin, it is found within 35 s.
constexpr auto kAskAgain = std::chrono::seconds{28};

}  // namespace

OptionalInformers::OptionalInformers(client::Client& client, std::string ns, const Clock& clock)
    : client_(client), ns_(std::move(ns)), clock_(clock) {}

void OptionalInformers::declare(InformerConfig config) {
  std::lock_guard lock(mutex_);
  config.selection.ns = config.kind.namespaced ? ns_ : "";
  const k8s::Kind* kind = &config.kind;
  entries_.try_emplace(kind, std::make_unique<Entry>(Entry{std::move(config), {}, nullptr}));
}

OptionalInformers::Entry* OptionalInformers::find(const k8s::Kind& kind) const {
  const auto found = entries_.find(&kind);
  return found == entries_.end() ? nullptr : found->second.get();
}

bool OptionalInformers::is_declared(const k8s::Kind& kind) const {
  std::lock_guard lock(mutex_);
  return find(kind) != nullptr;
}

/// With asking_ held.
Result<void> OptionalInformers::discover(Discovered& into, std::string_view group, std::string_view version,
                                         std::string_view kind) {
  if (into.kind) return {};
  const auto believed_until = into.asked + kAskAgain;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(believed_until - clock_.now());
  if (into.error && left.count() > 0) {
    into.error->retry_after = left;
    return Failure{*into.error};
  }
  auto served = client_.discover(group, version, kind);
  if (!served) return Failure{served.error()};
  if (*served) {
    into.names = std::move(**served);
    into.kind.emplace(into.names->view());
    into.error.reset();
    return {};
  }
  const std::string name =
      std::string{kind} + " of " + std::string{group} + (version.empty() ? "" : "/") + std::string{version};
  into.asked = clock_.now();
  into.error = Error{Remedy::kWaitForChange, "ProviderAPIMissing",
                     "the API server does not serve " + name + "; install what defines it", kAskAgain};
  return Failure{*into.error};
}

Result<Informer*> OptionalInformers::demand(const k8s::Kind& kind) {
  if (auto* informer = started(kind)) return informer;
  std::lock_guard asking(asking_);
  Entry* entry = nullptr;
  {
    std::lock_guard lock(mutex_);
    entry = find(kind);
  }
  PS_CHECK(entry != nullptr);
  if (kind.version.empty())
    if (auto known = discover(entry->discovered, kind.group, kind.version, kind.kind); !known)
      return Failure{known.error()};

  std::lock_guard lock(mutex_);
  if (stopped_) return failure(Remedy::kRetryWithBackoff, "Stopping", "the operator is stopping");
  if (entry->informer) return entry->informer.get();
  const k8s::Kind& served = entry->discovered.kind ? *entry->discovered.kind : kind;
  const auto& declared = entry->config;
  entry->informer = std::make_unique<Informer>(
      InformerConfig{served, declared.selection, declared.keep, declared.wanted}, client_, clock_);
  prepare_(kind, *entry->informer);
  entry->informer->start();
  spdlog::info("{}: needed for the first time, watching it", entry->informer->name());
  return entry->informer.get();
}

Result<const k8s::Kind*> OptionalInformers::named(std::string_view api_version, std::string_view kind,
                                                  const k8s::Keep& keep) {
  std::lock_guard asking(asking_);
  auto& known = named_[{std::string{api_version}, std::string{kind}}];
  if (!known) known = std::make_unique<Discovered>();
  const auto slash = api_version.find('/');
  const bool core = slash == api_version.npos;
  const auto group = core ? std::string_view{} : api_version.substr(0, slash);
  const auto version = core ? api_version : api_version.substr(slash + 1);
  if (auto found = discover(*known, group, version, kind); !found) return Failure{found.error()};
  declare({*known->kind, {}, keep});
  return &*known->kind;
}

Informer* OptionalInformers::started(const k8s::Kind& kind) const {
  std::lock_guard lock(mutex_);
  const Entry* entry = find(kind);
  return entry ? entry->informer.get() : nullptr;
}

const k8s::Kind& OptionalInformers::as_served(const k8s::Kind& kind) const {
  const Informer* informer = started(kind);
  return informer ? informer->kind() : kind;
}

void OptionalInformers::for_each_started(const std::function<void(const Informer&)>& visit) const {
  std::lock_guard lock(mutex_);
  for (const auto& [kind, entry] : entries_)
    if (entry->informer) visit(*entry->informer);
}

void OptionalInformers::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& [kind, entry] : entries_)
    if (entry->informer) entry->informer->stop();
}

}  // namespace promptsales::runtime
