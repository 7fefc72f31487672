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

std::vector<std::string> tried_of(const std::vector<std::string>& served) {
  Json group{{"versions", Json::array()}};
  for (const auto& version : served) group["versions"].push_back({{"version", version}});
  return versions_to_try(group);
}
using Versions = std::vector<std::string>;

TEST(Discovery, LooksForAKindInTheOrderThatTheServerGivesVersions) {
  EXPECT_EQ(tried_of({"v2", "v1", "v1beta1"}), (Versions{"v2", "v1", "v1beta1"}));
  EXPECT_EQ(versions_to_try(Json{}), Versions{});
}

// Azure Service Operator serves versions of many years at once, with previews and hubs, and `User` as v1 in the group of FlexibleServer.
TEST(Discovery, LooksInTheNewestFirstOfVersionsThatTheServerCannotPutInOrder) {
  EXPECT_EQ(
      tried_of({"v1", "v1api20220120preview", "v1api20220120previewstorage", "v1api20221201",
                "v1api20221201storage", "v1api20230601preview", "v1api20240801", "v1api20240801storage"}),
      (Versions{"v1", "v1api20240801", "v1api20221201", "v1api20230601preview", "v1api20220120preview"}));
  EXPECT_EQ(tried_of({"v1beta", "v1c"}), (Versions{"v1c", "v1beta"}));
}

}  // namespace
}  // namespace promptsales::k8s
