#pragma once

#include "backend/bindings/service.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// The two halves of replacing a password while it is in use: the server takes the new login beside the one
/// that is bound, and, when nobody uses the former one any more, the bound one alone. Either may be repeated.
///
/// Postgres: the role that owns the objects, `app`, and two that log in for it in turn, `app_a` and `app_b`:
/// members of it whose sessions begin as `app`, so that whatever they make belongs to it. Valkey and Redis: users
/// in the server's aclfile, which others write. The server is asked to read it until it takes the next login, so
/// that one which starts anew afterwards takes it too.
///
/// Errors   one sentence without a value; remedies as those of connecting.
/// Threads  blocks the calling thread.

/// A login that takes the place of the bound one.
struct NextLogin {
  std::string user;
  std::string password;
};

[[nodiscard]] Result<void> teach_login(const DatabaseService& bound, const NextLogin& next);
/// Errors   "FileNotBrought" when the aclfile does not have the login after two minutes.
[[nodiscard]] Result<void> teach_login(const CacheService& bound, const NextLogin& next);

/// Errors   "LoginInUse" while a backend is connected with another login of the same owner, or to the cache as
///          another user. The cache is watched for some seconds.
[[nodiscard]] Result<void> retire_logins(const DatabaseService& bound);
[[nodiscard]] Result<void> retire_logins(const CacheService& bound);

/// What `promptsales-backend rotate` and `retire` do with the one binding that is there, and with
/// $SERVICE_BINDING_ROOT/next/{username,password}.
[[nodiscard]] Result<void> rotate_binding(const Environment& environment);
[[nodiscard]] Result<void> retire_binding(const Environment& environment);

}  // namespace promptsales::backend
