#pragma once

#include "backend/bindings/service.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// The two halves of replacing a password while it is in use: the server takes the new login beside the one
/// that is bound, and, when nobody uses the former one any more, the bound one alone. Either may be repeated.
///
/// Postgres: the role that owns the objects, `app`, and two that log in for it in turn, `app_a` and `app_b`:
/// members of it whose sessions begin as `app`, so that whatever they make belongs to it. Valkey and Redis:
/// several passwords of one user, until the server starts anew; the operator's ACL file holds them then.
///
/// Errors   one sentence without a value; remedies as those of connecting.
/// Threads  blocks the calling thread.

/// A login that takes the place of the bound one.
struct NextLogin {
  std::string user;
  std::string password;
};

[[nodiscard]] Result<void> teach_login(const DatabaseService& bound, const NextLogin& next);
[[nodiscard]] Result<void> teach_login(const CacheService& bound, const NextLogin& next);

/// Errors   "LoginInUse" while a backend is connected to the database with another login of the same owner.
[[nodiscard]] Result<void> retire_logins(const DatabaseService& bound);
[[nodiscard]] Result<void> retire_logins(const CacheService& bound);

/// What `promptsales-backend rotate` and `retire` do with the one binding that is there, and with
/// $SERVICE_BINDING_ROOT/next/{username,password}.
[[nodiscard]] Result<void> rotate_binding(const Environment& environment);
[[nodiscard]] Result<void> retire_binding(const Environment& environment);

}  // namespace promptsales::backend
