#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace promptsales::backend {

/// Writes JSON straight into a string: no tree, no allocation besides the string's own growth.
///
/// Commas are set by the writer; the caller keeps begin/end balanced and puts a key before each member.
/// Threads  one object per thread; `out` must outlive the writer.
/// Not      a checker of UTF-8: bytes >= 0x80 pass through, so strings must be UTF-8 already (decoded JSON
/// and
///          Postgres text are).
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// `json` must be one complete JSON value; it is copied as it is.
  JsonWriter& raw(std::string_view json);

 private:
  void separate();

  std::string& out_;
  bool comma_due_ = false;
};

/// `text` as a JSON string with its quotes, appended to `out` (RFC 8259 section 7 escapes only).
void append_json_string(std::string& out, std::string_view text);

}  // namespace promptsales::backend
