#include "operator/runtime/file_watch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <vector>

namespace promptsales::runtime {
namespace {

namespace fs = std::filesystem;
using Content = std::optional<std::string>;

/// A folder of its own, and what was told of a file in it.
class FileWatchTest : public ::testing::Test {
 protected:
  FileWatchTest() { write(folder / "config.yaml", "first"); }
  ~FileWatchTest() override {
    watch.stop();
    fs::remove_all(folder);
  }

  static fs::path a_folder() {
    std::string name = (fs::temp_directory_path() / "file-watch-XXXXXX").string();
    return mkdtemp(name.data());
  }
  static void write(const fs::path& file, const std::string& text) { std::ofstream{file} << text; }

  [[nodiscard]] bool is_told(const Content& content) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds{10},
                            [&] { return !told.empty() && told.back() == content; });
  }
  [[nodiscard]] std::size_t count() {
    std::lock_guard lock(mutex);
    return told.size();
  }

  const fs::path folder = a_folder();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Content> told;
  FileWatch watch{folder / "config.yaml", "first", [this](const Content& content) {
                    std::lock_guard lock(mutex);
                    told.push_back(content);
                    changed.notify_all();
                  }};
};

TEST_F(FileWatchTest, TellsOfAFileThatIsWrittenInPlace) {
  ASSERT_TRUE(watch.start());
  write(folder / "config.yaml", "second");
  EXPECT_TRUE(is_told("second"));
}

TEST_F(FileWatchTest, TellsOfAFileThatIsRenamedOverIt) {
  ASSERT_TRUE(watch.start());
  write(folder / "other", "second");
  fs::rename(folder / "other", folder / "config.yaml");
  EXPECT_TRUE(is_told("second"));
}

// As the kubelet does it: the file is a link into ..data, which is a link to a folder of the day.
TEST_F(FileWatchTest, TellsOfAMountedConfigMap) {
  const auto publish = [&](const char* day, const std::string& text) {
    fs::create_directory(folder / day);
    write(folder / day / "config.yaml", text);
    fs::create_directory_symlink(day, folder / "..data_tmp");
    fs::rename(folder / "..data_tmp", folder / "..data");
  };
  publish("..monday", "first");
  fs::remove(folder / "config.yaml");
  fs::create_symlink("..data/config.yaml", folder / "config.yaml");
  ASSERT_TRUE(watch.start());
  publish("..tuesday", "second");
  EXPECT_TRUE(is_told("second"));
  fs::remove_all(folder / "..monday");
  publish("..wednesday", "third");
  EXPECT_TRUE(is_told("third"));
  EXPECT_EQ(count(), 2U);
}

TEST_F(FileWatchTest, TellsThatTheFileIsGoneAndBack) {
  ASSERT_TRUE(watch.start());
  fs::remove(folder / "config.yaml");
  EXPECT_TRUE(is_told(std::nullopt));
  write(folder / "config.yaml", "first");
  EXPECT_TRUE(is_told("first"));
}

TEST_F(FileWatchTest, TellsWhatHasChangedBeforeItStarted) {
  write(folder / "config.yaml", "second");
  ASSERT_TRUE(watch.start());
  EXPECT_TRUE(is_told("second"));
}

TEST_F(FileWatchTest, TellsNothingOfTheSameContentOrOfOtherFiles) {
  ASSERT_TRUE(watch.start());
  for (const char* content : {"first", "last"}) {
    write(folder / "other", content);
    fs::rename(folder / "other", folder / "config.yaml");
  }
  EXPECT_TRUE(is_told("last"));
  EXPECT_EQ(count(), 1U);
}

TEST(FileWatchOfNoFolder, SaysSo) {
  FileWatch watch{"/nowhere/at/all", std::nullopt, [](const Content&) {}};
  EXPECT_FALSE(watch.start());
}

}  // namespace
}  // namespace promptsales::runtime
