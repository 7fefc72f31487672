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

StatusWriter::Last StatusWriter::last_of(const std::string& app_uid) {
  return last_.with([&](auto& last) { return last.try_emplace(app_uid, Last{clock_.now()}).first->second; });
}

Result<std::optional<std::chrono::milliseconds>> StatusWriter::write(const PromptSales& app,
                                                                     const StatusUpdate& update) {
  const auto& status = update.status;
  const Last last = last_of(app.uid);
  if (status == app.status) return std::nullopt;
  const bool recovers = last.failing && !update.failing && update.urgency == Urgency::kProgress;
  const auto due = last.quiet_since + patience_with(recovers ? Urgency::kSoon : update.urgency);
  if (clock_.now() < due) return std::chrono::ceil<std::chrono::milliseconds>(due - clock_.now());
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
  if (auto taken = caches_.written_alone(kPromptSales, answer->object, "status"); !taken)
    return Failure{taken.error()};
  last_.with([&](auto& all) { all[app.uid] = {clock_.now(), update.failing}; });
  return std::nullopt;
}

void StatusWriter::forget(const std::string& app_uid) {
  last_.with([&](auto& all) { all.erase(app_uid); });
}

}  // namespace promptsales::controllers
