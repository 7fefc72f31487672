#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "backend/db/pool.hpp"
#include "backend/logic/campaign.hpp"
#include "backend/logic/idempotency.hpp"
#include "backend/logic/page_query.hpp"

namespace promptsales::backend {

/// Campaigns in Postgres. Every statement carries the organization.
///
/// Errors   as DbPool::query.
/// Threads  the pool's loop.
class CampaignStore {
 public:
  explicit CampaignStore(DbPool& pool) : pool_(pool) {}

  boost::asio::awaitable<Result<std::optional<Campaign>>> find(const Uuid& org, const Uuid& id);
  /// Newest first, at most `count`, those after `after`.
  boost::asio::awaitable<Result<std::vector<Campaign>>> list(const Uuid& org,
                                                             const std::optional<PagePosition>& after,
                                                             int count);
  boost::asio::awaitable<Result<void>> insert(const Uuid& org, const Campaign& campaign);

  /// Inserts and remembers the reply under its key, in one transaction. A concurrent request with the same
  /// key waits for this one. Returns  nothing if it was inserted; the remembered reply if the key was used in
  /// the last 24 h.
  boost::asio::awaitable<Result<std::optional<RememberedReply>>> insert_once(
      const Uuid& org, const Campaign& campaign, const IdempotentRequest& request);

 private:
  DbPool& pool_;
};

}  // namespace promptsales::backend
