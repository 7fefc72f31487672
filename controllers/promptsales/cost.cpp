#include "controllers/promptsales/cost.hpp"

#include <algorithm>

#include "controllers/promptsales/servers.hpp"

namespace promptsales::controllers {
namespace {

__extension__ using Wide = __int128;

constexpr int kHoursOfAMonth = 730;
constexpr int kMilli = 1000;
constexpr int kMebibytesOfAGibibyte = 1024;
/// Sums are kept in nano units times both divisors, so that nothing is rounded before the end.
constexpr Wide kScale = Wide{kMilli} * kMebibytesOfAGibibyte;
constexpr Wide kNanoOfACent = 10'000'000;
constexpr Wide kLargest = 9'999'999'999'999;  // in cents: what the status has room for

Wide requests_cost(const Amounts& amounts, const PriceSheet& prices) {
  const Wide cpu = milli(request(amounts, "cpu"));
  const Wide memory = mebibytes(request(amounts, "memory"));
  return (cpu * prices.cpu_hour.nano * kMebibytesOfAGibibyte +
          memory * prices.memory_gib_hour.nano * kMilli) *
         kHoursOfAMonth;
}

/// "123.45", half a cent upwards.
std::string text_of_cost(Wide scaled) {
  const Wide cent = kScale * kNanoOfACent;
  const auto cents = static_cast<std::int64_t>(std::min((scaled + cent / 2) / cent, kLargest));
  const std::string fraction = std::to_string(cents % 100);
  return std::to_string(cents / 100) + (fraction.size() == 1 ? ".0" : ".") + fraction;
}

std::optional<std::int64_t> digits(std::string_view text, std::size_t most) {
  if (text.empty() || text.size() > most) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<Price> Price::parse(std::string_view text) {
  constexpr std::size_t kDecimals = 9;
  const auto point = text.find('.');
  const auto whole = digits(text.substr(0, point), 6);
  if (!whole) return std::nullopt;
  std::string fraction{point == std::string_view::npos ? "0" : text.substr(point + 1)};
  if (fraction.empty() || fraction.size() > kDecimals) return std::nullopt;
  fraction.resize(kDecimals, '0');
  const auto nano = digits(fraction, kDecimals);
  if (!nano) return std::nullopt;
  return Price{*whole * 1'000'000'000 + *nano};
}

Cost cost_of(const Effective& effective, std::int64_t replicas, bool load_balancer,
             const PriceSheet& prices) {
  const Wide pod = requests_cost(effective.backend.resources, prices);
  Wide fixed = load_balancer ? prices.load_balancer_month.nano * kScale : 0;
  for (const auto& [count, resources, storage] : servers_in_the_cluster(effective))
    fixed += count * (requests_cost(resources, prices) +
                      Wide{mebibytes(storage)} * prices.storage_gib_month.nano * kMilli);
  const auto at = [&](std::int64_t pods) { return text_of_cost(fixed + pod * pods); };
  return {at(effective.backend.min_replicas), at(effective.backend.max_replicas), at(replicas),
          prices.currency};
}

}  // namespace promptsales::controllers
