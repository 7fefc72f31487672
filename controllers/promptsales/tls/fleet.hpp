#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "controllers/promptsales/tls/material.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::controllers::tls {

/// The backend's pods, as far as a replacement of the CA must wait for them.
class Fleet {
 public:
  /// From the backend's Deployment (null if there is none) and all its pods, those that are going away
  /// included.
  Fleet(const k8s::Object* deployment, const std::vector<k8s::Object>& pods);
  Fleet() = default;

  /// Every pod that there is trusts this CA, and no older pod can come any more.
  [[nodiscard]] bool trusts(std::int64_t generation) const;
  /// Every pod that is to stay has a certificate of this CA, and no older pod can come any more.
  [[nodiscard]] bool serves(std::int64_t generation) const;
  /// The same, and the pods that are to go are gone.
  [[nodiscard]] bool serves_alone(std::int64_t generation) const;
  /// What the Deployment asks of new pods; zeros if there is none.
  [[nodiscard]] Generations wanted() const { return wanted_.value_or(Generations{}); }
  /// The newest CA that any of them has heard of.
  [[nodiscard]] std::int64_t newest() const;

 private:
  struct Pod {
    bool leaving = false;
    Generations generations;
  };

  std::vector<Pod> pods_;
  std::optional<Generations> wanted_;  ///< of the Deployment's template
  bool rolled_out_ = true;             ///< no pod of an older template is left, as the Deployment counts them
};

}  // namespace promptsales::controllers::tls
