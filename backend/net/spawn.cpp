#include "backend/net/spawn.hpp"

#include <cstdlib>

#include "backend/log.hpp"

namespace promptsales::backend {

void end_process(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& why) {
    log_line(LogLevel::kError, "ends, as work that it cannot do without has failed",
             {{"why", std::string_view{why.what()}}});
  } catch (...) {
    log_line(LogLevel::kError, "ends, as work that it cannot do without has failed");
  }
  std::abort();
}

}  // namespace promptsales::backend
