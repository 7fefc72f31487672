#pragma once

#include "backend/bindings/service.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// What `promptsales-backend check` does: connects to every service that is bound (database: the tables that
/// are there may be used, and new ones made; cache: PING; messaging: CONNECT and PING), each within some
/// seconds.
///
/// Errors   one sentence that names every binding that cannot be used, and why, without any of its values.
///          The reason is that of the first one. That nothing is bound is an error too.
/// Threads  blocks the calling thread.
[[nodiscard]] Result<void> check_bindings(const Environment& environment);

/// One service each, for those who hold it already.
[[nodiscard]] Result<void> check_database(const DatabaseService& service);
[[nodiscard]] Result<void> check_cache(const CacheService& service);
[[nodiscard]] Result<void> check_messaging(const MessagingService& service);

}  // namespace promptsales::backend
