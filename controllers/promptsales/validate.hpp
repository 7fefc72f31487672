#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "controllers/promptsales/types.hpp"

namespace promptsales::controllers {

/// What is wrong with one field.
struct FieldError {
  std::string path;     ///< "spec.backend.autoscaling.minReplicas"
  std::string message;  ///< what is wrong and what to do, to be read after the path

  [[nodiscard]] std::string str() const { return path + ": " + message; }
  bool operator==(const FieldError&) const = default;
};

/// What does not fit together, in the order of the spec; empty if all is well.
///
/// What older operators have taken and this one does not stops new resources alone: of one whose component is in force it
/// is said by the component's condition (bindings/), and everything goes on. An upgrade is no reason to stop anything.
///
/// Only what the API server cannot refuse because it does not know the tier table: bounds of which one is the
/// tier's, amounts against each other. Types, enums, unions, ranges and immutability
/// are the CRD's (crds/promptsales.yaml).
///
/// Threads  pure.
[[nodiscard]] std::vector<FieldError> validate(const PromptSales& app, const Effective& effective);

/// Fields that are set to something this operator does not act on yet, in the order of the spec; the same of what older
/// operators have taken.
///
/// Follows from the marks in fields.hpp and enums.hpp.
/// Threads  pure.
[[nodiscard]] std::vector<FieldError> not_implemented(const PromptSales& app);

/// Whether an operator has already given the resource a cache of this type, as its status says.
[[nodiscard]] bool has_cache_of(const PromptSales& app, CacheType type);

/// Both of the above as one answer.
///
/// Errors   kWaitForSpecChange: reason InvalidSpec, or NotImplemented if that is all there is; the message
///          has one sentence a field.
[[nodiscard]] Result<void> check_spec(const PromptSales& app, const Effective& effective);

}  // namespace promptsales::controllers
