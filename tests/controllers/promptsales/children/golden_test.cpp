// Every child as it is sent, against files that a person can read and whose differences a review shows.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/support/inputs.hpp"

namespace promptsales::controllers {
namespace {

using promptsales::testing::inputs_of;
using promptsales::testing::objects_of;
using promptsales::testing::read_repository_file;
using promptsales::testing::read_repository_yaml;
using promptsales::testing::repository_path;

constexpr const char* kRenew = "PROMPTSALES_RENEW_GOLDEN";

struct Sample {
  std::string name;  ///< folder in tests/golden/children
  std::string file;  ///< in manifests/samples
};

void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.file; }

class GoldenChildren : public ::testing::TestWithParam<Sample> {
 protected:
  GoldenChildren() {
    const auto sample = read_repository_yaml("manifests/samples/" + GetParam().file).at(0);
    objects_ = objects_of(inputs_of(sample.at("spec").dump()));
  }
  static std::string folder() { return "tests/golden/children/" + GetParam().name; }
  static std::string file_of(const std::string& child) { return folder() + "/" + child + ".json"; }

  std::map<std::string, Object> objects_;
};

TEST_P(GoldenChildren, AreAsTheFilesSay) {
  const bool renew = std::getenv(kRenew) != nullptr;
  if (renew) {
    std::filesystem::remove_all(repository_path(folder()));
    std::filesystem::create_directories(repository_path(folder()));
  }
  for (const auto& [child, object] : objects_) {
    const std::string text = object.dump(2) + "\n";
    if (renew) std::ofstream{repository_path(file_of(child))} << text;
    std::string golden;
    EXPECT_NO_THROW(golden = read_repository_file(file_of(child)));
    EXPECT_EQ(text, golden) << file_of(child) << " differs. If that is meant, run this test once with "
                            << kRenew << "=1 and commit what changed.";
  }
}

TEST_P(GoldenChildren, AreAllThatTheFilesName) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator{repository_path(folder())})
    files.insert(entry.path().stem().string());
  std::set<std::string> children;
  for (const auto& [child, object] : objects_) children.insert(child);
  EXPECT_EQ(files, children) << "run with " << kRenew << "=1 to remove files of children that are gone";
}

INSTANTIATE_TEST_SUITE_P(Samples, GoldenChildren,
                         ::testing::Values(Sample{"mvp", "mvp.yaml"}, Sample{"growth", "growth.yaml"},
                                           Sample{"fixed_size", "fixed-size.yaml"},
                                           Sample{"messaging", "messaging.yaml"},
                                           Sample{"cloudnative_pg", "cloudnative-pg.yaml"},
                                           Sample{"aws", "aws.yaml"}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace promptsales::controllers
