#include "operator/runtime/admin_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

#include "tests/support/eventually.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;

void connect_to(unsigned short port, int fd) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

/// Sends bytes to the server and returns all that comes back until it closes.
std::string talk(int fd, const std::string& bytes) {
  (void)!write(fd, bytes.data(), bytes.size());
  std::string answer;
  char piece[4096];
  for (ssize_t n = 0; (n = read(fd, piece, sizeof piece)) > 0;)
    answer.append(piece, static_cast<std::size_t>(n));
  close(fd);
  return answer;
}
std::string talk(unsigned short port, const std::string& bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  connect_to(port, fd);
  return talk(fd, bytes);
}

std::chrono::nanoseconds cpu_time() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

class AdminServerTest : public ::testing::Test {
 protected:
  AdminServerTest() {
    server.route("/healthz", [] { return AdminAnswer{.body = "ok\n"}; });
    server.route("/readyz", [] { return AdminAnswer{.status = 503, .body = "pods: forbidden\n"}; });
    EXPECT_TRUE(server.start("127.0.0.1:0"));
  }
  std::string get(const std::string& path, const std::string& method = "GET") {
    return talk(server.port(), method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
  AdminServer server;
};

TEST_F(AdminServerTest, AnswersItsRoutes) {
  EXPECT_NE(get("/healthz").find("200 OK"), std::string::npos);
  EXPECT_NE(get("/healthz?verbose").find("\r\n\r\nok\n"), std::string::npos);
  const auto answer = get("/readyz");
  EXPECT_NE(answer.find("503"), std::string::npos);
  EXPECT_NE(answer.find("pods: forbidden"), std::string::npos);
}

TEST_F(AdminServerTest, RefusesWhatIsNotARoute) {
  EXPECT_NE(get("/secret").find("404"), std::string::npos);
  EXPECT_NE(get("/healthz", "POST").find("405"), std::string::npos);
  EXPECT_EQ(get("/healthz", "HEAD").find("ok\n"), std::string::npos);
}

TEST_F(AdminServerTest, HangsUpOnAHeaderWithoutEnd) {
  const auto answer = talk(server.port(), "GET /healthz HTTP/1.1\r\nX: " + std::string(64 << 10, 'x'));
  EXPECT_EQ(answer.find("200"), std::string::npos);
}

TEST_F(AdminServerTest, WaitsQuietlyWhileThereAreNoFileDescriptors) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  connect_to(server.port(), fd);
  const auto used = cpu_time();
  EXPECT_FALSE(eventually([&] { return cpu_time() - used > 150ms; }, 500ms));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_NE(talk(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").find("200 OK"),
            std::string::npos);
}

TEST_F(AdminServerTest, SaysWhichAddressIsTakenAndWhatToDo) {
  AdminServer second;
  const std::string address = "127.0.0.1:" + std::to_string(server.port());
  const auto started = second.start(address);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "PortTaken");
  EXPECT_NE(started.error().message.find(address), std::string::npos);
  EXPECT_NE(started.error().message.find("--listen"), std::string::npos);
  for (const char* bad : {"8080", "localhost:x", "1.2.3.4:70000", "host:80", ""})
    EXPECT_EQ(AdminServer{}.start(bad).error().reason, "BadAddress") << bad;
}

}  // namespace
}  // namespace promptsales::runtime
