#pragma once

#include <string>

#include "operator/k8s/object.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {

/// A pod of shop/demo as the caches hold it, with this `status` in YAML.
inline k8s::Object a_pod(const std::string& component, const std::string& status,
                         const std::string& suffix = "x") {
  return {{"kind", "Pod"},
          {"metadata",
           {{"name", "demo-" + component + "-" + suffix},
            {"namespace", "shop"},
            {"labels", {{"promptsales.io/name", "demo"}, {"app.kubernetes.io/component", component}}}}},
          {"status", from_yaml(status)}};
}

/// The status of a pod whose container `name` is in this state, as the kubelet writes it.
inline std::string container_in(const std::string& name, const std::string& state) {
  return "{phase: Pending, conditions: [{type: PodScheduled, status: 'True'}], containerStatuses: [{name: " +
         name + ", image: 'registry.example/" + name + ":1', ready: false, restartCount: 3, " + state + "}]}";
}

}  // namespace promptsales::testing
