#include "controllers/promptsales/settings_in_force.hpp"

#include <spdlog/spdlog.h>

namespace promptsales::controllers {
namespace {

Result<Settings> read_content(const std::optional<std::string>& content, const std::string& file) {
  if (content) return read_settings(*content, file);
  return failure(Remedy::kShutDown, "BadConfig",
                 file + " cannot be read; give an existing file with --config");
}

}  // namespace

Result<void> SettingsInForce::start_with(const std::string& file, const std::optional<std::string>& content) {
  auto settings = read_content(content, file);
  if (!settings) return Failure{settings.error()};
  state_.with([&](State& state) {
    state = {std::make_shared<const Settings>(*std::move(settings)), file, ""};
  });
  return {};
}

bool SettingsInForce::take(const std::optional<std::string>& content) {
  const std::string file = state_.with([](State& state) { return state.file; });
  auto settings = read_content(content, file);
  if (!settings)
    spdlog::error("the new operator configuration is not used, the former one stays: {}",
                  settings.error().message);
  else
    spdlog::info("operator configuration {} read again", file);
  return state_.with([&](State& state) {
    state.mistake = settings ? "" : settings.error().message;
    if (!settings) return false;
    state.settings = std::make_shared<const Settings>(*std::move(settings));
    return true;
  });
}

std::shared_ptr<const Settings> SettingsInForce::now() const {
  return state_.with([](const State& state) { return state.settings; });
}

std::string SettingsInForce::report() const {
  return state_.with([](const State& state) -> std::string {
    if (state.file.empty()) return "";
    if (state.mistake.empty()) return "configuration: in force\n";
    return "configuration: the former one is in force, the new one is bad (" + state.mistake + ")\n";
  });
}

bool SettingsInForce::good() const {
  return state_.with([](const State& state) { return state.mistake.empty(); });
}

}  // namespace promptsales::controllers
