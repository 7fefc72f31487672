#include "backend/cache/campaign_pages.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

std::string generation_key(const Uuid& org) { return "ps:{" + to_string(org) + "}:gen:campaign"; }

std::string page_key(const Uuid& org, int limit) {
  return "ps:{" + to_string(org) + "}:v1:campaigns:" + std::to_string(limit);
}

/// A stored page is its generation, a line break, and the body.
std::optional<std::string> body_of(const std::string& stored, const std::string& generation) {
  if (!stored.starts_with(generation + "\n")) return std::nullopt;
  return stored.substr(generation.size() + 1);
}

std::string lifetime_ms(Random& random) {
  constexpr int kLow = 27'000;
  constexpr int kSpread = 6'000;
  const auto bytes = random.ten_bytes();
  return std::to_string(kLow + (bytes[0] << 8 | bytes[1]) % kSpread);
}

void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

asio::awaitable<CampaignPages::Lookup> CampaignPages::find(const Uuid& org, int limit) {
  Lookup lookup;
  if (redis_ == nullptr) co_return lookup;
  const auto generation = generation_key(org);
  const auto page = page_key(org, limit);
  std::vector<std::string_view> command{"MGET", generation, page};
  const auto answer = co_await redis_->command(std::move(command));
  const auto* values = answer ? answer->list() : nullptr;
  if (values == nullptr || values->size() != 2) {
    count(counts_.errors);
    co_return lookup;
  }
  const auto* current = (*values)[0].text();
  lookup.generation = current == nullptr ? "0" : *current;
  if (const auto* stored = (*values)[1].text()) lookup.body = body_of(*stored, *lookup.generation);
  count(lookup.body ? counts_.hits : counts_.misses);
  co_return lookup;
}

asio::awaitable<void> CampaignPages::store(const Uuid& org, int limit, const std::string& generation,
                                           const std::string& body) {
  if (redis_ == nullptr) co_return;
  const auto key = page_key(org, limit);
  const auto value = generation + "\n" + body;
  const auto lifetime = lifetime_ms(random_);
  std::vector<std::string_view> command{"SET", key, value, "PX", lifetime};
  const auto answer = co_await redis_->command(std::move(command));
  if (!answer) count(counts_.errors);
}

asio::awaitable<void> CampaignPages::invalidate(const Uuid& org) {
  if (redis_ == nullptr) co_return;
  const auto key = generation_key(org);
  std::vector<std::string_view> command{"INCR", key};
  const auto answer = co_await redis_->command(std::move(command));
  if (!answer) count(counts_.errors);
}

}  // namespace promptsales::backend
