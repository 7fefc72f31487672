#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "operator/k8s/kind.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::runtime {

/// Which resources refer to which objects that are not their own, so that a change of such an object wakes
/// those whom it concerns, and what nobody refers to is not kept.
///
/// Threads  any.
class References {
 public:
  using Key = k8s::ObjectKey;
  /// Kinds are told apart by address, as everywhere.
  using Target = std::pair<const k8s::Kind*, Key>;

  void add(const Key& from, const Target& to);
  /// `from` refers to these and no others. Returns those that now nobody refers to.
  std::vector<Target> keep_only(const Key& from, const std::set<Target>& targets);

  [[nodiscard]] bool has(const Target& to) const;
  /// Who refers to it.
  [[nodiscard]] std::vector<Key> to(const Target& to) const;

 private:
  struct State {
    std::map<Target, std::set<Key>> by_target;
    std::map<Key, std::set<Target>> by_source;
  };
  Guarded<State> state_;
};

}  // namespace promptsales::runtime
