#include "controllers/promptsales/settings.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "base/strings.hpp"
#include "controllers/promptsales/postgres_version.hpp"
#include "controllers/promptsales/types.hpp"
#include "controllers/promptsales/validate.hpp"
#include "operator/k8s/quantity.hpp"

namespace promptsales::controllers {
namespace {

using Node = YAML::Node;

/// Takes the value of a key into where it belongs, or says what is wrong with it.
using Take = std::function<void(const Node& value, const std::string& path)>;
/// Every key that a map may have.
using Keys = std::vector<std::pair<std::string, Take>>;

/// Collects mistakes, so that a person hears of all of them at once.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  void map(const Node& node, const std::string& path, const Keys& keys) {
    if (node.IsNull()) return;  // `backend:` with nothing below
    if (!node.IsMap()) return wrong(node, path, "must be a map of " + names(keys));
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      std::string at = path;
      if (!at.empty()) at += '.';
      at += name;
      lines_[at] = entry.first.Mark().line;
      const auto known = std::ranges::find(keys, name, &Keys::value_type::first);
      if (known == keys.end())
        wrong(entry.first, at, "is no setting; here may be " + names(keys));
      else if (!seen.insert(name).second)
        wrong(entry.first, at, "is there twice; remove one");
      else
        known->second(entry.second, at);
    }
  }

  [[nodiscard]] Take whole(std::int64_t& into, std::int64_t least, std::int64_t most) {
    return [=, &into, this](const Node& value, const std::string& path) {
      const std::string text = scalar(value);
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most)
        return wrong(value, path,
                     "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
      into = number;
    };
  }

  [[nodiscard]] Take amount(std::string& into) {
    return [&into, this](const Node& value, const std::string& path) {
      const std::string text = scalar(value);
      const auto quantity = k8s::Quantity::parse(text);
      if (!quantity || *quantity < *k8s::Quantity::parse("0"))
        return wrong(value, path, "must be an amount of 0 or more, such as 250m, 2 or 16Gi");
      into = text;
    };
  }

  [[nodiscard]] Take price(Price& into) {
    return [&into, this](const Node& value, const std::string& path) {
      const auto price = Price::parse(scalar(value));
      if (!price)
        return wrong(value, path, "must be a price such as 0.0316, with at most nine digits after the point");
      into = *price;
    };
  }

  /// Text that `good` accepts; `what` says how it must be.
  [[nodiscard]] Take text(std::string& into, bool (*good)(const std::string&), const std::string& what) {
    return [=, &into, this](const Node& value, const std::string& path) {
      const std::string text = scalar(value);
      if (!good(text)) return wrong(value, path, "must be " + what);
      into = text;
    };
  }

  [[nodiscard]] Take nested(Keys keys) {
    return [keys = std::move(keys), this](const Node& value, const std::string& path) {
      map(value, path, keys);
    };
  }

  void wrong(const Node& node, const std::string& path, const std::string& what) {
    mistake(node.Mark().line, path, what);
  }

  /// About a path that was found wrong only together with others: the line of the nearest one that is there.
  void wrong_together(std::string path, const std::string& what) {
    const std::string whole = path;
    while (!lines_.contains(path) && path.contains('.')) path.resize(path.rfind('.'));
    const auto line = lines_.find(path);
    mistake(line == lines_.end() ? 0 : line->second, whole, what);
  }

  [[nodiscard]] const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  void mistake(int line, const std::string& path, const std::string& what) {
    mistakes_.push_back(file_ + ":" + std::to_string(line + 1) + ": " +
                        (path.empty() ? "the document" : path) + " " + what);
  }

  static std::string scalar(const Node& node) { return node.IsScalar() ? node.Scalar() : ""; }

  static std::string names(const Keys& keys) {
    std::string text;
    for (const auto& [name, take] : keys) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  const std::string file_;
  std::map<std::string, int> lines_;
  std::vector<std::string> mistakes_;
};

bool is_topology_key(const std::string& text) {
  return !text.empty() && text.size() <= 317 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") ==
             std::string::npos;
}

bool is_when_unsatisfiable(const std::string& text) {
  return text == "ScheduleAnyway" || text == "DoNotSchedule";
}

/// 0 and 100% would block every drain.
bool is_max_unavailable(const std::string& text) {
  const bool percent = text.ends_with('%');
  const std::string digits = percent ? text.substr(0, text.size() - 1) : text;
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} && end == digits.data() + digits.size() && number >= 1 &&
         number <= (percent ? 99 : 1000);
}

bool is_percentage(const std::string& text) {
  const auto price = Price::parse(text);
  return price && text.size() <= 8 && price->nano < Price{100'000'000'000}.nano;
}

bool is_http_url(const std::string& text) {
  const auto host = text.starts_with("http://") ? 7U : text.starts_with("https://") ? 8U : 0U;
  // A login in it would be readable by whoever may read a ScaledObject.
  return host > 0 && text.size() > host && text.size() <= 512 && text.find('@') == std::string::npos &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isgraph(c) != 0; });
}

bool is_currency(const std::string& text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_image(const std::string& text) {
  return !text.empty() && text.size() <= 512 && std::isalnum(static_cast<unsigned char>(text.front())) &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@") ==
             std::string::npos;
}

Keys requests(Reader& reader, std::string& cpu, std::string& memory) {
  return {{"requests", reader.nested({{"cpu", reader.amount(cpu)}, {"memory", reader.amount(memory)}})}};
}

Keys embedded(Reader& reader, EmbeddedSize& size) {
  Keys keys{{"resources", reader.nested(requests(reader, size.cpu, size.memory))}};
  if (!size.storage.empty()) keys.emplace_back("storage", reader.amount(size.storage));
  return keys;
}

/// The keys of a tier, in the shape that spec and status.effective have.
Keys keys_of(Reader& reader, TierProfile& tier) {
  Keys scaling{{"minReplicas", reader.whole(tier.min_replicas, 1, 1000)},
               {"maxReplicas", reader.whole(tier.max_replicas, 1, 1000)},
               {"targetCPUUtilization", reader.whole(tier.target_cpu_utilization, 1, 100)},
               {"scaleDownWindowSeconds", reader.whole(tier.scale_down_window_seconds, 0, 3600)}};
  Keys keys{{"backend", reader.nested({{"autoscaling", reader.nested(std::move(scaling))},
                                       {"resources", reader.nested(requests(reader, tier.backend_cpu,
                                                                            tier.backend_memory))}})}};
  if (tier.database) keys.emplace_back("database", reader.nested(embedded(reader, *tier.database)));
  if (tier.cache) keys.emplace_back("cache", reader.nested(embedded(reader, *tier.cache)));
  keys.emplace_back(
      "spread",
      reader.nested({{"topologyKey", reader.text(tier.topology_key, is_topology_key, "a label of nodes")},
                     {"whenUnsatisfiable", reader.text(tier.when_unsatisfiable, is_when_unsatisfiable,
                                                       "ScheduleAnyway or DoNotSchedule")}}));
  keys.emplace_back(
      "disruptionBudget",
      reader.nested({{"maxUnavailable", reader.text(tier.max_unavailable, is_max_unavailable,
                                                    "a number from 1 or a percentage from 1% to 99%")}}));
  keys.emplace_back("availabilityObjective", reader.text(tier.availability_objective, is_percentage,
                                                         "a percentage below 100, such as 99.9"));
  if (tier.machines)
    keys.emplace_back("machines", reader.nested({{"cpu", reader.amount(tier.machines->cpu)},
                                                 {"memory", reader.amount(tier.machines->memory)},
                                                 {"storage", reader.amount(tier.machines->storage)}}));
  return keys;
}

/// A resource that asks for the tier and nothing else.
PromptSales plain(Tier tier) {
  PromptSales app;
  app.spec.tier = tier;
  if (!profile_of(tier).database) app.spec.database = Database{.type = DatabaseType::kSecret};
  if (!profile_of(tier).cache) app.spec.cache = Cache{.type = CacheType::kSecret};
  return app;
}

/// A tier must be good for a resource that overrides nothing: by the same rules, whose paths are the same.
void check_tier(Reader& reader, Tier tier, const TierTable& tiers) {
  const PromptSales app = plain(tier);
  for (const auto& error : validate(app, effective(app, "image", tiers))) {
    const std::string path = error.path.substr(std::string_view{"spec"}.size());
    reader.wrong_together("tiers." + std::string{text_of(tier)} + path, error.message);
  }
}

Result<Settings> read(const Node& root, const std::string& file) {
  Reader reader{file};
  Settings settings;
  PriceSheet prices;
  Keys tiers;
  for (auto& tier : settings.tiers)
    tiers.emplace_back(text_of(tier.tier), reader.nested(keys_of(reader, tier)));
  Keys of_prices{{"currency", reader.text(prices.currency, is_currency, "an ISO 4217 code such as USD")},
                 {"cpuHour", reader.price(prices.cpu_hour)},
                 {"memoryGiBHour", reader.price(prices.memory_gib_hour)},
                 {"storageGiBMonth", reader.price(prices.storage_gib_month)},
                 {"loadBalancerMonth", reader.price(prices.load_balancer_month)}};
  const Take take_prices = [&](const Node& value, const std::string& path) {
    reader.map(value, path, of_prices);
    if (value.IsMap()) settings.prices = prices;
  };
  RequestMetrics metrics;
  const Keys of_keda{
      {"prometheus", reader.text(metrics.prometheus, is_http_url,
                                 "the URL of a Prometheus, such as http://prometheus.monitoring:9090")},
      {"requestsPerSecond", reader.whole(metrics.requests_per_second, 1, 1'000'000)}};
  const Take take_keda = [&](const Node& value, const std::string& path) {
    reader.map(value, path, of_keda);
    if (value.IsMap() && !value["prometheus"])
      reader.wrong(value, path, "does nothing without prometheus: name one, or take keda out");
    else if (value.IsMap())
      settings.request_metrics = metrics;
  };
  Keys of_postgres;
  for (const auto version : kPostgresVersions)
    of_postgres.emplace_back(version, [&settings, &reader, version](const Node& value,
                                                                    const std::string& path) {
      std::string image;
      reader.text(image, is_image,
                  "an image reference such as docker.io/library/postgres:17, without blanks")(value, path);
      if (!image.empty()) settings.postgres_images[std::string{version}] = image;
    });
  reader.map(root, "",
             {{"tiers", reader.nested(std::move(tiers))},
              {"prices", take_prices},
              {"keda", take_keda},
              {"images", reader.nested({{"postgres", reader.nested(std::move(of_postgres))}})}});
  if (reader.mistakes().empty())
    for (const auto& tier : settings.tiers) check_tier(reader, tier.tier, settings.tiers);
  if (reader.mistakes().empty()) return settings;
  return failure(Remedy::kShutDown, "BadConfig", join(reader.mistakes(), "; "));
}

}  // namespace

Result<Settings> read_settings(const std::string& text, const std::string& file) {
  try {
    const auto documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      return failure(Remedy::kShutDown, "BadConfig",
                     file + ": there are " + std::to_string(documents.size()) +
                         " YAML documents; write one, without ---");
    return read(documents.empty() ? Node{} : documents.front(), file);
  } catch (const YAML::Exception& e) {
    return failure(Remedy::kShutDown, "BadConfig",
                   file + ":" + std::to_string(e.mark.line + 1) + ": this is no YAML: " + e.msg);
  }
}

}  // namespace promptsales::controllers
