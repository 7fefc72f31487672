#include "operator/k8s/splitter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace promptsales::k8s {
namespace {

const std::string kList =
    R"({"kind":"PodList","metadata":{"resourceVersion":"9","continue":"to]ke}n"},"items":[{"metadata":{"name":"a\"]}"},"x":[1,[2]]},)"
    R"({"metadata":{"name":"b"},"items":[{"y":1}]}],"after":{"items":[{"no":1}]}})";

TEST(ListSplitter, FindsTheItemsWhereverTheBytesAreCut) {
  for (std::size_t cut = 0; cut <= kList.size(); ++cut) {
    std::vector<std::string> items;
    ListSplitter splitter;
    const auto keep = [&](std::string_view item) { items.emplace_back(item); };
    ASSERT_TRUE(splitter.push(kList.substr(0, cut), keep));
    ASSERT_TRUE(splitter.push(kList.substr(cut), keep));
    ASSERT_EQ(items.size(), 2U) << "cut at " << cut;
    EXPECT_EQ(items[0], R"({"metadata":{"name":"a\"]}"},"x":[1,[2]]})");
    EXPECT_EQ(items[1], R"({"metadata":{"name":"b"},"items":[{"y":1}]})");
    EXPECT_EQ(
        splitter.envelope(),
        R"({"kind":"PodList","metadata":{"resourceVersion":"9","continue":"to]ke}n"},"items":[],"after":{"items":[{"no":1}]}})");
  }
}

TEST(ListSplitter, TakesAnEmptyOrNullList) {
  for (const std::string text :
       {R"({"items":[],"metadata":{}})", R"({"items":null})", R"({"items" : [ ] })"}) {
    ListSplitter splitter;
    int items = 0;
    ASSERT_TRUE(splitter.push(text, [&](std::string_view) { ++items; }));
    EXPECT_EQ(items, 0) << text;
  }
}

TEST(ListSplitter, RefusesAnItemAboveTheLimit) {
  ListSplitter splitter{1000};
  EXPECT_FALSE(splitter.push(R"({"items":[{"x":")" + std::string(2000, 'x'), [](std::string_view) {}));
}

TEST(LineSplitter, FindsTheLinesWhereverTheBytesAreCut) {
  const std::string text = "{\"a\":1}\n\n{\"b\":\"\\n\"}\n{\"c\":3}\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    std::vector<std::string> lines;
    LineSplitter splitter;
    const auto keep = [&](std::string_view line) { return lines.emplace_back(line), true; };
    ASSERT_TRUE(splitter.push(text.substr(0, cut), keep));
    ASSERT_TRUE(splitter.push(text.substr(cut), keep));
    EXPECT_EQ(lines, (std::vector<std::string>{"{\"a\":1}", "{\"b\":\"\\n\"}", "{\"c\":3}"}))
        << "cut at " << cut;
  }
}

TEST(LineSplitter, RefusesALineAboveTheLimit) {
  LineSplitter splitter{100};
  EXPECT_FALSE(splitter.push(std::string(101, 'x'), [](std::string_view) { return true; }));
}

}  // namespace
}  // namespace promptsales::k8s
