#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "controllers/promptsales/child.hpp"
#include "controllers/promptsales/cost.hpp"
#include "controllers/promptsales/tiers.hpp"

namespace promptsales::controllers {

/// What whoever runs the operator has decided for all resources. docs/configuration.md describes the file.
struct Settings {
  TierTable tiers = built_in_tiers();
  std::optional<PriceSheet> prices;               ///< without them no status says a cost
  std::optional<RequestMetrics> request_metrics;  ///< without them KEDA scales by CPU alone
  /// Of embedded databases, by PostgreSQL major; beside those of RELATED_IMAGE_POSTGRES_*, and before them.
  std::map<std::string, std::string> postgres_images{};
};

/// The settings in a YAML document: the built-in ones, each replaced by what the document says. An empty
/// document changes nothing.
///
/// Errors   kShutDown, reason BadConfig: one sentence for each mistake, with file, line and path. A key that
/// is
///          not known is a mistake: a setting that silently does nothing is worse than one that is missing.
///          So is a tier whose values do not fit together.
/// Threads  pure; never throws.
[[nodiscard]] Result<Settings> read_settings(const std::string& text, const std::string& file);

}  // namespace promptsales::controllers
