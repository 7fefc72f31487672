#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/guarded.hpp"

namespace promptsales::runtime {

/// The operator's metrics. Names and labels are controller-runtime's where it has them, so that the
/// dashboards people already have work; our own begin with promptsales_.
///
/// Series   bounded: labels are kinds, verbs, status classes and fixed words. Two for each resource with
///          certificates have its name, and go with it.
/// Threads  any.
class Metrics {
 public:
  Metrics();

  void request(std::string_view verb, int status, std::chrono::nanoseconds took);
  void reconciled(std::string_view result, std::chrono::nanoseconds took, std::chrono::nanoseconds waited);
  void queue_depth(std::size_t depth);
  void workers(int active, int all);
  void retried();
  void leading(bool leads);
  void informer(std::string_view resource, std::string_view state, std::size_t objects);
  void child_write(std::string_view child, std::string_view what);
  void noop_write_suppressed();
  void write_denied();
  /// Whether the newest content of the configuration file is in force. Not told without a file.
  void configuration(bool good);
  /// When a certificate of a resource ends; `type` is "server" or "ca".
  void certificate_expires(const std::string& ns, const std::string& name, const std::string& type,
                           std::chrono::system_clock::time_point when);
  /// The resource is gone or has no certificates any more: so have its series.
  void certificates_gone(const std::string& ns, const std::string& name);

  [[nodiscard]] const prometheus::Registry& registry() const { return registry_; }
  /// The text exposition format, version 0.0.4, with the process' own figures.
  [[nodiscard]] std::string exposition() const;

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& request_seconds_;
  prometheus::Family<prometheus::Counter>& reconciles_;
  prometheus::Histogram& reconcile_seconds_;
  prometheus::Histogram& queue_seconds_;
  prometheus::Counter& reconcile_errors_;
  prometheus::Counter& retries_;
  prometheus::Gauge& depth_;
  prometheus::Gauge& active_workers_;
  prometheus::Gauge& max_workers_;
  prometheus::Gauge& leading_;
  prometheus::Family<prometheus::Gauge>& informer_state_;
  prometheus::Family<prometheus::Gauge>& informer_objects_;
  prometheus::Family<prometheus::Counter>& child_writes_;
  prometheus::Counter& suppressed_;
  prometheus::Counter& denied_;
  prometheus::Family<prometheus::Gauge>& configuration_;
  prometheus::Family<prometheus::Gauge>& certificate_expiry_;
  Guarded<std::map<std::pair<std::string, std::string>, std::map<std::string, prometheus::Gauge*>>>
      certificates_;  ///< by namespace and name, then type
  prometheus::Gauge& resident_;
  prometheus::Gauge& cpu_seconds_;
  prometheus::Gauge& threads_;
};

}  // namespace promptsales::runtime
