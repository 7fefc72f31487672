#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace promptsales::k8s {

/// Bytes of a watch, in whatever pieces they arrive, to its lines: one event each.
///
/// Errors   a line above `limit` bytes (no API object is larger than etcd's 1.5 MiB): the stream is of no
///          use.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t limit = 8U << 20U) : limit_(limit) {}

  /// Calls `line` for every complete line in order; stops early when it returns false.
  Result<void> push(std::string_view bytes, const std::function<bool(std::string_view)>& line);

 private:
  std::size_t limit_;
  std::string rest_;  ///< begin of a line whose end has not arrived
};

/// Bytes of a list response to its items, so that a page is never held as a whole. What is left when all have
/// passed is the envelope: the same document with an empty "items".
///
/// Errors   as LineSplitter, per item.
class ListSplitter {
 public:
  explicit ListSplitter(std::size_t limit = 8U << 20U) : limit_(limit) {}

  Result<void> push(std::string_view bytes, const std::function<void(std::string_view)>& item);

  /// The document without its items: metadata.resourceVersion and metadata.continue are in it.
  [[nodiscard]] const std::string& envelope() const { return envelope_; }

 private:
  void step(char c, const std::function<void(std::string_view)>& item);
  [[nodiscard]] bool opens_items() const;

  std::size_t limit_;
  std::string envelope_;
  std::string item_;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool in_items_ = false;  ///< between the brackets of "items"
};

}  // namespace promptsales::k8s
