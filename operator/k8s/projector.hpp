#pragma once

#include <span>
#include <string>
#include <vector>

#include "operator/k8s/cbor_writer.hpp"
#include "operator/k8s/json_scanner.hpp"
#include "operator/k8s/projection.hpp"

namespace promptsales::k8s {

/// The receiver of a streaming JSON parser's events that makes a Projection: identity fields are picked out
/// on the way, kept parts go to CBOR, nothing else is ever stored.
///
/// With `wrapped` the document is a watch event and the object its member "object".
class Projector final : public JsonReceiver {
 public:
  Projector(const Keep& keep, bool wrapped) : keep_(keep), wrapped_(wrapped) {}

  /// Parses `text`; false with `error` set if it is not one JSON object we accept.
  bool parse(std::string_view text);
  /// After parse(): the projection, moved out.
  [[nodiscard]] Projection take();

  std::string error;
  std::string type;  ///< of a watch event
  bool initial_events_end = false;
  std::int64_t code = 0;  ///< code, reason, message: of a Status object
  std::string reason;
  std::string message;

  bool null() override;
  bool boolean(bool value) override;
  bool integer(std::int64_t value) override;
  bool number(double value) override;
  bool string(std::string& value) override;
  bool key(std::string& name) override;
  bool wants_container() override;
  bool open(bool is_array) override;
  bool close() override;

 private:
  /// One open container.
  struct Level {
    std::size_t path_size;  ///< of path_ when it was opened
    bool is_array;
    bool written;  ///< it went to CBOR, so its members may
  };

  /// The path below the object, or nothing while still outside of it (a watch event's own members).
  [[nodiscard]] std::span<const std::string> path() const;
  [[nodiscard]] bool inside() const { return !wrapped_ || (!path_.empty() && path_.front() == "object"); }
  [[nodiscard]] bool at(std::initializer_list<std::string_view> where) const;
  /// True if the value that comes now is kept; its key is then written.
  bool begin_value();
  void pick(const std::string& value);

  const Keep& keep_;
  const bool wrapped_;
  std::vector<std::string> path_;
  std::vector<Level> levels_;
  CborWriter out_;
  Projection projection_;
  std::string reference_uid_;  ///< of the owner reference being read
  std::string reference_kind_;
  std::string reference_name_;
  std::string owning_app_;  ///< name of the PromptSales that controls the object
  bool reference_controls_ = false;
};

}  // namespace promptsales::k8s
