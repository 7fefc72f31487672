#include "tests/backend/support/binding_files.hpp"

#include <fstream>

namespace promptsales::backend {
namespace fs = std::filesystem;

namespace {

fs::path new_version(const fs::path& directory) {
  for (int number = 1;; ++number) {
    const auto version = directory / ("..version-" + std::to_string(number));
    if (fs::create_directory(version)) return version;
  }
}

}  // namespace

void swap_files(const fs::path& directory, const std::map<std::string, std::string>& files) {
  fs::create_directories(directory);
  const auto data = directory / "..data";
  const auto before = fs::exists(data) ? fs::canonical(data) : fs::path{};
  const auto version = new_version(directory);
  if (!before.empty()) fs::copy(before, version, fs::copy_options::recursive);
  for (const auto& [name, text] : files) std::ofstream{version / name} << text;
  fs::create_directory_symlink(version.filename(), directory / "..data_tmp");
  fs::rename(directory / "..data_tmp", data);
  for (const auto& [name, text] : files)
    if (!fs::exists(directory / name)) fs::create_symlink(fs::path{"..data"} / name, directory / name);
  if (!before.empty()) fs::remove_all(before);
}

BindingFiles::BindingFiles(const std::optional<DatabaseService>& database,
                           const std::optional<CacheService>& cache) {
  if (database)
    set("database", {{"type", "postgresql"},
                     {"host", database->host},
                     {"port", std::to_string(database->port)},
                     {"username", database->user},
                     {"password", database->password},
                     {"database", database->database},
                     {"sslmode", database->sslmode},
                     {"ca.crt", ""}});
  if (cache)
    set("cache", {{"type", "redis"},
                  {"host", cache->host},
                  {"port", std::to_string(cache->port)},
                  {"username", cache->user},
                  {"password", cache->password},
                  {"ssl", "false"},
                  {"ca.crt", ""}});
}

void BindingFiles::set(const std::string& binding, const std::string& entry, const std::string& value) const {
  set(binding, {{entry, value}});
}

void BindingFiles::set(const std::string& binding, const std::map<std::string, std::string>& entries) const {
  swap_files(path(binding), entries);
}

}  // namespace promptsales::backend
