// A start that cannot succeed: one sentence with what to do, exit code 1.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/strings.hpp"
#include "tests/integration/support/with_operator.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// A port of this machine that is taken as long as this lives; nobody answers on it.
class TakenPort {
 public:
  TakenPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    number_ = ntohs(address.sin_port);
  }
  ~TakenPort() { close(fd_); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  void listen() const { EXPECT_EQ(::listen(fd_, 1), 0); }
  [[nodiscard]] std::string text() const { return std::to_string(number_); }

 private:
  int fd_;
  int number_ = 0;
};

class TheCommandLine : public ::testing::Test {
 protected:
  ~TheCommandLine() override { std::filesystem::remove(file); }

  /// What the operator says when it ends by itself, without the lines of its log.
  static std::string refusal(const std::vector<std::string>& arguments,
                             const OperatorProcess::Environment& more = {}) {
    OperatorProcess process{arguments, more};
    EXPECT_EQ(process.wait(), 1) << process.log();
    std::string sentences;
    std::istringstream lines{process.log()};
    int count = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('{')) continue;
      sentences += line;
      ++count;
    }
    EXPECT_EQ(count, 1) << process.log();
    EXPECT_TRUE(sentences.starts_with("promptsales-operator: ")) << sentences;
    return sentences;
  }
  void write(const std::string& text) const { std::ofstream{file} << text; }
  [[nodiscard]] std::string kubeconfig_for(const std::string& server) const {
    return R"({"apiVersion":"v1","kind":"Config","current-context":"c",
      "contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],
      "clusters":[{"name":"c","cluster":{"server":")" +
           server + R"(","certificate-authority-data":")" + base64_encode(foreign_ca()) + R"("}}],
      "users":[{"name":"u","user":{"token":"t"}}]})";
  }

  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("command-line-" + std::to_string(getpid()));
};

TEST_F(TheCommandLine, NamesAnOptionThatItDoesNotKnow) {
  EXPECT_THAT(refusal({"--colour", "blue"}), HasSubstr("'--colour' is no option; see --help"));
}

TEST_F(TheCommandLine, NamesAValueThatItCannotUse) {
  EXPECT_THAT(refusal({"--workers", "many"}), HasSubstr("--workers 'many' must be a number from 1 to 64"));
}

TEST_F(TheCommandLine, NamesAVariableThatItCannotUse) {
  EXPECT_THAT(refusal({}, {{"PROMPTSALES_OPERATOR_LEADER_ELECT", "maybe"}}),
              HasSubstr("PROMPTSALES_OPERATOR_LEADER_ELECT='maybe' must be true or false"));
}

TEST_F(TheCommandLine, NamesAKubeconfigThatIsNotThere) {
  EXPECT_THAT(refusal({"--kubeconfig", "/no/such/file"}), HasSubstr("/no/such/file"));
}

TEST_F(TheCommandLine, NamesAKubeconfigThatIsNone) {
  write("{not yaml: [");
  EXPECT_THAT(refusal({"--kubeconfig", file}), HasSubstr(file.string()));
  write("just text");
  EXPECT_THAT(refusal({"--kubeconfig", file}), HasSubstr(file.string()));
}

TEST_F(TheCommandLine, NamesAnAddressThatIsTaken) {
  const TakenPort port;
  port.listen();
  const auto sentence = refusal({"--listen", "127.0.0.1:" + port.text()});
  EXPECT_THAT(sentence, HasSubstr("127.0.0.1:" + port.text()));
  EXPECT_THAT(sentence, HasSubstr("--listen"));
}

TEST_F(TheCommandLine, NamesAnAddressThatIsNone) {
  EXPECT_THAT(refusal({"--listen", "everywhere"}), HasSubstr("everywhere"));
}

TEST_F(TheCommandLine, NamesAnAPIServerThatDoesNotAnswer) {
  const TakenPort port;  // bound and not listening: connections are refused
  write(kubeconfig_for("https://127.0.0.1:" + port.text()));
  const auto sentence = refusal({"--kubeconfig", file});
  EXPECT_THAT(sentence, HasSubstr("127.0.0.1:" + port.text()));
  EXPECT_THAT(sentence, HasSubstr("check that it runs and that " + file.string() + " names it"));
}

TEST_F(TheCommandLine, NamesAServerThatIsNoAPIServer) {
  const std::string https = config().server;
  ASSERT_TRUE(https.starts_with("https://")) << https;
  const std::string http = "http://" + https.substr(8);  // its port answers 400 to this
  write(kubeconfig_for(http));
  EXPECT_THAT(refusal({"--kubeconfig", file}),
              HasSubstr(http +
                        " answers (HTTP 400), but not as a Kubernetes API server does; check its address, "
                        "port and https:// in " +
                        file.string()));
}

TEST_F(TheCommandLine, NamesSeveralKubeconfigs) {
  EXPECT_THAT(refusal({}, {{"KUBECONFIG", "/a:/b"}}), HasSubstr("$KUBECONFIG names several files, /a:/b"));
}

TEST_F(TheCommandLine, AnswersHelpAndVersionWithoutACluster) {
  for (const char* question : {"--help", "--version", "--print-rbac"}) {
    OperatorProcess process{{question}, {{"KUBECONFIG", "/no/such/file"}}};
    EXPECT_EQ(process.wait(), 0) << process.log();
    EXPECT_EQ(process.log(), "");
  }
}

}  // namespace
}  // namespace promptsales::testing
