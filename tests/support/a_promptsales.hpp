#pragma once

#include <stdexcept>
#include <string>

#include "controllers/promptsales/types.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {

/// A PromptSales as the API gives it, with this spec in YAML: a_promptsales("tier: MVP").
inline controllers::PromptSales a_promptsales(const std::string& spec) {
  auto app = controllers::from_object({{"apiVersion", "promptsales.io/v1alpha1"},
                                       {"kind", "PromptSales"},
                                       {"metadata",
                                        {{"name", "demo"},
                                         {"namespace", "shop"},
                                         {"uid", "11111111-2222-3333-4444-555555555555"},
                                         {"resourceVersion", "42"},
                                         {"generation", 1}}},
                                       {"spec", from_yaml(spec)}});
  if (!app) throw std::runtime_error(app.error().message);
  return *std::move(app);
}

}  // namespace promptsales::testing
