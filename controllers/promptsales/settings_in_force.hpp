#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/guarded.hpp"
#include "controllers/promptsales/settings.hpp"

namespace promptsales::controllers {

/// The settings that passes work with, and whether the file they come from is still good.
///
/// Threads  any. A pass keeps the settings that it began with.
class SettingsInForce {
 public:
  /// Without a file: the built-in settings, for ever.
  SettingsInForce() = default;

  /// Begins with what `file` holds; nothing if it cannot be read. Errors: BadConfig; there is nothing older
  /// to fall back to.
  [[nodiscard]] Result<void> start_with(const std::string& file, const std::optional<std::string>& content);

  /// Takes what the file holds now; nothing if it cannot be read. A bad one is kept out, and what was in
  /// force stays. Returns whether other settings are in force than before.
  [[nodiscard]] bool take(const std::optional<std::string>& content);

  [[nodiscard]] std::shared_ptr<const Settings> now() const;

  /// A line for /readyz, empty without a file; and whether the newest content of the file is in force.
  [[nodiscard]] std::string report() const;
  [[nodiscard]] bool good() const;

 private:
  struct State {
    std::shared_ptr<const Settings> settings = std::make_shared<const Settings>();
    std::string file;     ///< empty: there is none
    std::string mistake;  ///< of the newest content, empty if it is in force
  };

  Guarded<State> state_;
};

}  // namespace promptsales::controllers
