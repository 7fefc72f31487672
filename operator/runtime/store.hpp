#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "operator/k8s/projection.hpp"

namespace promptsales::runtime {

/// The newest known state of every watched object of one kind.
///
/// Two writers feed it: the informer, with what the server streams, and whoever writes an object, with the
/// server's answer to that write. Resource versions decide which of them is newer, so a reader never sees
/// less than what this process has itself written (read-your-writes), and an answer that arrives after the
/// stream has already moved past it is ignored. See docs/adr/0002-write-through-store.md.
///
/// Threads  any; readers get immutable snapshots and hold the lock for a lookup only.
class Store {
 public:
  /// What a change was; given to the informer's handlers.
  struct Change {
    k8s::ProjectionPtr before;  ///< null if the object is new
    k8s::ProjectionPtr after;   ///< null if it is gone
  };

  [[nodiscard]] k8s::ProjectionPtr find(const k8s::ObjectKey& key) const;
  /// The objects in a namespace whose label promptsales.io/name is `app`, in order of their names.
  [[nodiscard]] std::vector<k8s::ProjectionPtr> of_app(const std::string& ns, const std::string& app) const;
  [[nodiscard]] std::vector<k8s::ObjectKey> keys() const;
  [[nodiscard]] std::size_t size() const;

  /// From the stream: an object was added or changed. Nothing if the store already had this or a newer state.
  std::optional<Change> observed(const k8s::ProjectionPtr& object);
  /// From the stream: the object is gone.
  std::optional<Change> deleted(const k8s::ProjectionPtr& last_state);
  /// From the stream: it has reached this version (bookmarks).
  void reached(const std::string& resource_version);
  /// From a write's answer. Ignored when the stream has already passed it.
  void written(const k8s::ProjectionPtr& object);

  /// A new complete list begins: every object that is not observed until end_list() is gone.
  void begin_list();
  /// The deletions that the list implies. Objects written by us after the list was taken stay.
  [[nodiscard]] std::vector<Change> end_list(const std::string& list_version);

 private:
  struct Entry {
    k8s::ProjectionPtr object;
    std::uint64_t list = 0;  ///< number of the last list in which it was observed; 0: only written by us
  };
  using AppKey = std::pair<std::string, std::string>;

  void put(const k8s::ProjectionPtr& object, std::uint64_t list);  // both: with mutex_ held
  void erase(const k8s::ObjectKey& key);

  mutable std::mutex mutex_;
  std::unordered_map<k8s::ObjectKey, Entry> objects_;
  std::map<AppKey, std::set<std::string>> by_app_;
  std::uint64_t list_ = 0;
  std::string stream_version_;  ///< how far the stream has come
};

}  // namespace promptsales::runtime
