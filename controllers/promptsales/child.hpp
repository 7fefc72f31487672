#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "controllers/promptsales/bindings/entries.hpp"
#include "controllers/promptsales/tls/material.hpp"
#include "controllers/promptsales/types.hpp"
#include "operator/k8s/kind.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::controllers {

using k8s::Json;
using k8s::Object;

/// The container images that the operator was told to use (its RELATED_IMAGE_* settings and its configuration).
struct Images {
  std::string backend;
  std::string postgres;  ///< of new databases whose spec names no version
  std::string valkey;
  std::string nats;
  std::map<std::string, std::string> postgres_by_version{};  ///< by PostgreSQL major: "16"
};

/// The PostgreSQL that an embedded database is run with (postgres_version.hpp).
struct PostgresServer {
  std::string image;
  /// PostgreSQL major in the claim template, which stays as it was made; empty: it says none.
  std::string claim_version;
  std::optional<Error> problem{};  ///< why it is not the one that the spec asks for
};

/// Where KEDA finds how many requests backends answer.
struct RequestMetrics {
  std::string prometheus;                  ///< "http://prometheus.monitoring:9090"
  std::int64_t requests_per_second = 100;  ///< of each pod, that is aimed at
};

/// A generated login of an embedded data service. Never logged, never in status or events.
struct Credentials {
  std::string username;
  std::string password;
};

enum class Component { kBackend, kDatabase, kCache, kMessaging, kTls, kMigration, kTask };

/// One run of a Job that is made anew until it succeeds (attempts.hpp).
struct Attempt {
  unsigned number = 1;
  std::string reason;   ///< what the one before has come to; empty: there was none
  std::string message;  ///< the same for a person
};

/// New entries of a binding that are being tried, or were refused (trial.hpp).
struct Trial {
  bindings::Entries entries;
  Attempt attempt;
};

/// A login of an embedded service that is taking the place of another one (rotation.hpp).
struct Rotation {
  std::optional<Credentials> next;  ///< that the server is to learn; nothing: the former is to be forgotten
  Attempt attempt;
};

/// Everything that desired() may look at: values only, so that the same inputs give the same objects.
struct Inputs {
  PromptSales app;      ///< the resource as read
  Effective effective;  ///< tier and overrides worked out (tiers.hpp)
  Images images;
  std::optional<Credentials> database;   ///< set when the operator makes the login of the database
  std::optional<Credentials> cache;      ///< the same of the cache
  std::optional<Credentials> messaging;  ///< set when messaging is Embedded
  /// What pods mount, for every component that is bound: what its provider gives, or while that gives nothing
  /// what the binding Secret held before.
  std::map<Component, bindings::Entries> bindings;
  /// Components that are not bound yet and that the pods which run do without: they go on doing so.
  std::set<Component> done_without{};
  std::map<Component, Trial> trials;         ///< of components whose new entries are not in use yet
  std::map<Component, Rotation> rotations;   ///< of embedded services whose login is being replaced
  std::optional<Credentials> cache_other{};  ///< that the embedded cache takes as well meanwhile
  std::string cache_rotated{};               ///< the request to replace its password that was acted on last
  /// Of the embedded cache's pod: digest of the login that it was started with, where its password has been
  /// replaced since without a new start.
  std::optional<std::string> cache_made_with{};
  std::optional<Credentials> messaging_other{};  ///< that embedded messaging takes as well meanwhile
  std::string messaging_rotated{};               ///< as of the cache
  std::optional<tls::Material> tls;              ///< set when the backend is to serve HTTPS
  std::string trusted{};  ///< CAs of others that are trusted as well, PEM (tls/given_bundle.hpp); empty: none
  std::optional<tls::Order> tls_order;  ///< set when cert-manager is to be asked for a certificate
  /// Size of the volume that the database's StatefulSet was made with, set once that exists: the API server
  /// takes no other claim template, and refuses with it whatever else has changed.
  std::optional<std::string> volume_made_with;
  std::optional<std::string> messaging_volume_made_with;  ///< the same of messaging
  std::optional<PostgresServer> postgres{};               ///< set when the operator runs the database
  std::optional<std::string> messaging_room{};            ///< what its volume has got, once it is bound
  std::optional<RequestMetrics>
      request_metrics;  ///< set when the operator's configuration names a Prometheus
  /// The image that backend pods go on with while the schema is not ready for that of the spec (migration.hpp).
  std::optional<std::string> held_image{};
  /// Rules by which pods that have not been replaced yet reach what they were started with (former_bindings.hpp):
  /// all that the backend's NetworkPolicy allows so far. Empty when every pod runs with `bindings`.
  Json former_egress = Json::array();
};

/// What the caches hold of one resource's children and pods at the start of a pass.
struct Observed {
  std::map<std::pair<std::string_view, std::string>, Object> children;  ///< by Kind::kind and name
  std::vector<Object> pods;                                             ///< of all components
  std::map<Component, Error> volumes_refused;  ///< why this pass could not raise the size of a claim
  Clock::WallTime now{};                       ///< when it was looked at

  /// The child, or nullptr if it does not exist.
  [[nodiscard]] const Object* find(const k8s::Kind& kind, const std::string& name) const {
    const auto found = children.find({kind.kind, name});
    return found == children.end() ? nullptr : &found->second;
  }
};

/// How far an existing child is. A reason and message are set unless it is ready.
struct Readiness {
  enum class State {
    kReady,
    kProgressing,  ///< goes on by itself
    kWaiting,  ///< goes on when something outside does its part, mostly within seconds; else a person is needed
    kFailed,  ///< a person is needed, even if it may pass
  };
  State state = State::kReady;
  std::string reason;    ///< CamelCase, becomes a condition's reason
  std::string message;   ///< one sentence with the remedy
  bool stalled = false;  ///< kFailed, and the same attempt will fail again until somebody changes something

  [[nodiscard]] bool ready() const { return state == State::kReady; }
};

/// One object that a PromptSales owns. The list of them (children.def) is the only place that names a child:
/// watches, RBAC, metric labels and docs follow from it.
struct Child {
  enum class Write {
    kApply,       ///< server-side apply; drift is repaired
    kCreateOnce,  ///< created if absent, then never written again: its content cannot be made a second time
  };

  std::string_view id;  ///< "backend_deployment": metric label, docs
  const k8s::Kind& kind;
  Component component;
  Write write = Write::kApply;
  /// May be kept when the PromptSales is deleted: then desired() gives it no owner reference, and it belongs
  /// to the resource by its labels alone.
  bool retained = false;
  /// The object to have; nullopt means that it must not exist. Pure.
  std::optional<Object> (*desired)(const Inputs&);
  /// How far the observed object is. Pure.
  Readiness (*ready)(const Object& child, const Inputs&, const Observed&);
  /// Of an object through which others make a volume, which only grows: the size that the live object asks for,
  /// nothing if it says none. Pure.
  std::optional<std::string> (*volume)(const Object& child) = nullptr;
  /// Of an object through which others make something that is not to become another one by itself: what the live
  /// object asks for, in the provider's words; nothing if it says none. Pure.
  std::optional<std::string> (*made_as)(const Object& child) = nullptr;
  /// Of an object through which others run servers: whether the live one has a standby, nothing if it does not say.
  /// Pure.
  std::optional<bool> (*has_standby)(const Object& child) = nullptr;
  /// Of an object through which others hold data, which only the deletion of the PromptSales may delete: the merge
  /// patch that has the data stay (true) or go (false) when the object does. Pure.
  Json (*when_deleted)(bool stays) = nullptr;

  /// Whether what is asked of the object depends on what the live one asks for.
  [[nodiscard]] bool follows_live() const { return volume || made_as || has_standby; }
};

}  // namespace promptsales::controllers
