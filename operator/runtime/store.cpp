#include "operator/runtime/store.hpp"

namespace promptsales::runtime {

using k8s::newer;
using k8s::ObjectKey;
using k8s::ProjectionPtr;

ProjectionPtr Store::find(const ObjectKey& key) const {
  std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : found->second.object;
}

std::vector<ProjectionPtr> Store::of_app(const std::string& ns, const std::string& app) const {
  std::lock_guard lock(mutex_);
  std::vector<ProjectionPtr> objects;
  const auto names = by_app_.find({ns, app});
  if (names == by_app_.end()) return objects;
  for (const auto& name : names->second) objects.push_back(objects_.at({ns, name}).object);
  return objects;
}

std::vector<ObjectKey> Store::keys() const {
  std::lock_guard lock(mutex_);
  std::vector<ObjectKey> keys;
  keys.reserve(objects_.size());
  for (const auto& [key, entry] : objects_) keys.push_back(key);
  return keys;
}

std::size_t Store::size() const {
  std::lock_guard lock(mutex_);
  return objects_.size();
}

void Store::put(const ProjectionPtr& object, std::uint64_t list) {
  erase(object->key);  // its label may have changed, and with it its place in by_app_
  objects_[object->key] = {object, list};
  if (!object->app.empty()) by_app_[{object->key.namespace_, object->app}].insert(object->key.name);
}

void Store::erase(const ObjectKey& key) {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return;
  if (const auto names = by_app_.find({key.namespace_, found->second.object->app}); names != by_app_.end()) {
    names->second.erase(key.name);
    if (names->second.empty()) by_app_.erase(names);
  }
  objects_.erase(found);
}

std::optional<Store::Change> Store::observed(const ProjectionPtr& object) {
  std::lock_guard lock(mutex_);
  if (newer(object->resource_version, stream_version_)) stream_version_ = object->resource_version;
  const auto found = objects_.find(object->key);
  const ProjectionPtr before = found == objects_.end() ? nullptr : found->second.object;
  if (before && before->uid == object->uid && !newer(object->resource_version, before->resource_version)) {
    found->second.list = list_;
    return std::nullopt;  // our own write, or a state that was replayed
  }
  put(object, list_);
  return Change{before, object};
}

std::optional<Store::Change> Store::deleted(const ProjectionPtr& last_state) {
  std::lock_guard lock(mutex_);
  if (newer(last_state->resource_version, stream_version_)) stream_version_ = last_state->resource_version;
  const auto found = objects_.find(last_state->key);
  if (found == objects_.end()) return std::nullopt;
  const ProjectionPtr before = found->second.object;
  // An object of the same name that we have created since stays.
  if (before->uid != last_state->uid && newer(before->resource_version, last_state->resource_version))
    return std::nullopt;
  erase(last_state->key);
  return Change{before, nullptr};
}

void Store::reached(const std::string& resource_version) {
  std::lock_guard lock(mutex_);
  if (newer(resource_version, stream_version_)) stream_version_ = resource_version;
}

void Store::written(const ProjectionPtr& object) {
  std::lock_guard lock(mutex_);
  if (!newer(object->resource_version, stream_version_)) return;  // the stream has it, or has something newer
  const auto found = objects_.find(object->key);
  if (found != objects_.end() && !newer(object->resource_version, found->second.object->resource_version))
    return;
  put(object, /*list=*/0);
}

void Store::begin_list() {
  std::lock_guard lock(mutex_);
  ++list_;
  stream_version_.clear();  // a server restored from a backup starts again from a lower version
}

std::vector<Store::Change> Store::end_list(const std::string& list_version) {
  std::lock_guard lock(mutex_);
  if (newer(list_version, stream_version_)) stream_version_ = list_version;
  std::vector<Change> gone;
  for (const auto& [key, entry] : objects_)
    if (entry.list != list_ && !newer(entry.object->resource_version, list_version))
      gone.push_back({entry.object, nullptr});
  for (const auto& change : gone) erase(change.before->key);
  return gone;
}

}  // namespace promptsales::runtime
