#include "operator/k8s/splitter.hpp"

namespace promptsales::k8s {
namespace {

constexpr int kItemsDepth = 2;  // { "items": [

Failure too_long(std::size_t limit) {
  return failure(Remedy::kReadAgain, "ResponseTooLarge",
                 "the API server sent an object of more than " + std::to_string(limit >> 20U) + " MiB");
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

Result<void> LineSplitter::push(std::string_view bytes, const std::function<bool(std::string_view)>& line) {
  for (std::size_t end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
    std::string_view complete = bytes.substr(0, end);
    if (!rest_.empty()) complete = rest_.append(complete);
    const bool go_on = complete.empty() || line(complete);
    rest_.clear();
    if (!go_on) return {};
    bytes.remove_prefix(end + 1);
  }
  if (rest_.size() + bytes.size() > limit_) return too_long(limit_);
  rest_ += bytes;
  return {};
}

Result<void> ListSplitter::push(std::string_view bytes, const std::function<void(std::string_view)>& item) {
  for (char c : bytes) step(c, item);
  if (item_.size() > limit_ || envelope_.size() > limit_) return too_long(limit_);
  return {};
}

bool ListSplitter::opens_items() const {
  auto end = envelope_.find_last_not_of(" \n\r\t");  // the bracket itself is not yet in the envelope
  if (end == std::string::npos || envelope_[end] != ':') return false;
  end = envelope_.find_last_not_of(" \n\r\t", end - 1);
  constexpr std::string_view kKey = "\"items\"";
  return end != std::string::npos && end + 1 >= kKey.size() &&
         envelope_.compare(end + 1 - kKey.size(), kKey.size(), kKey) == 0;
}

void ListSplitter::step(char c, const std::function<void(std::string_view)>& item) {
  const bool structural = !in_string_;
  if (in_string_) {
    in_string_ = escaped_ || c != '"';
    escaped_ = !escaped_ && c == '\\';
  } else if (c == '"') {
    in_string_ = true;
  } else if (c == '{' || c == '[') {
    if (c == '[' && depth_ + 1 == kItemsDepth && opens_items()) in_items_ = true;
    ++depth_;
  } else if (c == '}' || c == ']') {
    --depth_;
    if (depth_ < kItemsDepth) in_items_ = false;
  }

  const bool between_items = structural && depth_ == kItemsDepth && (c == '[' || c == ',' || is_space(c));
  const bool in_item = in_items_ && !between_items;
  if (in_item) {
    item_ += c;
    if (structural && depth_ == kItemsDepth && c == '}') {
      item(item_);
      item_.clear();
    }
  } else if (!in_items_ || c == '[') {
    envelope_ += c;
  }
}

}  // namespace promptsales::k8s
