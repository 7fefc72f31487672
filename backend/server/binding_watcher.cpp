#include "backend/server/binding_watcher.hpp"

#include <pthread.h>

#include <algorithm>

#include "backend/bindings/entry.hpp"
#include "backend/commands/check.hpp"
#include "backend/log.hpp"
#include "backend/server/migrator.hpp"

namespace promptsales::backend {
namespace {

constexpr std::chrono::seconds kLook{1};
constexpr std::chrono::seconds kLongestPause{10};

/// Out of descriptors or of memory: that is no reason to end, and may be over at the next look.
Result<void> tried(const std::function<Result<void>()>& take) {
  try {
    return take();
  } catch (const std::exception& error) {
    return failure(Remedy::kRetryWithBackoff, "CannotLook",
                   std::string{"it could not be tried: "} + error.what());
  }
}

}  // namespace

BindingWatcher::BindingWatcher(std::filesystem::path root, Users users, Migrations who, Health& health)
    : root_(std::move(root)), users_(std::move(users)) {
  const auto follow = [&](std::string name, auto read, auto check, const auto& use,
                          Guarded<BindingHealth>& binding_health) {
    const auto directory = root_ / name;
    const auto take = [=, &use]() -> Result<void> {
      auto service = read(directory);
      if (!service) return Failure{service.error()};
      if (auto works = check(*service); !works) return works;
      use(std::make_shared<const typename decltype(service)::value_type>(std::move(*service)));
      return {};
    };
    const auto digest = BindingDirectory{directory}.digest();
    followed_.push_back({std::move(name), take, binding_health, digest, digest});
  };
  const auto check_schema_too = [who](const DatabaseService& service) -> Result<void> {
    if (auto works = check_database(service); !works) return works;
    if (auto current = bring_up_to_date(service, who); !current) return Failure{current.error()};
    return {};
  };
  follow("database", read_database_binding, check_schema_too, users_.database, health.database_binding);
  if (users_.cache) follow("cache", read_cache_binding, check_cache, users_.cache, health.cache_binding);
  thread_ = std::jthread{[this](std::stop_token stop) { run(stop); }};
}

void BindingWatcher::run(std::stop_token stop) {
  pthread_setname_np(pthread_self(), "bindings");
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock{mutex_};
      wake_.wait_for(lock, stop, kLook, [] { return false; });
    }
    for (auto& binding : followed_) {
      if (!stop.stop_requested()) look(binding);
    }
  }
}

void BindingWatcher::look(Followed& binding) const {
  const BindingDirectory directory{root_ / binding.name};
  const auto digest = directory.digest();
  const bool settled = digest == std::exchange(binding.seen, digest);
  if (!settled) {
    binding.pause = kLook;
    binding.looks_to_skip = 0;
    return;
  }
  if (digest == binding.used) return report(binding, {});
  if (binding.looks_to_skip > 0) {
    --binding.looks_to_skip;
    return;
  }
  const auto outcome = tried(binding.take_into_use);
  if (directory.digest() != digest) return;  // changed while it was read: the next look begins anew
  if (outcome) {
    binding.used = digest;
    binding.health.with([](BindingHealth& health) { ++health.generation; });
    log_line(LogLevel::kInfo, "binding in use", {{"binding", std::string_view{binding.name}}});
  } else {
    binding.looks_to_skip = static_cast<unsigned>(binding.pause / kLook);
    binding.pause = std::min(binding.pause * 2, kLongestPause);
  }
  report(binding, outcome);
}

/// Counts and logs a refusal once, however often the same files are tried.
void BindingWatcher::report(Followed& binding, const Result<void>& outcome) const {
  const auto message = outcome ? std::string{} : outcome.error().message;
  const bool news = binding.health.with([&](BindingHealth& health) {
    if (health.error == message) return false;
    health.error = message;
    health.rejected += outcome ? 0 : 1;
    return true;
  });
  if (!news || outcome) return;
  log_line(LogLevel::kError, "binding not taken into use",
           {{"binding", std::string_view{binding.name}},
            {"reason", std::string_view{outcome.error().reason}},
            {"error", std::string_view{message}}});
}

}  // namespace promptsales::backend
