#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers {

/// Which PostgreSQL an embedded database is run with. A data directory is of one major version, and another one
/// does not read it; so what is on the volume decides, and the spec only for a volume that is to be made
/// (docs/adr/0011-the-volume-decides-the-version.md).

/// Label of the claim: the major that the data directory was made with. It comes from the claim template, so that
/// the claim has it from its first moment.
inline constexpr const char* kPostgresVersion = "promptsales.io/postgres-version";

/// Those that spec.database.version may name.
inline constexpr std::array<std::string_view, 6> kPostgresVersions{"14", "15", "16", "17", "18", "19"};

/// The major that the tag of an image begins with: "17" of postgres:17, postgres:17.2-bookworm and of either with a
/// digest; empty if it has no such tag.
[[nodiscard]] std::string postgres_major(const std::string& image);

/// What is there of a database already.
struct PostgresOnVolume {
  bool has_volume = false;
  std::string version;        ///< of the data, as far as it is known; empty: it is not
  std::string image;          ///< that its server was given last; empty: there is none
  std::string claim_version;  ///< PostgresServer::claim_version of it
};

/// `claim` and `server` are those of the database, if they are there. A server that serves proves the version of
/// data whose claim does not say it.
[[nodiscard]] PostgresOnVolume postgres_on_volume(const Images& images, bool has_volume, const Object* claim,
                                                  const Object* server);

/// The server to run. While the one that is asked for cannot be, that which fits the data goes on, with the problem.
///
/// Errors   PostgresVersionMissing: there is no image for the version that is needed, and no server to leave as it is.
/// Threads  pure.
[[nodiscard]] Result<PostgresServer> choose_postgres(const Images& images,
                                                     const std::optional<std::string>& asked,
                                                     const PostgresOnVolume& found);

}  // namespace promptsales::controllers
