#include "controllers/promptsales/ownership.hpp"

#include <algorithm>

#include "controllers/promptsales/child_writer.hpp"

namespace promptsales::controllers {
namespace {

std::string created(const k8s::Json& object) {
  return k8s::string_at(object, {"metadata", "creationTimestamp"});
}

}  // namespace

bool is_older(const k8s::Json& object, const PromptSales& app) {
  const std::string time = created(object);
  return !time.empty() && !app.created.empty() && time < app.created;
}

bool existed_before(const k8s::Json& answer, const PromptSales& app) {
  if (is_older(answer, app)) return true;
  const k8s::Json* entries = k8s::at_path(answer, {"metadata", "managedFields"});
  if (!entries || !entries->is_array()) return false;
  return std::ranges::any_of(*entries, [&](const k8s::Json& entry) {
    if (!k8s::string_at(entry, {"subresource"}).empty()) return false;  // a controller that reports on it
    const std::string manager = k8s::string_at(entry, {"manager"});
    return (manager != kManager && manager != kHandoverManager) ||
           k8s::string_at(entry, {"time"}) > created(answer);
  });
}

bool was_reported_on(const PromptSales& app) {
  return k8s::integer_at(app.status, {"observedGeneration"}, -1) >= 0;
}

}  // namespace promptsales::controllers
