#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/guarded.hpp"
#include "controllers/caches.hpp"
#include "controllers/promptsales/pass.hpp"
#include "controllers/promptsales/tls/given_bundle.hpp"
#include "operator/runtime/referenced_objects.hpp"

namespace promptsales::controllers::tls {

/// The step of a pass that works out which CAs are trusted beside the operator's own, from spec.tls.caBundleRef: sets
/// pass.inputs.trusted, pass.untrusted and pass.look_again. It writes nothing; the children do.
///
/// CAs that are not good are reported, and the last good ones stay trusted: those that ConfigMap <app>-ca-bundle holds.
///
/// Threads  any; at most one call at a time for one resource. May read the object that a resource names.
class TrustKeeper {
 public:
  TrustKeeper(const Caches& caches, runtime::ReferencedObjects& referenced, const Clock& clock)
      : caches_(caches), referenced_(referenced), clock_(clock) {}

  /// Errors   the cache of ConfigMaps is not complete yet. What is wrong with what the spec names is no error.
  [[nodiscard]] Result<void> trust(Pass& pass);

  /// A resource is gone: drops what was remembered about it.
  void forget(const std::string& app_uid);

 private:
  /// What was found good, so that a bundle is not parsed in every pass.
  struct Known {
    std::string key;
    std::uint64_t digest = 0;  ///< of the object that holds it
    GivenBundle bundle;
  };

  [[nodiscard]] Result<GivenBundle> read(Pass& pass, const BundleRef& ref);
  [[nodiscard]] std::string in_use(const Pass& pass) const;

  const Caches& caches_;
  runtime::ReferencedObjects& referenced_;
  const Clock& clock_;
  Guarded<std::unordered_map<std::string, Known>> known_;  ///< by UID
};

}  // namespace promptsales::controllers::tls
