#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "operator/k8s/keep.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::k8s {

/// A watched object as the caches hold it: identity in fields, the kept parts as CBOR. Immutable once made.
///
/// A Deployment of 6 KB JSON takes about 1.5 KB like this, and 50 KB as a document tree.
struct Projection {
  ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  bool deleting = false;  ///< metadata.deletionTimestamp is set
  std::string owner_uid;  ///< of the owner reference with controller: true; empty if there is none
  std::string app;  ///< whose child this is: label promptsales.io/name, else the controller; empty: nobody's
  std::uint64_t digest = 0;  ///< of `cbor`: equal digests, equal kept content
  std::string cbor;          ///< the kept parts

  /// The kept parts as a document.
  [[nodiscard]] Object document() const;
};

using ProjectionPtr = std::shared_ptr<const Projection>;

/// One line of a watch.
struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark, kError };
  Type type = Type::kError;
  ProjectionPtr object;             ///< kBookmark: only its resource_version counts; null for kError
  bool initial_events_end = false;  ///< this bookmark ends the initial events of a WatchList
  int error_code = 0;               ///< kError: code, reason and message of the Status object
  std::string error_reason;
  std::string error_message;
};

/// JSON text of one object, read by a streaming parser straight into a projection.
///
/// Errors   text that is no JSON object, nested deeper than 64 levels, or has no metadata.name: kReadAgain.
/// Threads  pure.
[[nodiscard]] Result<ProjectionPtr> project(std::string_view json, const Keep& keep);

/// The same for a watch line, `{"type":…,"object":…}`. An unknown event type is an error.
[[nodiscard]] Result<WatchEvent> decode_watch_event(std::string_view line, const Keep& keep);

/// True if resource version `a` is newer than `b`: decimal numbers of any length (KEP-5504). What cannot be
/// compared (opaque or empty) counts as newer: that costs a needless reconcile and loses no event.
[[nodiscard]] bool newer(std::string_view a, std::string_view b);

}  // namespace promptsales::k8s
