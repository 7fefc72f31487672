#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controllers/caches.hpp"
#include "controllers/promptsales/reconciler.hpp"
#include "operator/runtime/controller.hpp"
#include "operator/runtime/event_recorder.hpp"
#include "operator/runtime/optional_informers.hpp"
#include "operator/runtime/referenced_objects.hpp"

namespace promptsales::controllers {

/// The informers that the PromptSales controller needs: one for the resource itself, which comes first, one
/// for each kind of children.def, and those for pods and volume claims, which explain why a child is not
/// ready.
///
/// Children, pods and claims are watched by the label that the operator gives them: what others have in the
/// cluster never enters this process.
[[nodiscard]] std::vector<std::unique_ptr<runtime::Informer>> make_informers(client::Client& client,
                                                                             const std::string& ns,
                                                                             const Clock& clock);

/// Declares the kinds of optional_kinds.hpp, of which no watch begins before a resource needs it.
void declare_optional(runtime::OptionalInformers& optional);

/// What a resource may refer to without owning it, and how its changes are found.
struct Foreign {
  runtime::OptionalInformers& optional;
  runtime::References& references;
  runtime::ReferencedObjects& objects;
};

/// Makes every change wake the PromptSales that it concerns. A deleted PromptSales is answered with an Event
/// that says which data was kept, by the replica that may write.
///
/// Lifetime  all arguments must outlive the informers' threads.
void connect(const std::vector<std::unique_ptr<runtime::Informer>>& informers, const Foreign& foreign,
             const Caches& caches, runtime::WorkQueue& queue, runtime::EventRecorder& events,
             Reconciler& reconciler, const std::function<bool()>& may_write);

}  // namespace promptsales::controllers
