#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controllers/promptsales/effective.hpp"

namespace promptsales::controllers {

/// Servers of one kind that a resource has in this cluster beside its backend's pods.
struct Servers {
  std::int64_t count = 1;
  Amounts resources;    ///< of each
  std::string storage;  ///< of each, a quantity; empty: none
};

/// What runs here because the resource asks for it: embedded services, and the servers of a CloudNativePG Cluster
/// that is made for it, without its poolers, which ask for nothing.
///
/// Not      what others run: a Cluster that was there before, a managed service, whatever a Secret names.
/// Threads  pure.
[[nodiscard]] std::vector<Servers> servers_in_the_cluster(const Effective& effective);

/// The Cluster of somebody else that the spec names; nothing if the database has one of its own, or is of another
/// type.
[[nodiscard]] std::optional<std::string> named_cluster(const Effective::Database& database);

/// Whether the database is a server that the resource has to itself in this cluster: embedded, or a CloudNativePG Cluster
/// that is made for it.
[[nodiscard]] bool is_made_here(const Effective::Database& database);

/// How many servers a CloudNativePG Cluster has: a standby and the copies that serve reads are the same ones.
[[nodiscard]] std::int64_t database_servers(const Effective::Database& database);

}  // namespace promptsales::controllers
