#include "operator/runtime/metrics.hpp"

#include <prometheus/text_serializer.h>
#include <sys/resource.h>

#include <array>
#include <fstream>

namespace promptsales::runtime {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                       0.5,   1,     2.5,  5,     10,   30,  60};
constexpr std::array<std::string_view, 6> kInformerStates{"connecting", "listing", "watching",
                                                          "forbidden",  "missing", "failing"};

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// A line of /proc/self/status, as a number in its own unit.
double proc_status(std::string_view field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field)) return std::strtod(line.c_str() + field.size() + 1, nullptr);
  return 0;
}

}  // namespace

Metrics::Metrics()
    : requests_(BuildCounter()
                    .Name("rest_client_requests_total")
                    .Help("API requests by status and verb")
                    .Register(registry_)),
      request_seconds_(BuildHistogram()
                           .Name("rest_client_request_duration_seconds")
                           .Help("API request time by verb")
                           .Register(registry_)),
      reconciles_(BuildCounter()
                      .Name("controller_runtime_reconcile_total")
                      .Help("Reconciles by result")
                      .Register(registry_)),
      reconcile_seconds_(BuildHistogram()
                             .Name("controller_runtime_reconcile_time_seconds")
                             .Help("Time of a reconcile")
                             .Register(registry_)
                             .Add({{"controller", "promptsales"}}, kSeconds)),
      queue_seconds_(BuildHistogram()
                         .Name("workqueue_queue_duration_seconds")
                         .Help("Time a key waited to be taken")
                         .Register(registry_)
                         .Add({{"name", "promptsales"}}, kSeconds)),
      reconcile_errors_(BuildCounter()
                            .Name("controller_runtime_reconcile_errors_total")
                            .Help("Reconciles that failed")
                            .Register(registry_)
                            .Add({{"controller", "promptsales"}})),
      retries_(BuildCounter()
                   .Name("workqueue_retries_total")
                   .Help("Keys queued again after a failure")
                   .Register(registry_)
                   .Add({{"name", "promptsales"}})),
      depth_(BuildGauge()
                 .Name("workqueue_depth")
                 .Help("Keys ready to be reconciled")
                 .Register(registry_)
                 .Add({{"name", "promptsales"}})),
      active_workers_(BuildGauge()
                          .Name("controller_runtime_active_workers")
                          .Help("Workers in a reconcile")
                          .Register(registry_)
                          .Add({{"controller", "promptsales"}})),
      max_workers_(BuildGauge()
                       .Name("controller_runtime_max_concurrent_reconciles")
                       .Help("Workers")
                       .Register(registry_)
                       .Add({{"controller", "promptsales"}})),
      leading_(BuildGauge()
                   .Name("leader_election_master_status")
                   .Help("1 while this process may write")
                   .Register(registry_)
                   .Add({{"name", "promptsales-operator"}})),
      informer_state_(BuildGauge()
                          .Name("promptsales_informer_state")
                          .Help("1 for the state that the watch of a kind is in")
                          .Register(registry_)),
      informer_objects_(BuildGauge()
                            .Name("promptsales_informer_objects")
                            .Help("Objects cached by kind")
                            .Register(registry_)),
      child_writes_(BuildCounter()
                        .Name("promptsales_child_writes_total")
                        .Help("Writes of children by child and what")
                        .Register(registry_)),
      suppressed_(BuildCounter()
                      .Name("promptsales_noop_writes_suppressed_total")
                      .Help("Children found as they should be")
                      .Register(registry_)
                      .Add({})),
      denied_(BuildCounter()
                  .Name("promptsales_write_gate_denied_total")
                  .Help("Writes held back because the lease was not held")
                  .Register(registry_)
                  .Add({})),
      configuration_(BuildGauge()
                         .Name("promptsales_config_last_reload_successful")
                         .Help("1 while the newest content of the configuration file is in force")
                         .Register(registry_)),
      certificate_expiry_(BuildGauge()
                              .Name("promptsales_certificate_expiration_timestamp_seconds")
                              .Help("When a certificate of a PromptSales expires, in seconds since 1970")
                              .Register(registry_)),
      resident_(BuildGauge()
                    .Name("process_resident_memory_bytes")
                    .Help("Resident memory")
                    .Register(registry_)
                    .Add({})),
      cpu_seconds_(BuildGauge()
                       .Name("process_cpu_seconds_total")
                       .Help("User and system CPU time")
                       .Register(registry_)
                       .Add({})),
      threads_(BuildGauge().Name("process_threads").Help("Threads").Register(registry_).Add({})) {}

void Metrics::request(std::string_view verb, int status, std::chrono::nanoseconds took) {
  const std::string name{verb};
  const std::string code = status == 0 ? "<error>" : std::to_string(status);
  requests_.Add({{"method", name}, {"code", code}}).Increment();
  if (verb != "watch") request_seconds_.Add({{"verb", name}}, kSeconds).Observe(seconds(took));
}

void Metrics::reconciled(std::string_view result, std::chrono::nanoseconds took,
                         std::chrono::nanoseconds waited) {
  reconciles_.Add({{"controller", "promptsales"}, {"result", std::string{result}}}).Increment();
  if (result == "error") reconcile_errors_.Increment();
  reconcile_seconds_.Observe(seconds(took));
  queue_seconds_.Observe(seconds(waited));
}

void Metrics::queue_depth(std::size_t depth) { depth_.Set(static_cast<double>(depth)); }

void Metrics::workers(int active, int all) {
  active_workers_.Set(active);
  max_workers_.Set(all);
}

void Metrics::retried() { retries_.Increment(); }

void Metrics::leading(bool leads) { leading_.Set(leads ? 1 : 0); }

void Metrics::informer(std::string_view resource, std::string_view state, std::size_t objects) {
  const std::string name{resource};
  for (std::string_view each : kInformerStates)
    informer_state_.Add({{"resource", name}, {"state", std::string{each}}}).Set(each == state ? 1 : 0);
  informer_objects_.Add({{"resource", name}}).Set(static_cast<double>(objects));
}

void Metrics::child_write(std::string_view child, std::string_view what) {
  child_writes_.Add({{"child", std::string{child}}, {"write", std::string{what}}}).Increment();
}

void Metrics::noop_write_suppressed() { suppressed_.Increment(); }

void Metrics::write_denied() { denied_.Increment(); }

void Metrics::configuration(bool good) { configuration_.Add({}).Set(good ? 1 : 0); }

void Metrics::certificate_expires(const std::string& ns, const std::string& name, const std::string& type,
                                  std::chrono::system_clock::time_point when) {
  certificates_.with([&](auto& certificates) {
    auto& gauge = certificates[{ns, name}][type];
    if (!gauge) gauge = &certificate_expiry_.Add({{"namespace", ns}, {"name", name}, {"type", type}});
    gauge->Set(static_cast<double>(std::chrono::system_clock::to_time_t(when)));
  });
}

void Metrics::certificates_gone(const std::string& ns, const std::string& name) {
  certificates_.with([&](auto& certificates) {
    const auto found = certificates.find({ns, name});
    if (found == certificates.end()) return;
    for (const auto& [type, gauge] : found->second) certificate_expiry_.Remove(gauge);
    certificates.erase(found);
  });
}

std::string Metrics::exposition() const {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto cpu = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  cpu_seconds_.Set(cpu(usage.ru_utime) + cpu(usage.ru_stime));
  resident_.Set(proc_status("VmRSS") * 1024);
  threads_.Set(proc_status("Threads"));
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace promptsales::runtime
