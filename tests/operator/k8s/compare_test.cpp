#include "operator/k8s/compare.hpp"

#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

struct Case {
  const char* name;
  const char* live;
  const char* intent;
  bool covered;
};

class Covers : public ::testing::TestWithParam<Case> {};

TEST_P(Covers, ComparesAsServerSideApplyWould) {
  const auto& [name, live, intent, covered] = GetParam();
  EXPECT_EQ(covers(Json::parse(live), Json::parse(intent)), covered);
}

INSTANTIATE_TEST_SUITE_P(
    Objects, Covers,
    ::testing::Values(
        Case{"Equal", R"({"a":1})", R"({"a":1})", true},
        Case{"DefaultsOfTheServerArePassedOver", R"({"a":1,"default":true})", R"({"a":1})", true},
        Case{"AnotherValueDiffers", R"({"a":2})", R"({"a":1})", false},
        Case{"AMissingFieldDiffers", R"({})", R"({"a":1})", false},
        Case{"AnotherTypeDiffers", R"({"a":"1"})", R"({"a":1})", false},
        Case{"NestedFieldsCount", R"({"s":{"a":1,"b":2}})", R"({"s":{"b":3}})", false},
        Case{"AnEmptyMapEqualsAnAbsentOne", R"({})", R"({"egress":[],"data":{}})", true},
        Case{"AnEmptyMapIsFoundAsOne", R"({"emptyDir":{}})", R"({"emptyDir":{}})", true},
        Case{"ContainersOfOthersArePassedOver",
             R"({"containers":[{"name":"mesh"},{"name":"backend","x":1}]})",
             R"({"containers":[{"name":"backend"}]})", true},
        Case{"AMissingContainerDiffers", R"({"containers":[{"name":"mesh"}]})",
             R"({"containers":[{"name":"backend"}]})", false},
        Case{"ARuleTooManyDiffers", R"({"ingress":[{"p":1},{"p":2}]})", R"({"ingress":[{"p":1}]})", false},
        Case{"APortTooManyDiffers", R"({"ports":[{"port":80},{"port":81}]})", R"({"ports":[{"port":80}]})",
             false},
        Case{"AKeyAddedToARuleDiffers",
             R"({"ingress":[{"from":[{"podSelector":{},"namespaceSelector":{}}]}]})",
             R"({"ingress":[{"from":[{"podSelector":{}}]}]})", false},
        Case{"AKeyAddedToASelectorDiffers", R"({"selector":{"app":"a","team":"b"}})",
             R"({"selector":{"app":"a"}})", false},
        Case{"AnEmptyRuleListEqualsAnAbsentOne", R"({})", R"({"egress":[]})", true},
        Case{"ARuleWhereNoneMayBeDiffers", R"({"egress":[{}]})", R"({"egress":[]})", false},
        Case{"OrderDoesNotCount", R"({"ports":[{"port":81},{"port":80}]})",
             R"({"ports":[{"port":80},{"port":81}]})", true},
        Case{"OneEntryDoesNotServeTwo", R"({"env":[{"name":"A"},{"name":"B"}]})",
             R"({"env":[{"name":"A"},{"name":"A"}]})", false}),
    [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace promptsales::k8s
