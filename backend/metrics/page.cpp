#include "backend/metrics/page.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>

namespace promptsales::backend {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric::Histogram sum_of(std::span<const Histogram* const> parts) {
  ClientMetric::Histogram sum;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= kDurationBounds.size(); ++i) {
    for (const auto* part : parts) cumulative += part->bucket(i);
    const bool last = i == kDurationBounds.size();
    sum.bucket.push_back({cumulative, last ? std::numeric_limits<double>::infinity() : kDurationBounds[i]});
  }
  sum.sample_count = cumulative;
  for (const auto* part : parts) sum.sample_sum += part->sum_seconds();
  return sum;
}

MetricFamily durations(std::span<const RouteLabels> routes, std::span<const LoopMetrics> loops,
                       const char* scheme) {
  MetricFamily family{.name = "http_server_request_duration_seconds",
                      .help = "Time from a whole request to its reply, by route and status.",
                      .type = MetricType::Histogram,
                      .metric = {}};
  for (std::size_t place = 0; place <= routes.size(); ++place) {
    const auto labels = place < routes.size() ? routes[place] : RouteLabels{"_OTHER", ""};
    for (std::size_t status = 0; status < kStatuses.size(); ++status) {
      std::vector<const Histogram*> parts;
      for (const auto& loop : loops) {
        if (const auto* part = loop.requests->at(place, status)) parts.push_back(part);
      }
      if (parts.empty()) continue;
      ClientMetric metric;
      metric.label = {{"http_request_method", std::string{labels.method}},
                      {"http_response_status_code", std::to_string(kStatuses[status])},
                      {"http_route", std::string{labels.pattern}},
                      {"url_scheme", scheme}};
      metric.histogram = sum_of(parts);
      family.metric.push_back(std::move(metric));
    }
  }
  return family;
}

MetricFamily gauge(std::string name, std::string help, double value) {
  ClientMetric metric;
  metric.gauge.value = value;
  return {std::move(name), std::move(help), MetricType::Gauge, {std::move(metric)}};
}

MetricFamily counter(std::string name, std::string help) {
  return {std::move(name), std::move(help), MetricType::Counter, {}};
}

void add(MetricFamily& family, std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = value;
  family.metric.push_back(std::move(metric));
}

MetricFamily cache_requests(std::span<const LoopMetrics> loops) {
  auto family = counter("promptsales_cache_requests_total", "Look-ups in the cache, by layer and result.");
  const auto sum = [&](const std::atomic<std::uint64_t> CacheCounts::*which) {
    double value = 0;
    for (const auto& loop : loops) value += static_cast<double>((loop.cache->*which).load());
    return value;
  };
  add(family, {{"layer", "redis"}, {"result", "hit"}}, sum(&CacheCounts::hits));
  add(family, {{"layer", "redis"}, {"result", "miss"}}, sum(&CacheCounts::misses));
  add(family, {{"layer", "redis"}, {"result", "error"}}, sum(&CacheCounts::errors));
  return family;
}

/// The certificate of the public port, when there is one.
void append_tls(std::vector<MetricFamily>& families, const TlsHealth& tls,
                std::span<const LoopMetrics> loops) {
  families.push_back(gauge("promptsales_tls_certificate_not_after_timestamp_seconds",
                           "When the certificate in use expires.",
                           static_cast<double>(std::chrono::system_clock::to_time_t(*tls.not_after))));
  auto reloads =
      counter("promptsales_tls_reloads_total", "Changed certificate files, by what became of them.");
  add(reloads, {{"result", "applied"}}, static_cast<double>(tls.applied));
  add(reloads, {{"result", "rejected"}}, static_cast<double>(tls.rejected));
  families.push_back(std::move(reloads));
  auto failed =
      counter("promptsales_tls_failed_handshakes_total", "TLS handshakes that clients did not finish.");
  std::uint64_t sum = 0;
  for (const auto& loop : loops) sum += loop.failed_handshakes;
  add(failed, {}, static_cast<double>(sum));
  families.push_back(std::move(failed));
}

/// What became of the files of the bindings.
void append_bindings(std::vector<MetricFamily>& families, const Health& health) {
  MetricFamily generations{"promptsales_binding_generation",
                           "Which credentials are in use, counted from 1 at the start of the process.",
                           MetricType::Gauge,
                           {}};
  auto reloads = counter("promptsales_binding_reloads_total", "Changed bindings, by what became of them.");
  for (const auto& [name, guarded] :
       {std::pair{"database", &health.database_binding}, std::pair{"cache", &health.cache_binding}}) {
    const auto binding = guarded->with([](const BindingHealth& state) { return state; });
    ClientMetric generation;
    generation.label = {{"binding", name}};
    generation.gauge.value = static_cast<double>(binding.generation);
    generations.metric.push_back(std::move(generation));
    add(reloads, {{"binding", name}, {"result", "applied"}}, static_cast<double>(binding.generation - 1));
    add(reloads, {{"binding", name}, {"result", "rejected"}}, static_cast<double>(binding.rejected));
  }
  families.push_back(std::move(generations));
  families.push_back(std::move(reloads));
}

MetricFamily build_info() {
  ClientMetric metric;
  metric.label = {{"version", PROMPTSALES_VERSION}};
  metric.gauge.value = 1;
  return {"promptsales_build_info", "1, labelled with the version.", MetricType::Gauge, {std::move(metric)}};
}

}  // namespace

std::string metrics_page(std::span<const RouteLabels> routes, std::span<const LoopMetrics> loops,
                         const Health& health) {
  std::int64_t active = 0;
  std::size_t connections = 0;
  for (const auto& loop : loops) {
    active += loop.requests->active();
    connections += loop.connections;
  }
  std::vector<MetricFamily> families;
  const auto tls = health.tls.with([](const TlsHealth& state) { return state; });
  families.push_back(durations(routes, loops, tls.not_after ? "https" : "http"));
  families.push_back(
      gauge("http_server_active_requests", "Requests being answered.", static_cast<double>(active)));
  families.push_back(
      gauge("promptsales_http_connections", "Open client connections.", static_cast<double>(connections)));
  families.push_back(gauge("promptsales_db_connections", "Live connections to Postgres.",
                           health.database.snapshot().connections));
  families.push_back(gauge("promptsales_cache_connections", "Live connections to Redis.",
                           health.cache.snapshot().connections));
  families.push_back(
      gauge("promptsales_migrated", "1 once the schema is up to date.", health.migrated ? 1 : 0));
  families.push_back(gauge("promptsales_draining", "1 from SIGTERM on.", health.draining ? 1 : 0));
  families.push_back(gauge("promptsales_event_loops", "Event loops that serve requests.",
                           static_cast<double>(loops.size())));
  families.push_back(cache_requests(loops));
  append_bindings(families, health);
  if (tls.not_after) append_tls(families, tls, loops);
  families.push_back(build_info());
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace promptsales::backend
