#pragma once

#include <map>
#include <optional>
#include <string>

#include "backend/bindings/service.hpp"
#include "tests/backend/support/process.hpp"

namespace promptsales::backend {

/// Bindings as a pod sees them: directories `database` and `cache` whose files a kubelet swaps all at once.
class BindingFiles {
 public:
  explicit BindingFiles(const std::optional<DatabaseService>& database,
                        const std::optional<CacheService>& cache = {});

  /// Changes entries of a binding, all at once: the link ..data leads to a new directory afterwards.
  void set(const std::string& binding, const std::string& entry, const std::string& value) const;
  void set(const std::string& binding, const std::map<std::string, std::string>& entries) const;

  [[nodiscard]] std::string root() const { return directory_.path(); }
  [[nodiscard]] std::filesystem::path path(const std::string& binding) const {
    return directory_.path() / binding;
  }

 private:
  const TemporaryDirectory directory_;
};

/// Replaces the files of `directory` as a kubelet does; files that are not named stay as they are.
void swap_files(const std::filesystem::path& directory, const std::map<std::string, std::string>& files);

}  // namespace promptsales::backend
