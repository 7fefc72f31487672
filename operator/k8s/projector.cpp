#include "operator/k8s/projector.hpp"

#include <algorithm>

namespace promptsales::k8s {
namespace {

constexpr std::size_t kMaxDepth =
    64;  // an API object has about 20; bounds what a hostile server can make us do

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (unsigned char c : bytes) hash = (hash ^ c) * 1099511628211ULL;
  return hash;
}

}  // namespace

bool Projector::parse(std::string_view text) {
  const auto broken_at = scan_json(text, *this);
  if (broken_at && error.empty()) error = "not JSON at byte " + std::to_string(*broken_at);
  return !broken_at;
}

Projection Projector::take() {
  projection_.cbor = std::move(out_).take();
  projection_.cbor.shrink_to_fit();
  projection_.digest = fnv1a(projection_.cbor);
  if (projection_.app.empty()) projection_.app = owning_app_;
  return std::move(projection_);
}

std::span<const std::string> Projector::path() const {
  return std::span{path_}.subspan(wrapped_ && !path_.empty() ? 1 : 0);
}

bool Projector::at(std::initializer_list<std::string_view> where) const {
  return inside() && std::ranges::equal(path(), where);
}

bool Projector::begin_value() {
  if (!inside()) return false;
  const bool root = path().empty();
  if (root) return true;
  if (!levels_.back().written || !keep_.keeps(path())) return false;
  if (!levels_.back().is_array) out_.text(path_.back());
  return true;
}

bool Projector::null() {
  if (begin_value()) out_.null();
  return true;
}

bool Projector::boolean(bool value) {
  if (at({"metadata", "ownerReferences", "controller"})) reference_controls_ = value;
  if (begin_value()) out_.boolean(value);
  return true;
}

bool Projector::integer(std::int64_t value) {
  if (at({"metadata", "generation"})) projection_.generation = value;
  if (at({"code"})) code = value;
  if (begin_value()) out_.integer(value);
  return true;
}

bool Projector::number(double value) {
  if (begin_value()) out_.number(value);
  return true;
}

bool Projector::string(std::string& value) {
  if (wrapped_ && path_.size() == 1 && path_.front() == "type") type = value;
  pick(value);
  if (begin_value()) out_.text(value);
  return true;
}

bool Projector::key(std::string& name) {
  path_.resize(levels_.back().path_size);
  path_.push_back(std::move(name));
  return true;
}

/// The object's identity is in its metadata, whether that is kept or not.
bool Projector::wants_container() {
  if (!inside() || path().empty()) return true;
  if (path().front() == "metadata") return !at({"metadata", "managedFields"});
  return levels_.back().written && keep_.keeps(path());
}

bool Projector::open(bool is_array) {
  if (levels_.size() >= kMaxDepth) {
    error = "nested deeper than " + std::to_string(kMaxDepth) + " levels";
    return false;
  }
  const bool written = begin_value();
  if (written) is_array ? out_.open_array() : out_.open_map();
  levels_.push_back({path_.size(), is_array, written});
  return true;
}

bool Projector::close() {
  const Level level = levels_.back();
  levels_.pop_back();
  path_.resize(level.path_size);
  if (level.written) out_.close();
  if (!level.is_array && at({"metadata", "ownerReferences"})) {
    if (reference_controls_) projection_.owner_uid = reference_uid_;
    if (reference_controls_ && reference_kind_ == "PromptSales") owning_app_ = reference_name_;
    reference_controls_ = false;
  }
  return true;
}

void Projector::pick(const std::string& value) {
  if (at({"reason"})) reason = value;
  if (at({"message"})) message = value;
  if (!inside() || path().size() < 2 || path().front() != "metadata") return;
  if (at({"metadata", "name"})) projection_.key.name = value;
  if (at({"metadata", "namespace"})) projection_.key.namespace_ = value;
  if (at({"metadata", "uid"})) projection_.uid = value;
  if (at({"metadata", "resourceVersion"})) projection_.resource_version = value;
  if (at({"metadata", "deletionTimestamp"})) projection_.deleting = true;
  if (at({"metadata", "labels", "promptsales.io/name"})) projection_.app = value;
  if (at({"metadata", "annotations", "k8s.io/initial-events-end"})) initial_events_end = value == "true";
  if (at({"metadata", "ownerReferences", "uid"})) reference_uid_ = value;
  if (at({"metadata", "ownerReferences", "kind"})) reference_kind_ = value;
  if (at({"metadata", "ownerReferences", "name"})) reference_name_ = value;
}

}  // namespace promptsales::k8s
