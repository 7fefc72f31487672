#include "operator/client/config.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

namespace promptsales::client {
namespace {

namespace fs = std::filesystem;

class Kubeconfig : public ::testing::Test {
 protected:
  Kubeconfig() : folder_(fs::path{::testing::TempDir()} / ("kubeconfig-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~Kubeconfig() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  Result<Config> load(const std::string& cluster, const std::string& user) {
    return from_kubeconfig(write("config",
                                 "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, "
                                 "namespace: shop}}]\nclusters: [{name: k, cluster: " +
                                     cluster + "}]\nusers: [{name: u, user: " + user + "}]\n"));
  }
  fs::path folder_;
};

TEST_F(Kubeconfig, GivesServerCertificatesAndNamespace) {
  write("ca.crt", "THE CA");
  const auto config = load("{server: 'https://host:6443/', certificate-authority: ca.crt}",
                           "{client-certificate-data: Q0VSVA==, client-key-data: S0VZ}");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server, "https://host:6443");
  EXPECT_EQ(config->ca_pem, "THE CA");
  EXPECT_EQ(config->client_cert_pem, "CERT");
  EXPECT_EQ(config->client_key_pem, "KEY");
  EXPECT_EQ(config->ns, "shop");
}

TEST_F(Kubeconfig, GivesTheFileOfATokenBesideItself) {
  const auto config =
      load("{server: 'https://h', certificate-authority-data: Q0E=}", "{tokenFile: login/token}");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->token_file, folder_ / "login/token");
  EXPECT_EQ(config->token, "");
}

TEST_F(Kubeconfig, GivesTheContextThatIsNamedElseTheCurrentOne) {
  const auto file = write("two", R"(
current-context: one
contexts:
- {name: one, context: {cluster: one, user: u}}
- {name: two, context: {cluster: two, user: u, namespace: shop}}
clusters:
- {name: one, cluster: {server: 'https://one', certificate-authority-data: Q0E=}}
- {name: two, cluster: {server: 'https://two', certificate-authority-data: Q0E=}}
users: [{name: u, user: {token: t}}]
)");
  EXPECT_EQ(from_kubeconfig(file)->server, "https://one");
  EXPECT_EQ(from_kubeconfig(file, "two")->server, "https://two");
  EXPECT_EQ(from_kubeconfig(file, "two")->ns, "shop");
}

TEST_F(Kubeconfig, SaysWhatIsWrongAndWhatToDo) {
  const std::string good = "{server: 'https://h', certificate-authority-data: Q0E=}";
  struct Case {
    std::string cluster, user, sentence;
  };
  const Case cases[] = {
      {"{certificate-authority-data: Q0E=}", "{token: t}", "the cluster has no server"},
      {"{server: 'https://h'}", "{token: t}", "no certificate-authority"},
      {"{server: 'https://h', insecure-skip-tls-verify: true}", "{token: t}",
       "insecure-skip-tls-verify is not supported"},
      {"{server: 'https://h', certificate-authority-data: '!'}", "{token: t}",
       "certificate-authority-data is not base64"},
      {"{server: 'https://h', certificate-authority-data: Q0E=, proxy-url: 'http://p'}", "{token: t}",
       "proxy-url is not supported"},
      {"{server: 'https://h', certificate-authority-data: Q0E=, tls-server-name: other}", "{token: t}",
       "tls-server-name is not supported; use the name that is in the server's certificate"},
      {good, "{token: t, as: somebody}", "impersonation by 'as' is not supported"},
      {good, "{exec: {command: aws}}", "authentication by 'exec' is not supported"},
      {good, "{client-certificate: gone.crt, client-key-data: S0VZ}",
       "client-certificate names gone.crt, which cannot be read"},
      {good, "{client-certificate-data: Q0VSVA==}", "must be given together"},
  };
  for (const auto& [cluster, user, sentence] : cases) {
    const auto config = load(cluster, user);
    ASSERT_FALSE(config) << sentence;
    EXPECT_NE(config.error().message.find(sentence), std::string::npos) << config.error().message;
    EXPECT_NE(config.error().message.find(folder_.string()), std::string::npos) << "names the file";
  }
}

TEST_F(Kubeconfig, ThatIsAbsentOrBrokenIsOneClearSentence) {
  EXPECT_NE(from_kubeconfig(folder_ / "none").error().message.find("cannot be read"), std::string::npos);
  EXPECT_NE(from_kubeconfig(folder_).error().message.find("cannot be read"), std::string::npos);
  EXPECT_NE(from_kubeconfig(write("x", "a: [")).error().message.find("not YAML: line"), std::string::npos);
  EXPECT_NE(from_kubeconfig(write("x", "- a")).error().message.find("not a YAML mapping"), std::string::npos);
  EXPECT_NE(from_kubeconfig(write("x", "a: b")).error().message.find("no current-context"),
            std::string::npos);
  EXPECT_NE(from_kubeconfig(write("x", "current-context: y")).error().message.find("no context 'y'"),
            std::string::npos);
}

}  // namespace
}  // namespace promptsales::client
