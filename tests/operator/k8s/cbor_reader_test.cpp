#include "operator/k8s/cbor_reader.hpp"

#include <gtest/gtest.h>

#include "operator/k8s/projection.hpp"

namespace promptsales::k8s {
namespace {

std::string cbor_of(const std::string& member) {
  return project(R"({"metadata":{"name":"n"},"v":)" + member + "}", Keep{"v"}).value()->cbor;
}

class EveryValue : public testing::TestWithParam<std::string> {};

TEST_P(EveryValue, IsReadBackAsItWasWritten) {
  const std::string cbor = cbor_of(GetParam());
  const Json read = CborReader{cbor}.value();
  EXPECT_EQ(read, Json::from_cbor(cbor)) << "what others read in it";
  EXPECT_EQ(read, Json::parse(R"({"v":)" + GetParam() + "}"));
  EXPECT_EQ(read["v"].type(), Json::parse(GetParam()).type());
}

INSTANTIATE_TEST_SUITE_P(CborReader, EveryValue,
                         testing::Values("null", "true", "false", "0", "-1", "23", "24", "-25", "255", "256",
                                         "65536", "9007199254740993", "-9223372036854775808", "1.5", "-0.25",
                                         R"("")", R"("text\u0000with ü")",
                                         '"' + std::string(70'000, 'x') + '"', "{}", "[]",
                                         R"({"b":1,"a":[{"c":[]},null,{"d":{"":"e"}}]})"));

}  // namespace
}  // namespace promptsales::k8s
