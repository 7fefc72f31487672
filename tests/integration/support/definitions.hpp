#pragma once

#include <vector>

#include "operator/k8s/kind.hpp"
#include "tests/integration/support/api_server.hpp"

namespace promptsales::testing {

/// CustomResourceDefinitions. They exist while this does; definitions are the cluster's, so each test uses a group of its
/// own, or runs alone (tests/integration/CMakeLists.txt).
///
///   real     of cert-manager and KEDA: their own, as hack/build-tools.sh has fetched them, where it has
///   ours     of providers whose own cannot be had: tests/integration/crd/providers.yaml
///   any      of every other kind: as small as the server takes it, and objects may hold anything
///
/// All of them have a status subresource, in which (but for the real ones) anything may stand.
class Definitions {
 public:
  Definitions(ApiServer& server, std::vector<k8s::Kind> kinds);
  ~Definitions();
  Definitions(const Definitions&) = delete;
  Definitions& operator=(const Definitions&) = delete;

 private:
  ApiServer& server_;
  std::vector<k8s::Kind> kinds_;
};

/// One of them.
class Definition : public Definitions {
 public:
  Definition(ApiServer& server, const k8s::Kind& kind) : Definitions(server, {kind}) {}
};

}  // namespace promptsales::testing
