#pragma once

#include <map>
#include <string>
#include <string_view>

namespace promptsales::k8s {

/// SHA-256 of the bytes as 64 lower-case hex digits. Threads: pure.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

/// SHA-256 of what a Secret or ConfigMap holds: every `key=value` in key order, each ended by a zero byte so
/// that no two different maps read the same. Tells of a change; says nothing of the values.
[[nodiscard]] std::string digest_of(const std::map<std::string, std::string>& data);

}  // namespace promptsales::k8s
