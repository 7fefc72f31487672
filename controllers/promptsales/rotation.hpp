#pragma once

#include "controllers/caches.hpp"
#include "controllers/promptsales/child_writer.hpp"
#include "controllers/promptsales/pass.hpp"

namespace promptsales::controllers {

/// Passwords of embedded services are replaced when a new value of an annotation of the resource asks for it,
/// and no request fails (docs/bindings.md, docs/adr/0009-passwords-are-replaced-in-overlap.md):
///
///   1. a Job that knows the login in use has the server take another one as well
///   2. the Secret of the login changes; from there on it is any change of a binding: trial, pods
///   3. when no pod uses the former login any more, a Job has the server take the new one alone
///
/// NATS knows no way to be told: in 1 and 3 its pod starts anew, from a file with both logins and with one.
///
/// Where it is follows from what is there: the Secret <app>-<component>-next is there during 1, and the Secret
/// of the login says whether 3 is still to be done. Requests that come meanwhile wait.

/// The requests, and where the value is kept that was acted on last.
inline constexpr const char* kRotateDatabase = "promptsales.io/rotate-database-password";
inline constexpr const char* kRotateCache = "promptsales.io/rotate-cache-password";
inline constexpr const char* kRotateMessaging = "promptsales.io/rotate-messaging-password";
inline constexpr const char* kRotated = "promptsales.io/handled-rotate-password";  ///< on <app>-<component>
/// On <app>-database: the role that logged in before and still may.
inline constexpr const char* kRetiring = "promptsales.io/retiring-login";
/// In <app>-cache and <app>-messaging: the former login, which the server still takes.
inline constexpr const char* kOtherUsername = "other-username";
inline constexpr const char* kOtherPassword = "other-password";
/// An attempt of a Job for the cache takes as long as the kubelet needs to bring it the file with the new login.
inline constexpr std::chrono::seconds kRotationDeadline{150};

inline constexpr std::string_view kPasswordRotation = "PasswordRotation";  ///< under way
inline constexpr std::string_view kPasswordRotationFailed = "PasswordRotationFailed";

/// The role that follows this one: after the first one, or the cache's user that everybody is by default,
/// `promptsales_a` and `promptsales_b` in turn.
[[nodiscard]] std::string next_role(const std::string& role);

/// Name of the Secret of a login that is to come, and of the task (attempts.hpp) that a rotation waits for.
[[nodiscard]] std::string next_login_name(const PromptSales& app, Component component);
[[nodiscard]] std::string rotation_name(const Inputs& inputs, Component component);

/// What the Secret of a login keeps of it: the login, and while the service takes another one as well, that, to be
/// forgotten one day; one that is still to come has a Secret of its own.
[[nodiscard]] bindings::Entries login_entries(const Inputs& inputs, Component component,
                                              const Credentials& login,
                                              const std::optional<Credentials>& other);

/// What an annotation of the resource asks for; empty if nothing.
[[nodiscard]] std::string rotation_asked(const PromptSales& app, Component component);

/// What the steps work with.
struct RotationParts {
  const Caches& caches;
  ChildWriter& writer;
  const Clock& clock;
};

/// The step after the logins were read: 1 and 2. A login that the server has learnt takes the place of that in
/// `pass.inputs`; until then it is in `pass.inputs.rotations`, and `pass.rotating` says how far that is.
///
/// Errors   NoEntropy, and a cache that is not complete.
[[nodiscard]] Result<void> replace_logins(Pass& pass, const RotationParts& parts);

/// The step after it is known whether pods use former bindings: 3.
void retire_logins(Pass& pass, const RotationParts& parts);

}  // namespace promptsales::controllers
