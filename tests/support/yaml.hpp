#pragma once

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/repository.hpp"

namespace promptsales::testing {

/// A YAML node as kubectl would send it: quoted text stays text; true, 3 and null get their types.
inline nlohmann::json to_json(const YAML::Node& node) {
  if (node.IsMap()) {
    auto json = nlohmann::json::object();
    for (const auto& entry : node) json[entry.first.Scalar()] = to_json(entry.second);
    return json;
  }
  if (node.IsSequence()) {
    auto json = nlohmann::json::array();
    for (const auto& item : node) json.push_back(to_json(item));
    return json;
  }
  if (!node.IsScalar()) return nullptr;
  const auto& text = node.Scalar();
  if (node.Tag() == "!") return text;  // it was quoted
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  if (text.find_first_not_of("0123456789.-") == std::string::npos) {
    const auto number = nlohmann::json::parse(text, nullptr, false);
    if (number.is_number()) return number;
  }
  return text;
}

inline nlohmann::json from_yaml(const std::string& text) { return to_json(YAML::Load(text)); }

/// Every document of a YAML file of the repository.
inline std::vector<nlohmann::json> read_repository_yaml(const std::string& path) {
  std::vector<nlohmann::json> documents;
  for (const auto& node : YAML::LoadAll(read_repository_file(path))) documents.push_back(to_json(node));
  return documents;
}

}  // namespace promptsales::testing
