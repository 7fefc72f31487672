#include "backend/db/params.hpp"

#include "backend/db/binary.hpp"
#include "base/check.hpp"

namespace promptsales::backend {

Params& Params::close(std::size_t begin) {
  PS_CHECK(count_ < kMax);
  begins_[count_] = begin;
  lengths_[count_] = begin == kNull ? 0 : bytes_.size() - begin;
  ++count_;
  return *this;
}

Params& Params::uuid(const Uuid& value) {
  return text({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
}

Params& Params::int32(std::int32_t value) {
  const auto begin = bytes_.size();
  append_int32(bytes_, value);
  return close(begin);
}

Params& Params::int64(std::int64_t value) {
  const auto begin = bytes_.size();
  append_int64(bytes_, value);
  return close(begin);
}

Params& Params::text(std::string_view value) {
  const auto begin = bytes_.size();
  bytes_ += value;
  return close(begin);
}

Params& Params::texts(const std::vector<std::string>& value) {
  const auto begin = bytes_.size();
  append_text_array(bytes_, value);
  return close(begin);
}

Params& Params::time(Timestamp value) { return int64(pg_time(value)); }

Params& Params::null() { return close(kNull); }

Params::Arrays Params::arrays() const {
  Arrays arrays;
  for (std::size_t i = 0; i < count_; ++i) {
    arrays.values[i] = begins_[i] == kNull ? nullptr : bytes_.data() + begins_[i];
    arrays.lengths[i] = static_cast<int>(lengths_[i]);
    arrays.formats[i] = 1;
  }
  return arrays;
}

}  // namespace promptsales::backend
