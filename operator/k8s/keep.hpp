#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace promptsales::k8s {

/// Which parts of a watched object are kept in memory.
///
/// Never kept: metadata.managedFields and kubectl's last-applied annotation, which are about half of a
/// typical object and are read by nobody here, and metadata.resourceVersion, which Projection holds as a
/// field.
///
/// Threads  immutable after construction.
class Keep {
 public:
  /// Everything but the above.
  Keep() = default;
  /// Only these subtrees, as dotted paths; arrays are passed through: "status.containerStatuses.state".
  Keep(std::initializer_list<std::string_view> dotted_paths);

  /// Whether the value at `path` is kept, wholly or in part.
  [[nodiscard]] bool keeps(std::span<const std::string> path) const;

 private:
  std::vector<std::vector<std::string>> only_;
};

}  // namespace promptsales::k8s
