// docs/operator.md says what there is: every option, every metric, and none besides.

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "operator/options.hpp"
#include "operator/runtime/metrics.hpp"
#include "tests/support/repository.hpp"

namespace promptsales {
namespace {

using Words = std::set<std::string>;

/// The first group of every match.
Words matches_in(const std::string& text, const std::string& pattern) {
  const std::regex regex{pattern};
  Words words;
  for (std::sregex_iterator match{text.begin(), text.end(), regex}, end; match != end; ++match)
    words.insert((*match)[1]);
  return words;
}

class OperatorPage : public ::testing::Test {
 protected:
  const std::string page = testing::read_repository_file("docs/operator.md");
};

TEST_F(OperatorPage, HasEveryFlagWithWhatItTakes) {
  const Words flags = matches_in(usage(), R"((--[-a-z]+ [A-Z][A-Z:]*|--[-a-z]+ true\|false) )");
  ASSERT_EQ(flags.size(), 9U) << "the pattern does not understand the usage any more";
  Words rows;
  for (const std::string& row : matches_in(page, R"(\| `(--[^`]*)` \|)"))
    rows.insert(std::regex_replace(row, std::regex{R"(\\\|)"}, "|"));
  EXPECT_EQ(rows, flags);
}

TEST_F(OperatorPage, HasTheVariableOfEveryFlag) {
  Words variables;
  for (const std::string& flag : matches_in(page, R"(\| `--([-a-z]+))")) {
    std::string name = "PROMPTSALES_OPERATOR_";
    for (const char c : flag) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    variables.insert(name);
  }
  EXPECT_EQ(matches_in(page, R"(`(PROMPTSALES_OPERATOR_\w+)`)"), variables);
}

TEST_F(OperatorPage, HasTheOptionsThatPrintAndEnd) {
  const Words all = matches_in(usage(), R"(\n  (--[-a-z]+))");
  for (const std::string& flag : all) EXPECT_NE(page.find("`" + flag), std::string::npos) << flag;
}

TEST_F(OperatorPage, HasEveryVariableOfAnImage) {
  EXPECT_EQ(matches_in(page, R"((RELATED_IMAGE_\w+))"), matches_in(usage(), R"((RELATED_IMAGE_\w+))"));
}

TEST_F(OperatorPage, HasEveryMetricWithItsLabels) {
  runtime::Metrics metrics;
  metrics.request("get", 200, {});
  metrics.reconciled("success", {}, {});
  metrics.informer("services", "watching", 1);
  metrics.child_write("backend_service", "create");
  metrics.configuration(true);
  metrics.certificate_expires("ns", "name", "leaf", {});
  Words served;
  for (const auto& family : metrics.registry().Collect()) {
    std::string labels;
    Words names;
    for (const auto& label : family.metric.at(0).label) names.insert(label.name);
    for (const std::string& name : names) labels += " " + name;
    served.insert(family.name + labels);
  }
  Words written;
  const std::regex row{R"(\n\| `(\w+)` \|([^|]*)\|)"};
  const std::string table =
      page.substr(page.find("| metric |"), page.find("## Permissions") - page.find("| metric |"));
  for (std::sregex_iterator match{table.begin(), table.end(), row}, end; match != end; ++match) {
    std::string labels;
    for (const std::string& name : matches_in((*match)[2], "`(\\w+)`")) labels += " " + name;
    written.insert((*match)[1].str() + labels);
  }
  EXPECT_EQ(written, served);
}

}  // namespace
}  // namespace promptsales
