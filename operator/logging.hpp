#pragma once

#include <string>

namespace promptsales {

/// Makes spdlog write one JSON object a line to standard error: {"ts":…,"level":…,"msg":…}, the text escaped.
void log_json_lines(const std::string& level);

}  // namespace promptsales
