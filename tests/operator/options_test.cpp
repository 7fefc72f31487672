#include "operator/options.hpp"

#include <gtest/gtest.h>

#include <map>

namespace promptsales {
namespace {

std::map<std::string, std::string> variables;

const char* environment(const char* name) {
  const auto found = variables.find(name);
  return found == variables.end() ? nullptr : found->second.c_str();
}

class OptionsTest : public ::testing::Test {
 protected:
  OptionsTest() { variables.clear(); }
  static Result<Options> parse(std::vector<const char*> arguments) {
    return parse_options(arguments, environment);
  }
};

TEST_F(OptionsTest, HaveDefaultsThatServeInACluster) {
  const auto options = parse({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->listen, "0.0.0.0:8080");
  EXPECT_TRUE(options->leader_elect);
  EXPECT_EQ(options->workers, 8);
  EXPECT_EQ(options->postgres_image, "docker.io/library/postgres:17");
}

TEST_F(OptionsTest, TakeFlagsInBothFormsAndPreferThemToVariables) {
  variables = {{"PROMPTSALES_OPERATOR_WORKERS", "3"},
               {"PROMPTSALES_OPERATOR_LOG_LEVEL", "debug"},
               {"RELATED_IMAGE_POSTGRES", "registry.example/postgres:1"},
               {"RELATED_IMAGE_POSTGRES_16", "registry.example/postgres:16"}};
  const auto options = parse({"--workers", "5", "--namespace=shop", "--leader-elect=false"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->workers, 5);
  EXPECT_EQ(options->ns, "shop");
  EXPECT_FALSE(options->leader_elect);
  EXPECT_EQ(options->log_level, "debug");
  EXPECT_EQ(options->postgres_image, "registry.example/postgres:1");
  EXPECT_EQ(options->postgres_images,
            (std::map<std::string, std::string>{{"16", "registry.example/postgres:16"}}));
}

TEST_F(OptionsTest, SayWhichValueIsWrongAndWhatItMayBe) {
  const std::pair<std::vector<const char*>, std::string> cases[] = {
      {{"--worker", "5"}, "'--worker' is no option"},
      {{"--workers"}, "--workers needs a value"},
      {{"--workers", "0"}, "--workers '0' must be a number from 1 to 64"},
      {{"--workers=5x"}, "--workers '5x' must be a number from 1 to 64"},
      {{"--leader-elect", "yes"}, "--leader-elect 'yes' must be true or false"},
      {{"--log-level", "loud"}, "--log-level 'loud' must be trace, debug, info, warn or error"},
      {{"shop"}, "'shop' is no option"},
  };
  for (const auto& [arguments, sentence] : cases) {
    const auto options = parse(arguments);
    ASSERT_FALSE(options) << sentence;
    EXPECT_NE(options.error().message.find(sentence), std::string::npos) << options.error().message;
  }
  variables = {{"PROMPTSALES_OPERATOR_WORKERS", "many"}};
  EXPECT_NE(parse({}).error().message.find("PROMPTSALES_OPERATOR_WORKERS='many'"), std::string::npos);
}

TEST_F(OptionsTest, HelpNamesEveryFlag) {
  variables = {{"PROMPTSALES_OPERATOR_WORKERS", "many"}};
  EXPECT_TRUE(parse({"--nonsense", "--help"})->help) << "help wins over what else is wrong";
  for (const char* flag : {"kubeconfig", "listen", "namespace", "leader-elect", "lease-namespace", "identity",
                           "workers", "log-level"})
    EXPECT_NE(usage().find(std::string{"--"} + flag), std::string::npos) << flag;
}

}  // namespace
}  // namespace promptsales
