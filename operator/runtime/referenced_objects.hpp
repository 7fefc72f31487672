#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "operator/client/client.hpp"
#include "operator/runtime/optional_informers.hpp"
#include "operator/runtime/references.hpp"

namespace promptsales::runtime {

/// Secrets and ConfigMaps of other people, which resources refer to by name.
///
/// One metadata-only watch a kind tells that an object has changed; of objects that nobody refers to not even
/// the name is kept. The content is asked for one by one, when it is first needed and after a change, and
/// forgotten when nobody refers to it any more.
///
/// Threads  any; read() may ask the server.
class ReferencedObjects {
 public:
  /// Declares the metadata watches with `optional`, which must outlive this.
  ReferencedObjects(client::Client& client, OptionalInformers& optional, References& references);

  /// Called with each resource that refers to an object which has changed. Before the first read().
  void on_change(std::function<void(const k8s::ObjectKey& from)> wake) { wake_ = std::move(wake); }

  /// The object `name` in the namespace of `from`, or nullptr if there is none. From now on `from` is woken
  /// when that changes. `kind` is kinds::kSecret or kinds::kConfigMap.
  [[nodiscard]] Result<k8s::ProjectionPtr> read(const k8s::ObjectKey& from, const k8s::Kind& kind,
                                                const std::string& name);
  /// Forgets objects to which nobody refers any more: what References::keep_only() returned, without those to
  /// which somebody has begun to refer since.
  void forget(const std::vector<References::Target>& unwanted);

  /// For the informers' handlers (OptionalInformers::on_start): true if `declared` is one of ours, whose
  /// handler is then set.
  bool connect(const k8s::Kind& declared, Informer& informer);

 private:
  struct Entry {
    k8s::ProjectionPtr object;  ///< null: absent when last looked
    bool current = false;       ///< nothing has changed since it was read
    std::uint64_t changes = 0;
  };

  [[nodiscard]] Result<k8s::ProjectionPtr> fetch(const References::Target& target);
  void changed(const k8s::Kind& kind, const Store::Change& change);

  client::Client& client_;
  OptionalInformers& optional_;
  References& references_;
  std::function<void(const k8s::ObjectKey&)> wake_ = [](const auto&) {};
  std::mutex mutex_;
  std::map<References::Target, Entry> entries_;  ///< with mutex_ held
};

}  // namespace promptsales::runtime
