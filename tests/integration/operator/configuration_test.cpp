// The operator's configuration file: taken up without a restart, kept out while it is bad.

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/integration/support/with_operator.hpp"
#include "tests/support/yaml.hpp"

namespace promptsales::testing {
namespace {

using namespace k8s::kinds;
using k8s::Json;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class TheConfiguration : public WithOperator {
 protected:
  TheConfiguration() {
    std::string name = (fs::temp_directory_path() / "configuration-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  ~TheConfiguration() override { fs::remove_all(folder); }

  void write(const std::string& text) const {
    std::ofstream{folder / "new"} << text;
    fs::rename(folder / "new", folder / "config.yaml");
  }
  std::unique_ptr<OperatorProcess> configured_operator() {
    return an_operator({"--config", (folder / "config.yaml").string()});
  }
  bool has_maximum(int replicas) {
    return eventually([&] {
      return server.get(kHorizontalPodAutoscaler, "demo-backend").at("spec").at("maxReplicas") == replicas;
    });
  }

  fs::path folder;
};

TEST_F(TheConfiguration, IsInForceFromTheBeginningAndFromEachGoodChangeOn) {
  write("tiers: {MVP: {backend: {autoscaling: {maxReplicas: 5}}}}");
  const auto running = configured_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_TRUE(has_maximum(5));
  EXPECT_THAT(running->get("/readyz").body, HasSubstr("configuration: in force"));

  write("tiers: {MVP: {backend: {autoscaling: {maxReplicas: 6}}}}");
  EXPECT_TRUE(has_maximum(6));
  EXPECT_TRUE(eventually([&] {
    return read("demo").at("status").at("effective").at("backend").at("autoscaling").at("maxReplicas") == 6;
  }));
}

TEST_F(TheConfiguration, ThatIsBadIsSaidAndTheFormerOneStays) {
  write("tiers: {MVP: {backend: {autoscaling: {maxReplicas: 5}}}}");
  const auto running = configured_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_EQ(running->metric("promptsales_config_last_reload_successful"), 1);

  write("tiers: {MVP: {backend: {replicas: 6}}}");
  EXPECT_TRUE(eventually([&] { return running->metric("promptsales_config_last_reload_successful") == 0; }));
  EXPECT_TRUE(eventually([&] {
    return running->get("/readyz").body.contains("config.yaml:1: tiers.MVP.backend.replicas is no setting");
  })) << running->get("/readyz").body;
  EXPECT_EQ(running->get("/readyz").status, 200);
  EXPECT_TRUE(eventually([&] { return running->log().contains("the former one stays"); })) << running->log();
  EXPECT_TRUE(has_maximum(5));

  write("{}");
  EXPECT_TRUE(has_maximum(3));
  EXPECT_EQ(running->metric("promptsales_config_last_reload_successful"), 1);
}

TEST_F(TheConfiguration, WithPricesGivesEveryResourceACost) {
  write("{}");
  const auto running = configured_operator();
  create("demo");
  ASSERT_TRUE(become_ready("demo"));
  EXPECT_FALSE(read("demo").at("status").contains("cost"));

  write("prices: {currency: USD, cpuHour: 1}");
  const Json want{
      {"currency", "USD"}, {"current", "1168.00"}, {"monthlyMax", "1350.50"}, {"monthlyMin", "1168.00"}};
  EXPECT_TRUE(eventually([&] { return read("demo").at("status").value("cost", Json{}) == want; }))
      << read("demo").at("status").dump(2);
}

TEST_F(TheConfiguration, ThatIsBadAtTheBeginningEndsTheProcess) {
  write("tires: {}");
  OperatorProcess process{{"--config", (folder / "config.yaml").string()}};
  EXPECT_EQ(process.wait(), 1);
  EXPECT_THAT(process.log(), HasSubstr("config.yaml:1: tires is no setting; here may be tiers, prices"));
}

}  // namespace
}  // namespace promptsales::testing
