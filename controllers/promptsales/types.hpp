#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.hpp"
#include "controllers/promptsales/effective.hpp"
#include "controllers/promptsales/spec.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::controllers {

/// One PromptSales resource as read from the API.
struct PromptSales {
  k8s::ObjectKey key;
  std::string uid;               ///< its identity: a resource made anew under the same name has another one
  std::string resource_version;  ///< opaque; empty from a cached document, which does not keep it
  std::int64_t generation = 0;
  bool deleting = false;  ///< metadata.deletionTimestamp is set
  std::string created;    ///< metadata.creationTimestamp, RFC 3339 in UTC: texts compare like times
  /// Requests that a person makes without changing the spec: its annotations promptsales.io/…
  std::map<std::string, std::string> annotations;
  Spec spec;
  k8s::Json status;  ///< as last seen, null if absent: the status writer compares with it and keeps its times
};

/// The resource in a JSON document of kind PromptSales.
///
/// Errors   a field that is required and missing, of a wrong type, or an unknown value of an enum:
///          kWaitForSpecChange, reason InvalidSpec, the message names the field by its full path and says
///          what it must be. Unknown fields are passed over: a newer CRD may have them.
/// Threads  pure; never throws.
/// Not      validation: ranges and rules across fields are validate()'s.
[[nodiscard]] Result<PromptSales> from_object(const k8s::Json& object);

}  // namespace promptsales::controllers
