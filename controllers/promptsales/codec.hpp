#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "controllers/promptsales/fields.hpp"
#include "operator/k8s/object.hpp"

namespace promptsales::controllers {

/// Values of the spec from and to JSON, by the tables of fields.hpp and enums.hpp.
///
/// Errors   of decode: kWaitForSpecChange, reason InvalidSpec, the message starts with the full path of the
///          field ("spec.backend.env[2].name") and says what it must be. Contents are quoted for enums only:
///          anything else may be a secret in the wrong place.
/// Threads  pure; decode never throws, whatever the document holds.
template <typename T>
[[nodiscard]] Result<T> decode(const k8s::Json& json, const std::string& path);

template <typename T>
[[nodiscard]] k8s::Json encode(const T& value);

/// "spec.requests.cpu"; "spec.requests[nvidia.com/gpu]" where a dot would mislead.
[[nodiscard]] std::string key_path(const std::string& path, const std::string& key);

namespace detail {

[[nodiscard]] Failure wrong_type(const std::string& path, std::string_view wanted, const k8s::Json& found);
[[nodiscard]] Failure missing(const std::string& path);
[[nodiscard]] Failure unknown_value(const std::string& path, std::string_view wanted,
                                    const std::string& found);

[[nodiscard]] Result<std::string> decode_string(const k8s::Json& json, const std::string& path);
[[nodiscard]] Result<std::int64_t> decode_integer(const k8s::Json& json, const std::string& path);
[[nodiscard]] Result<Quantity> decode_quantity(const k8s::Json& json, const std::string& path);

template <typename T>
struct Codec;  // one specialization for every shape a field can have

template <>
struct Codec<std::string> {
  static Result<std::string> read(const k8s::Json& json, const std::string& path) {
    return decode_string(json, path);
  }
  static k8s::Json write(const std::string& value) { return value; }
};

template <>
struct Codec<std::int64_t> {
  static Result<std::int64_t> read(const k8s::Json& json, const std::string& path) {
    return decode_integer(json, path);
  }
  static k8s::Json write(std::int64_t value) { return value; }
};

template <>
struct Codec<bool> {
  static Result<bool> read(const k8s::Json& json, const std::string& path) {
    if (!json.is_boolean()) return wrong_type(path, "true or false", json);
    return json.get<bool>();
  }
  static k8s::Json write(bool value) { return value; }
};

template <>
struct Codec<Quantity> {
  static Result<Quantity> read(const k8s::Json& json, const std::string& path) {
    return decode_quantity(json, path);
  }
  static k8s::Json write(const Quantity& value) { return value.text; }
};

template <DescribedEnum E>
struct Codec<E> {
  static Result<E> read(const k8s::Json& json, const std::string& path) {
    const auto text = decode_string(json, path);
    if (!text) return Failure{text.error()};
    std::string known;
    for (const auto& entry : enum_table(std::type_identity<E>{})) {
      if (entry.text == *text) return entry.value;
      known += (known.empty() ? "" : ", ") + std::string{entry.text};
    }
    return unknown_value(path, known, *text);
  }
  static k8s::Json write(E value) { return text_of(value); }
};

template <typename T>
struct Codec<std::vector<T>> {
  static Result<std::vector<T>> read(const k8s::Json& json, const std::string& path) {
    if (!json.is_array()) return wrong_type(path, "a list", json);
    std::vector<T> items;
    for (const auto& item : json) {
      auto value = decode<T>(item, path + "[" + std::to_string(items.size()) + "]");
      if (!value) return Failure{value.error()};
      items.push_back(*std::move(value));
    }
    return items;
  }
  static k8s::Json write(const std::vector<T>& items) {
    auto json = k8s::Json::array();
    for (const auto& item : items) json.push_back(encode(item));
    return json;
  }
};

template <typename T>
struct Codec<std::map<std::string, T>> {
  static Result<std::map<std::string, T>> read(const k8s::Json& json, const std::string& path) {
    if (!json.is_object()) return wrong_type(path, "a map", json);
    std::map<std::string, T> entries;
    for (const auto& [key, item] : json.items()) {
      auto value = decode<T>(item, key_path(path, key));
      if (!value) return Failure{value.error()};
      entries.emplace(key, *std::move(value));
    }
    return entries;
  }
  static k8s::Json write(const std::map<std::string, T>& entries) {
    auto json = k8s::Json::object();
    for (const auto& [key, value] : entries) json[key] = encode(value);
    return json;
  }
};

/// How a member stands in the document: present as what, and whether it may be absent.
template <typename M>
struct Presence {
  using Value = M;
  static constexpr bool kRequired = true;
  static bool absent(const M&) { return false; }
  static const M& value(const M& member) { return member; }
};
template <typename M>
struct Presence<std::optional<M>> {
  using Value = M;
  static constexpr bool kRequired = false;
  static bool absent(const std::optional<M>& member) { return !member; }
  static const M& value(const std::optional<M>& member) { return *member; }
};
template <typename M>
struct Presence<std::vector<M>> : Presence<M> {
  using Value = std::vector<M>;
  static constexpr bool kRequired = false;
  static bool absent(const Value& member) { return member.empty(); }
  static const Value& value(const Value& member) { return member; }
};
template <typename M>
struct Presence<std::map<std::string, M>> : Presence<M> {
  using Value = std::map<std::string, M>;
  static constexpr bool kRequired = false;
  static bool absent(const Value& member) { return member.empty(); }
  static const Value& value(const Value& member) { return member; }
};

template <DescribedStruct S>
struct Codec<S> {
  static Result<S> read(const k8s::Json& json, const std::string& path) {
    if (!json.is_object()) return wrong_type(path, "an object", json);
    S result{};
    std::optional<Failure> failed;
    for_each_field<S>([&](const auto& entry) {
      if (!failed) failed = read_field(json, path, entry, result);
    });
    if (failed) return *std::move(failed);
    return result;
  }

  template <typename M>
  static std::optional<Failure> read_field(const k8s::Json& json, const std::string& path,
                                           const Field<S, M>& entry, S& result) {
    const auto at = path + "." + std::string{entry.name};
    const auto found = json.find(std::string{entry.name});
    if (found == json.end() || found->is_null()) {
      if constexpr (Presence<M>::kRequired) return missing(at);
      return std::nullopt;
    }
    auto value = decode<typename Presence<M>::Value>(*found, at);
    if (!value) return Failure{value.error()};
    result.*entry.member = *std::move(value);
    return std::nullopt;
  }

  static k8s::Json write(const S& value) {
    auto json = k8s::Json::object();
    for_each_field<S>([&]<typename M>(const Field<S, M>& entry) {
      const M& member = value.*entry.member;
      if (!Presence<M>::absent(member)) json[std::string{entry.name}] = encode(Presence<M>::value(member));
    });
    return json;
  }
};

}  // namespace detail

template <typename T>
Result<T> decode(const k8s::Json& json, const std::string& path) {
  return detail::Codec<T>::read(json, path);
}

template <typename T>
k8s::Json encode(const T& value) {
  return detail::Codec<T>::write(value);
}

}  // namespace promptsales::controllers
