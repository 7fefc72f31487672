#include "operator/runtime/referenced_objects.hpp"

#include <array>

#include "base/check.hpp"

namespace promptsales::runtime {
namespace {

using k8s::Kind;
using k8s::ObjectKey;
using k8s::ProjectionPtr;

/// The same collections seen without content: kinds are told apart by address, so these have stores and
/// watches of their own.
constexpr Kind kSecretNames{"", "v1", "Secret", "secrets"};
constexpr Kind kConfigMapNames{"", "v1", "ConfigMap", "configmaps"};

struct View {
  const Kind* kind;
  const Kind* names;
};
constexpr std::array<View, 2> kViews{
    {{&k8s::kinds::kSecret, &kSecretNames}, {&k8s::kinds::kConfigMap, &kConfigMapNames}}};

const View* view_of(const Kind& kind, const Kind* View::*member) {
  for (const View& view : kViews)
    if (view.*member == &kind) return &view;
  return nullptr;
}

/// Stands in the store for a name that nobody asked for when the watch passed it, so that its deletion is
/// noticed. Older than every object.
ProjectionPtr unseen(const ObjectKey& key) {
  return std::make_shared<const k8s::Projection>(k8s::Projection{.key = key, .resource_version = "0"});
}

}  // namespace

ReferencedObjects::ReferencedObjects(client::Client& client, OptionalInformers& optional,
                                     References& references)
    : client_(client), optional_(optional), references_(references) {
  for (const View& view : kViews)
    optional_.declare(
        {*view.names, {.metadata_only = true}, k8s::Keep{"kind"}, [this, &view](const ObjectKey& key) {
           return references_.has({view.kind, key});
         }});
}

bool ReferencedObjects::connect(const Kind& declared, Informer& informer) {
  const View* view = view_of(declared, &View::names);
  if (!view) return false;
  informer.on_change([this, view](const Store::Change& change, bool) { changed(*view->kind, change); });
  return true;
}

Result<ProjectionPtr> ReferencedObjects::read(const ObjectKey& from, const Kind& kind,
                                              const std::string& name) {
  const View* view = view_of(kind, &View::kind);
  PS_CHECK(view != nullptr);
  const References::Target target{view->kind, {from.namespace_, name}};
  references_.add(from, target);
  auto informer = optional_.demand(*view->names);
  if (!informer) return Failure{informer.error()};

  std::uint64_t seen_changes = 0;
  {
    std::lock_guard lock(mutex_);
    if (auto& store = (*informer)->store(); !store.find(target.second))
      (void)store.observed(unseen(target.second));
    const Entry& entry = entries_[target];
    if (entry.current) return entry.object;
    seen_changes = entry.changes;
  }
  auto object = fetch(target);
  if (!object) return object;
  // While the watch does not run, changes go unseen: then every read asks.
  const auto status = (*informer)->status();
  const bool watched = status.synced && !status.trouble;
  std::lock_guard lock(mutex_);
  Entry& entry = entries_[target];
  entry.object = *object;
  entry.current = watched && entry.changes == seen_changes;
  return object;
}

Result<ProjectionPtr> ReferencedObjects::fetch(const References::Target& target) {
  const auto body = client_.get(*target.first, target.second);
  if (!body) return Failure{body.error()};
  if (!*body) return ProjectionPtr{};
  return k8s::project(**body, k8s::Keep{"kind", "type", "data", "metadata.name", "metadata.namespace"});
}

void ReferencedObjects::changed(const Kind& kind, const Store::Change& change) {
  const ObjectKey& key = change.after ? change.after->key : change.before->key;
  const References::Target target{&kind, key};
  {
    std::lock_guard lock(mutex_);
    // No entry: somebody refers to it already and has yet to read it.
    if (const auto found = entries_.find(target); found != entries_.end()) {
      Entry& entry = found->second;
      if (change.after && entry.object && entry.object->resource_version == change.after->resource_version) {
        entry.current = true;  // what was read is what the watch has come to
        return;
      }
      ++entry.changes;
      entry.current = false;
    }
  }
  for (const ObjectKey& from : references_.to(target)) wake_(from);
}

void ReferencedObjects::forget(const std::vector<References::Target>& unwanted) {
  for (const auto& [kind, key] : unwanted) {
    const View* view = view_of(*kind, &View::kind);
    if (!view) continue;
    auto* informer = optional_.started(*view->names);
    // One step: whoever began to refer to it in the meantime keeps what is there, or finds nothing of it.
    std::lock_guard lock(mutex_);
    if (references_.has({view->kind, key})) continue;
    entries_.erase({view->kind, key});
    if (!informer) continue;
    if (const auto known = informer->store().find(key)) (void)informer->store().deleted(known);
  }
}

}  // namespace promptsales::runtime
