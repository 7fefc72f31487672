#include "operator/runtime/references.hpp"

namespace promptsales::runtime {

void References::add(const Key& from, const Target& to) {
  state_.with([&](State& state) {
    state.by_target[to].insert(from);
    state.by_source[from].insert(to);
  });
}

std::vector<References::Target> References::keep_only(const Key& from, const std::set<Target>& targets) {
  return state_.with([&](State& state) {
    std::vector<Target> unwanted;
    const auto source = state.by_source.find(from);
    if (source == state.by_source.end()) return unwanted;
    std::erase_if(source->second, [&](const Target& to) {
      if (targets.contains(to)) return false;
      const auto sources = state.by_target.find(to);
      sources->second.erase(from);
      if (sources->second.empty()) {
        state.by_target.erase(sources);
        unwanted.push_back(to);
      }
      return true;
    });
    if (source->second.empty()) state.by_source.erase(source);
    return unwanted;
  });
}

bool References::has(const Target& to) const {
  return state_.with([&](const State& state) { return state.by_target.contains(to); });
}

std::vector<References::Key> References::to(const Target& to) const {
  return state_.with([&](const State& state) {
    const auto sources = state.by_target.find(to);
    if (sources == state.by_target.end()) return std::vector<Key>{};
    return std::vector<Key>{sources->second.begin(), sources->second.end()};
  });
}

}  // namespace promptsales::runtime
