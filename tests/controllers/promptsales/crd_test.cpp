// crds/promptsales.yaml against the C++ types and the rules that keep it useful.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <filesystem>
#include <functional>
#include <set>

#include "controllers/promptsales/codec.hpp"
#include "controllers/promptsales/tiers.hpp"
#include "operator/k8s/kind.hpp"
#include "tests/support/a_promptsales.hpp"

namespace promptsales::controllers {
namespace {

using k8s::Json;
using promptsales::testing::read_repository_file;
using promptsales::testing::read_repository_yaml;
using ::testing::HasSubstr;

constexpr auto kFile = "crds/promptsales.yaml";

const Json& definition() {
  static const Json read = read_repository_yaml(kFile).at(0);
  return read;
}
const Json& version() { return definition().at("spec").at("versions").at(0); }
const Json& schema_of(const char* part) {
  return version().at("schema").at("openAPIV3Schema").at("properties").at(part);
}

// --- the schema has exactly the fields of the C++ types

template <typename T>
void expect_agreement(const Json& schema, const std::string& path);

template <typename T>
struct Shape;

template <>
struct Shape<std::string> {
  static void expect(const Json& schema, const std::string& path) {
    EXPECT_EQ(schema.value("type", ""), "string") << path;
    EXPECT_FALSE(schema.contains("enum")) << path << " has values: make it an enum in C++";
  }
};
template <>
struct Shape<std::int64_t> {
  static void expect(const Json& schema, const std::string& path) {
    EXPECT_EQ(schema.value("type", ""), "integer") << path;
    EXPECT_EQ(schema.value("format", ""), "int64") << path;
  }
};
template <>
struct Shape<bool> {
  static void expect(const Json& schema, const std::string& path) {
    EXPECT_EQ(schema.value("type", ""), "boolean") << path;
  }
};
template <>
struct Shape<Quantity> {
  static void expect(const Json& schema, const std::string& path) {
    EXPECT_TRUE(schema.value("x-kubernetes-int-or-string", false)) << path;
  }
};
template <DescribedEnum E>
struct Shape<E> {
  static void expect(const Json& schema, const std::string& path) {
    EXPECT_EQ(schema.value("type", ""), "string") << path;
    std::set<std::string> ours;
    for (const auto& entry : enum_table(std::type_identity<E>{})) ours.emplace(entry.text);
    EXPECT_EQ(schema.value("enum", std::set<std::string>{}), ours) << path;
  }
};
template <typename T>
struct Shape<std::vector<T>> {
  static void expect(const Json& schema, const std::string& path) {
    ASSERT_EQ(schema.value("type", ""), "array") << path;
    expect_agreement<T>(schema.at("items"), path + "[]");
  }
};
template <typename T>
struct Shape<std::map<std::string, T>> {
  static void expect(const Json& schema, const std::string& path) {
    ASSERT_TRUE(schema.contains("additionalProperties")) << path;
    expect_agreement<T>(schema.at("additionalProperties"), path + "{}");
  }
};
template <DescribedStruct S>
struct Shape<S> {
  static void expect(const Json& schema, const std::string& path) {
    ASSERT_TRUE(schema.contains("properties")) << path;
    std::set<std::string> ours;
    std::set<std::string> ours_required;
    for_each_field<S>([&]<typename M>(const Field<S, M>& entry) {
      const std::string name{entry.name};
      ours.insert(name);
      // A list may be required by the schema where C++ knows only "empty"; a scalar may not differ.
      if (detail::Presence<M>::kRequired) ours_required.insert(name);
      if (!schema.at("properties").contains(name)) return;
      expect_agreement<typename detail::Presence<M>::Value>(schema.at("properties").at(name),
                                                            path + "." + name);
    });
    std::set<std::string> theirs;
    for (const auto& [name, property] : schema.at("properties").items()) theirs.insert(name);
    EXPECT_EQ(ours, theirs) << path << ": C++ (left) and schema (right) have other fields";
    std::set<std::string> theirs_required;
    for (const auto& name : schema.value("required", std::set<std::string>{}))
      if (schema.at("properties").at(name).value("type", "") != "array") theirs_required.insert(name);
    EXPECT_EQ(ours_required, theirs_required) << path << ": required in C++ (left) and schema (right)";
  }
};

template <typename T>
void expect_agreement(const Json& schema, const std::string& path) {
  Shape<T>::expect(schema, path);
}

TEST(Crd, HasTheFieldsThatTheOperatorReads) { expect_agreement<Spec>(schema_of("spec"), "spec"); }

/// The names of all fields that are acted on, at any depth.
template <typename T>
void collect_names(std::set<std::string>& names) {
  if constexpr (DescribedStruct<T>) {
    for_each_field<T>([&]<typename M>(const Field<T, M>& entry) {
      if (entry.support != Support::kNow) return;
      if (entry.name == "exposure") return;  // of its types only the simplest is acted on
      names.emplace(entry.name);
      collect_names<typename detail::Presence<M>::Value>(names);
    });
  } else if constexpr (requires { typename T::mapped_type; }) {
    collect_names<typename T::mapped_type>(names);
  } else if constexpr (!std::same_as<T, std::string> && requires { typename T::value_type; }) {
    collect_names<typename T::value_type>(names);
  }
}

/// Everything that tests of the operator say, in C++, YAML and shell.
std::string words_of_the_tests() {
  std::string words;
  for (const char* folder : {"tests/controllers", "tests/integration", "e2e"})
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{promptsales::testing::repository_path(folder)})
      if (entry.is_regular_file() && entry.path().filename() != "crd_test.cpp")
        words += read_repository_file(
            std::string{folder} +
            entry.path().string().substr(promptsales::testing::repository_path(folder).size()));
  return words;
}

TEST(Crd, HasNoFieldThatNoTestGivesAValue) {
  std::set<std::string> names;
  collect_names<Spec>(names);
  ASSERT_TRUE(names.contains("nodeType"));
  const std::string words = words_of_the_tests();
  for (const std::string& name : names)
    EXPECT_TRUE(words.contains(name + ":") || words.contains('"' + name + '"'))
        << "no test sets " << name << " of the spec";
}

TEST(Crd, NamesTheKindThatTheOperatorWatches) {
  const auto& spec = definition().at("spec");
  EXPECT_EQ(spec.at("group"), k8s::kinds::kPromptSales.group);
  EXPECT_EQ(spec.at("names").at("plural"), k8s::kinds::kPromptSales.plural);
  EXPECT_EQ(spec.at("names").at("kind"), k8s::kinds::kPromptSales.kind);
  EXPECT_EQ(version().at("name"), k8s::kinds::kPromptSales.version);
  EXPECT_EQ(spec.at("names").at("shortNames"), Json({"psales"}));
  EXPECT_EQ(spec.at("names").at("categories"), Json({"all", "promptsales"}));
}

// --- rules that hold for every field

/// visit(schema, path, is_required) for every property, list item and map value below.
using Visit = std::function<void(const Json&, const std::string&, bool)>;

void walk(const Json& schema, const std::string& path, bool required, const Visit& visit) {
  visit(schema, path, required);
  const auto names = schema.value("required", std::set<std::string>{});
  if (schema.contains("properties"))
    for (const auto& [name, property] : schema.at("properties").items())
      walk(property, path + "." + name, names.contains(name), visit);
  if (schema.contains("items")) walk(schema.at("items"), path + "[]", true, visit);
  if (schema.contains("additionalProperties"))
    walk(schema.at("additionalProperties"), path + "{}", true, visit);
}

void for_each_field_of(const char* part, const Visit& visit) { walk(schema_of(part), part, true, visit); }

bool is_element(const std::string& path) { return path.ends_with("[]") || path.ends_with("{}"); }

TEST(Crd, DescribesEveryField) {
  for (const auto* part : {"spec", "status"})
    for_each_field_of(part, [](const Json& schema, const std::string& path, bool) {
      EXPECT_TRUE(is_element(path) || !schema.value("description", "").empty()) << path;
    });
}

TEST(Crd, SaysTheDefaultOfEveryValueThatCanBeLeftOut) {
  for_each_field_of("spec", [](const Json& schema, const std::string& path, bool required) {
    const bool is_value = !schema.contains("properties");
    const bool of_a_union = path.ends_with("KeyRef");
    if (!is_value || required || is_element(path) || of_a_union) return;
    EXPECT_THAT(schema.value("description", ""), HasSubstr("Default")) << path;
  });
}

// A default would be written into the resource, and Argo CD would see a difference to Git for ever.
TEST(Crd, HasNoDefaultInTheSpec) {
  for_each_field_of("spec", [](const Json& schema, const std::string& path, bool) {
    EXPECT_FALSE(schema.contains("default")) << path;
  });
}

// List types cannot be changed later without taking fields from their owners.
TEST(Crd, SaysHowEveryListIsMerged) {
  for (const auto* part : {"spec", "status"})
    for_each_field_of(part, [](const Json& schema, const std::string& path, bool) {
      if (schema.value("type", "") != "array") return;
      EXPECT_TRUE(schema.contains("x-kubernetes-list-type")) << path;
      EXPECT_TRUE(schema.contains("maxItems")) << path;
    });
}

// The server refuses rules whose cost it cannot bound.
TEST(Crd, BoundsEveryTextAndMap) {
  for (const auto* part : {"spec", "status"})
    for_each_field_of(part, [](const Json& schema, const std::string& path, bool) {
      const bool is_free_text =
          schema.value("type", "") == "string" && !schema.contains("enum") && !schema.contains("format");
      EXPECT_TRUE(!is_free_text || schema.contains("maxLength")) << path;
      EXPECT_TRUE(!schema.contains("additionalProperties") || schema.contains("maxProperties")) << path;
    });
}

TEST(Crd, ExplainsEveryRule) {
  for_each_field_of("spec", [](const Json& schema, const std::string& path, bool) {
    for (const auto& rule : schema.value("x-kubernetes-validations", Json::array()))
      EXPECT_TRUE(rule.contains("message") || rule.contains("messageExpression")) << path;
  });
}

TEST(Crd, StaysSmallEnoughForEveryToolThatCarriesIt) {
  EXPECT_LT(read_repository_file(kFile).size(), 100U * 1024);
}

// --- the numbers that the schema repeats

std::string storage_of(Tier tier) { return std::string{profile_of(tier).database->storage}; }

std::string description_of(std::initializer_list<const char*> path) {
  const Json* schema = &schema_of("spec");
  for (const auto* name : path) schema = &schema->at("properties").at(name);
  return schema->at("description");
}

TEST(Crd, DescribesTheTiersAsTheyAre) {
  const auto min = description_of({"backend", "autoscaling", "minReplicas"});
  const auto max = description_of({"backend", "autoscaling", "maxReplicas"});
  const auto requests = description_of({"backend", "resources", "requests"});
  const auto objective = description_of({"observability", "slo", "availability"});
  for (const auto& entry : enum_table(std::type_identity<Tier>{})) {
    const auto& tier = profile_of(entry.value);
    const std::string name{entry.text};
    EXPECT_THAT(min, HasSubstr(name + " " + std::to_string(tier.min_replicas)));
    EXPECT_THAT(max, HasSubstr(name + " " + std::to_string(tier.max_replicas)));
    EXPECT_THAT(requests, HasSubstr(name + " " + std::string{tier.backend_cpu} + " CPU and " +
                                    std::string{tier.backend_memory}));
    EXPECT_THAT(objective, HasSubstr(name + " \"" + std::string{tier.availability_objective} + "\""));
    if (!tier.database) continue;
    EXPECT_THAT(description_of({"database", "storage"}), HasSubstr(name + " " + storage_of(entry.value)));
    EXPECT_THAT(description_of({"database", "resources", "requests"}),
                HasSubstr(name + " " + std::string{tier.database->cpu} + " CPU and " +
                          std::string{tier.database->memory}));
    EXPECT_THAT(
        description_of({"cache", "resources", "requests"}),
        HasSubstr(name + " " + std::string{tier.cache->cpu} + " CPU and " + std::string{tier.cache->memory}));
  }
}

TEST(Crd, DescribesTheOtherDefaultsAsTheyAre) {
  const auto described = [](std::initializer_list<const char*> path, const std::string& value) {
    EXPECT_THAT(description_of(path), HasSubstr(value));
  };
  const auto of = [](const char* spec) { return effective(testing::a_promptsales(spec), "i"); };
  const auto mvp = of("{tier: MVP, messaging: {type: Embedded}}");
  described({"backend", "autoscaling", "targetCPUUtilization"},
            "Default " + std::to_string(mvp.backend.target_cpu_utilization));
  described({"messaging", "storage"}, "Default " + mvp.messaging.storage);
  described({"messaging", "resources", "requests"}, "Default " + mvp.messaging.resources.requests.at("cpu") +
                                                        " CPU and " +
                                                        mvp.messaging.resources.requests.at("memory"));
  const auto shards = [&](const char* spec) { return of(spec).cache; };
  const auto growth = shards("{tier: Growth, cache: {type: ACK, ack: {region: r, subnetGroup: s}}}");
  const auto scale = shards("{tier: Scale, cache: {type: ACK, ack: {region: r, subnetGroup: s}}}");
  described({"cache", "shards"}, "Default 1");  // ack.cpp asks for one, whatever the tier
  described({"cache", "replicasPerShard"}, "Default " + std::to_string(growth.replicas_per_shard) +
                                               ", tier Scale " + std::to_string(scale.replicas_per_shard));
}

// --- status.effective

/// Every key of `value` is in the schema, with its type.
void expect_fits(const Json& value, const Json& schema, const std::string& path) {
  if (value.is_object() && schema.contains("properties")) {
    for (const auto& [key, part] : value.items()) {
      ASSERT_TRUE(schema.at("properties").contains(key)) << path << "." << key << " is not in the schema";
      expect_fits(part, schema.at("properties").at(key), path + "." + key);
    }
    return;
  }
  const auto type = schema.value("type", "");
  EXPECT_EQ(type, value.is_string()    ? "string"
                  : value.is_boolean() ? "boolean"
                  : value.is_number()  ? "integer"
                                       : "object")
      << path;
}

TEST(Crd, HasRoomForEverythingThatIsEffective) {
  for (const auto* spec :
       {"tier: MVP", "{tier: Growth, database: {type: Embedded, storageClassName: fast}}",
        "{tier: Scale, database: {type: CloudNativePG}, cache: {type: ACK, ack: {region: r}}}"}) {
    const auto app = promptsales::testing::a_promptsales(spec);
    expect_fits(to_status(effective(app, "backend")), schema_of("status").at("properties").at("effective"),
                "status.effective");
  }
}

}  // namespace
}  // namespace promptsales::controllers
