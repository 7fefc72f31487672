#pragma once

#include <string>

#include "operator/k8s/kind.hpp"
#include "tests/integration/support/api_server.hpp"

namespace promptsales::testing {

/// A CustomResourceDefinition whose objects may hold anything, with a status subresource: as small as the
/// server takes it. Exists while this does; definitions are the cluster's, so each test uses a group of its
/// own.
class Definition {
 public:
  Definition(ApiServer& server, const k8s::Kind& kind);
  ~Definition();
  Definition(const Definition&) = delete;
  Definition& operator=(const Definition&) = delete;

 private:
  ApiServer& server_;
  std::string name_;
};

}  // namespace promptsales::testing
