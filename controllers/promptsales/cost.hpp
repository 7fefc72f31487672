#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controllers/promptsales/effective.hpp"

namespace promptsales::controllers {

/// An amount of money in billionths of a currency's unit: exact, as prices are often fractions of a cent.
struct Price {
  std::int64_t nano = 0;

  /// "12", "0.0316": digits, at most six before and nine after the point. Nothing for any other text.
  [[nodiscard]] static std::optional<Price> parse(std::string_view text);

  bool operator==(const Price&) const = default;
};

/// What machines cost, from the operator's configuration. A price that is not given is 0.
struct PriceSheet {
  std::string currency;  ///< ISO 4217, "USD"; empty: not said
  Price cpu_hour;        ///< one core for an hour
  Price memory_gib_hour;
  Price storage_gib_month;
  Price load_balancer_month;

  bool operator==(const PriceSheet&) const = default;
};

/// An estimate for one month, as texts with two decimals: floats do not survive JSON.
struct Cost {
  std::string monthly_min;  ///< at the least number of pods
  std::string monthly_max;  ///< at the largest number of pods
  std::string current;      ///< at the number of pods that there are
  std::string currency;     ///< empty: not said
};

/// What the resource's requests cost: backend pods, the servers that it has in this cluster and their volumes
/// (servers.hpp), and a load balancer if it has one of its own. A month is 730 hours.
///
/// Not      services that somebody else provides, traffic, or what machines cost that stand idle.
/// Threads  pure.
[[nodiscard]] Cost cost_of(const Effective& effective, std::int64_t replicas, bool load_balancer,
                           const PriceSheet& prices);

}  // namespace promptsales::controllers
