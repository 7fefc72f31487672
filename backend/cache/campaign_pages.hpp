#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "backend/cache/redis_client.hpp"
#include "backend/logic/uuid.hpp"
#include "backend/random.hpp"

namespace promptsales::backend {

/// Counts of one loop; read by the metrics page from another thread.
struct CacheCounts {
  std::atomic<std::uint64_t> hits = 0;
  std::atomic<std::uint64_t> misses = 0;
  std::atomic<std::uint64_t> errors = 0;
};

/// The first pages of campaign lists in Redis, as finished JSON, for 30 s (10 % up or down, so that they do
/// not all end at once).
///
/// A write bumps the organization's generation `ps:{org}:gen:campaign`; a page carries the generation that
/// was current *before* the database was read, and is ignored under any other. One MGET reads both.
///
/// Errors   none: without a cache every look-up is a miss and every store is nothing (fail open). A bump that
/// is
///          lost leaves a page stale for at most 33 s.
/// Threads  the loop's only.
class CampaignPages {
 public:
  /// `redis` may be null: no cache is bound.
  CampaignPages(RedisClient* redis, Random& random) : redis_(redis), random_(random) {}

  struct Lookup {
    std::optional<std::string> body;        ///< the page
    std::optional<std::string> generation;  ///< to be given to store(); nothing if the cache did not answer
  };
  boost::asio::awaitable<Lookup> find(const Uuid& org, int limit);
  boost::asio::awaitable<void> store(const Uuid& org, int limit, const std::string& generation,
                                     const std::string& body);
  /// Call after the commit and before the reply, so that a client that lists after its 201 sees its campaign.
  boost::asio::awaitable<void> invalidate(const Uuid& org);

  [[nodiscard]] const CacheCounts& counts() const { return counts_; }

 private:
  RedisClient* const redis_;
  Random& random_;
  CacheCounts counts_;
};

}  // namespace promptsales::backend
