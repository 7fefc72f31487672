#pragma once

#include <string>
#include <vector>

namespace promptsales::backend {

/// What is wrong with one part of a request. Becomes an entry of `errors` in a problem+json reply.
struct FieldError {
  std::string
      pointer;  ///< JSON pointer as a URI fragment ("#/budget/currency"), or "?limit" for a query parameter
  std::string detail;  ///< one sentence for a person: what is expected
};

using FieldErrors = std::vector<FieldError>;

}  // namespace promptsales::backend
