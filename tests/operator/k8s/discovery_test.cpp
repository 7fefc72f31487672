// What a server says that it serves, read as it is documented.

#include "operator/k8s/discovery.hpp"

#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

const Json kList =
    Json::parse(R"({"kind": "APIResourceList", "groupVersion": "postgresql.cnpg.io/v1", "resources": [
  {"name": "clusters/status", "kind": "Cluster", "namespaced": true},
  {"name": "clusters", "kind": "Cluster", "namespaced": true},
  {"name": "clusterimagecatalogs", "kind": "ClusterImageCatalog", "namespaced": false}]})");

TEST(Discovery, FindsAKindByItsNameAndNotByItsSubresource) {
  const auto found = kind_in(kList, "postgresql.cnpg.io", "v1", "Cluster");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->plural, "clusters");
  EXPECT_TRUE(found->namespaced);
  EXPECT_EQ(found->view().path("shop"), "/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters");
}

TEST(Discovery, SaysWhatBelongsToNoNamespace) {
  EXPECT_FALSE(kind_in(kList, "postgresql.cnpg.io", "v1", "ClusterImageCatalog")->namespaced);
}

TEST(Discovery, FindsNothingInWhatIsNoListOrLacksTheKind) {
  EXPECT_FALSE(kind_in(kList, "postgresql.cnpg.io", "v1", "cluster"));  // kinds are spelled exactly
  EXPECT_FALSE(kind_in(kList, "postgresql.cnpg.io", "v1", "Pooler"));
  EXPECT_FALSE(kind_in(Json{}, "g", "v1", "Cluster"));
  EXPECT_FALSE(kind_in(Json::parse(R"({"resources": {"name": "clusters"}})"), "g", "v1", "Cluster"));
  EXPECT_FALSE(kind_in(Json::parse(R"({"resources": [{"kind": "Cluster"}]})"), "g", "v1", "Cluster"));
}

TEST(Discovery, TakesTheVersionThatTheServerPrefers) {
  EXPECT_EQ(preferred_version(Json::parse(R"({"versions": [{"version": "v1"}, {"version": "v2"}],
                                              "preferredVersion": {"version": "v2"}})")),
            "v2");
  EXPECT_EQ(preferred_version(Json{}), "");
}

// Azure Service Operator serves versions of many years at once.
TEST(Discovery, TakesTheNewestOfVersionsThatTheServerCannotPutInOrder) {
  const auto chosen = [](const std::string& preferred, const std::vector<std::string>& served) {
    Json group{{"preferredVersion", {{"version", preferred}}}, {"versions", Json::array()}};
    for (const auto& version : served) group["versions"].push_back({{"version", version}});
    return preferred_version(group);
  };
  const std::string preview = "v1api20220120preview";
  EXPECT_EQ(chosen(preview, {preview, "v1api20221201", "v1api20230601preview", "v1api20240801"}),
            "v1api20240801");
  EXPECT_EQ(chosen("v1api20221201", {"v1api20221201", "v1api20240801", "v1api20250101preview"}),
            "v1api20240801");
  EXPECT_EQ(chosen("v20240801", {"v20240801", "v1api20250101"}), "v20240801");
  EXPECT_EQ(chosen("v1beta1", {"v1beta1", "v1alpha7"}), "v1beta1");
  EXPECT_EQ(chosen("v1beta", {"v1beta", "v1c"}), "v1c");
  EXPECT_EQ(chosen(preview, {preview}), preview);
}

TEST(Discovery, AsksForOneGroupAlone) {
  EXPECT_EQ(group_request("cache.azure.com").target, "/apis/cache.azure.com");
  EXPECT_EQ(resources_request("cache.azure.com", "v1api20230801").target,
            "/apis/cache.azure.com/v1api20230801");
  EXPECT_EQ(resources_request("", "v1").target, "/api/v1");
}

}  // namespace
}  // namespace promptsales::k8s
