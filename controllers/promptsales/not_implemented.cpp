#include "controllers/promptsales/codec.hpp"
#include "controllers/promptsales/validate.hpp"

namespace promptsales::controllers {
namespace {

using Errors = std::vector<FieldError>;

constexpr std::string_view kNotYet = "not acted on by this version of the operator";

template <DescribedEnum E>
std::string supported_values() {
  std::string known;
  for (const auto& entry : enum_table(std::type_identity<E>{}))
    if (entry.support == Support::kNow) known += (known.empty() ? "" : " or ") + std::string{entry.text};
  return known;
}

/// A required field cannot be left out on its own: what holds it goes.
std::string what_to_remove(const std::string& path, bool required) {
  return required ? path.substr(0, path.rfind('.')) : path;
}

template <DescribedEnum E>
void walk(const E& value, const std::string& path, bool required, Errors& errors) {
  for (const auto& entry : enum_table(std::type_identity<E>{})) {
    if (entry.value != value || entry.support == Support::kNow) continue;
    const auto supported = supported_values<E>();
    errors.push_back(
        {path, std::string{entry.text} + " is " + std::string{kNotYet} + "; " +
                   (supported.empty() ? "remove " + what_to_remove(path, required) : "use " + supported)});
  }
}

template <DescribedStruct S>
void walk(const S& value, const std::string& path, bool required, Errors& errors);

template <typename T>
void walk(const std::vector<T>& items, const std::string& path, bool, Errors& errors) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if constexpr (DescribedStruct<T>) walk(items[i], path + "[" + std::to_string(i) + "]", true, errors);
  }
}

template <typename T>
void walk(const T&, const std::string&, bool, Errors&) {}  // plain values and maps of them hold no marks

template <DescribedStruct S>
void walk(const S& value, const std::string& path, bool, Errors& errors) {
  for_each_field<S>([&]<typename M>(const Field<S, M>& entry) {
    using Here = detail::Presence<M>;
    const M& member = value.*entry.member;
    if (Here::absent(member)) return;
    const auto at = path + "." + std::string{entry.name};
    if (entry.support == Support::kLater)
      errors.push_back({at, "is " + std::string{kNotYet} + "; remove it"});
    else
      walk(Here::value(member), at, Here::kRequired, errors);
  });
}

}  // namespace

std::vector<FieldError> not_implemented(const PromptSales& app) {
  Errors errors;
  walk(app.spec, "spec", true, errors);
  const auto& cache = app.spec.cache;
  if (cache && cache->shards.value_or(1) > 1 && !has_cache_of(app, cache->type))
    errors.push_back(
        {"spec.cache.shards", "more than one is " + std::string{kNotYet} +
                                  ", whose backend follows no redirections of a cluster; set it to 1"});
  return errors;
}

}  // namespace promptsales::controllers
