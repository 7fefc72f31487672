#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// The schema is brought up to date by a Job of the new image before any pod of it is made. A Job is for one
/// image and one database, which its name says by a hash: a finished one stays, so that nothing runs twice,
/// until the next one takes its place. One that has given up is made anew when it may succeed.

/// Exit code of `promptsales-backend migrate` for a schema that is newer than its image.
inline constexpr int kSchemaNewer = 3;

/// "demo-migration-3f2a9c01de". REQUIRES a bound database
[[nodiscard]] std::string migration_job_name(const Inputs& inputs);

/// Whether the schema is ready for the image of the spec: "Migrating" while the Job runs; "DowngradeRefused"
/// and "MigrationFailed" with its last words when an attempt has failed, stalled when it has given up; what
/// keeps its pod from being made or starting, as for any pod. Finished is ready.
///
/// Threads  pure.
[[nodiscard]] Readiness migration_readiness(const Object& job, const Inputs&, const Observed& observed);

/// Annotation of the Job: digest of the binding that it was made for, credentials included.
inline constexpr const char* kMigratedBinding = "promptsales.io/binding-hash-database";
[[nodiscard]] std::string migrated_binding(const Inputs& inputs);  ///< REQUIRES a bound database

/// When a Job that has given up is to be made anew: at once (a time that has passed) when the binding is not the one
/// that it was made for, or when DatabaseReady has turned True since it ended; else ten minutes after its end, for
/// what was mended where the operator does not look. Nothing of a Job that has not given up.
///
/// Threads  pure.
[[nodiscard]] std::optional<Clock::WallTime> runs_again_at(const Object& job, const Inputs& inputs);

/// The image that an existing Deployment keeps because the Job for that of the spec has not succeeded;
/// nothing if there is no Deployment, or nothing to hold back. `job`: nullptr if it does not exist.
///
/// Threads  pure.
[[nodiscard]] std::optional<std::string> image_to_hold(const Inputs& inputs, const Object* deployment,
                                                       const Object* job);

}  // namespace promptsales::controllers
