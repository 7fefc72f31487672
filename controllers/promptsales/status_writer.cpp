#include "controllers/promptsales/status_writer.hpp"

#include "controllers/promptsales/child_writer.hpp"

namespace promptsales::controllers {
namespace {

using k8s::kinds::kPromptSales;

/// How long news is held back at most.
constexpr std::chrono::seconds patience_with(Urgency urgency) {
  using enum Urgency;
  return std::chrono::seconds{urgency == kNow ? 0 : urgency == kSoon ? 5 : 15};
}

}  // namespace

StatusWriter::StatusWriter(client::Client& client, Caches& caches, const Clock& clock,
                           std::function<bool()> may_write)
    : client_(client), caches_(caches), clock_(clock), may_write_(std::move(may_write)) {}

Clock::Instant StatusWriter::quiet_since(const std::string& app_uid) {
  return quiet_since_.with(
      [&](auto& since) { return since.try_emplace(app_uid, clock_.now()).first->second; });
}

Result<std::optional<std::chrono::milliseconds>> StatusWriter::write(const PromptSales& app,
                                                                     const k8s::Json& status,
                                                                     Urgency urgency) {
  const auto since = quiet_since(app.uid);
  if (status == app.status) return std::nullopt;
  if (const auto due = since + patience_with(urgency); clock_.now() < due)
    return std::chrono::ceil<std::chrono::milliseconds>(due - clock_.now());
  if (!may_write_())
    return failure(Remedy::kRetryWithBackoff, "NotLeading",
                   "the lease is not held; another replica does the work");

  const k8s::Object object{
      {"apiVersion", kPromptSales.api_version()},
      {"kind", kPromptSales.kind},
      {"metadata", {{"name", app.key.name}, {"namespace", app.key.namespace_}, {"uid", app.uid}}},
      {"status", status}};
  auto answer = client_.apply(kPromptSales, object, {.manager = kManager, .subresource = "status"});
  if (!answer) return Failure{answer.error()};
  if (auto taken = caches_.written(kPromptSales, answer->object); !taken) return Failure{taken.error()};
  quiet_since_.with([&](auto& times) { times[app.uid] = clock_.now(); });
  return std::nullopt;
}

void StatusWriter::forget(const std::string& app_uid) {
  quiet_since_.with([&](auto& since) { since.erase(app_uid); });
}

}  // namespace promptsales::controllers
