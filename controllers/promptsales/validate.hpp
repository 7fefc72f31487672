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
/// Only what the API server cannot refuse because it does not know the tier table: bounds of which one is the
/// tier's, amounts against each other. Types, enums, unions, ranges and immutability
/// are the CRD's (crds/promptsales.yaml).
///
/// Threads  pure.
[[nodiscard]] std::vector<FieldError> validate(const PromptSales& app, const Effective& effective);

/// Fields that are set to something this operator does not act on yet, in the order of the spec.
///
/// Follows from the marks in fields.hpp and enums.hpp.
/// Threads  pure.
[[nodiscard]] std::vector<FieldError> not_implemented(const Spec& spec);

/// Both of the above as one answer.
///
/// Errors   kWaitForSpecChange: reason InvalidSpec, or NotImplemented if that is all there is; the message
///          has one sentence a field.
[[nodiscard]] Result<void> check_spec(const PromptSales& app, const Effective& effective);

}  // namespace promptsales::controllers
