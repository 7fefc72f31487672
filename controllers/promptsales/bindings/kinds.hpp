#pragma once

#include "operator/k8s/kind.hpp"

namespace promptsales::controllers::bindings {

/// The kinds through which providers make databases and caches. None of them is needed by who uses none
/// (optional_kinds.cpp). Azure Service Operator renames its versions: they are left open, and the newest one that has
/// the kind is used (k8s/discovery.hpp).
inline constexpr k8s::Kind kCnpgCluster{"postgresql.cnpg.io", "v1", "Cluster", "clusters"};
inline constexpr k8s::Kind kCnpgPooler{"postgresql.cnpg.io", "v1", "Pooler", "poolers"};
inline constexpr k8s::Kind kCnpgDatabase{"postgresql.cnpg.io", "v1", "Database", "databases"};
inline constexpr k8s::Kind kCnpgRole{"postgresql.cnpg.io", "v1", "DatabaseRole", "databaseroles"};
inline constexpr k8s::Kind kDbInstance{"rds.services.k8s.aws", "v1alpha1", "DBInstance", "dbinstances"};
inline constexpr k8s::Kind kReplicationGroup{"elasticache.services.k8s.aws", "v1alpha1", "ReplicationGroup",
                                             "replicationgroups"};
inline constexpr k8s::Kind kSqlInstance{"sql.cnrm.cloud.google.com", "v1beta1", "SQLInstance",
                                        "sqlinstances"};
inline constexpr k8s::Kind kSqlDatabase{"sql.cnrm.cloud.google.com", "v1beta1", "SQLDatabase",
                                        "sqldatabases"};
inline constexpr k8s::Kind kSqlUser{"sql.cnrm.cloud.google.com", "v1beta1", "SQLUser", "sqlusers"};
inline constexpr k8s::Kind kRedisInstance{"redis.cnrm.cloud.google.com", "v1beta1", "RedisInstance",
                                          "redisinstances"};
inline constexpr k8s::Kind kFlexibleServer{"dbforpostgresql.azure.com", "", "FlexibleServer",
                                           "flexibleservers"};
inline constexpr k8s::Kind kFlexibleDatabase{"dbforpostgresql.azure.com", "", "FlexibleServersDatabase",
                                             "flexibleserversdatabases"};
inline constexpr k8s::Kind kAzureRedis{"cache.azure.com", "", "Redis", "redis"};

}  // namespace promptsales::controllers::bindings
