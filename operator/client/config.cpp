#include "operator/client/config.hpp"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/strings.hpp"

namespace promptsales::client {
namespace {

namespace fs = std::filesystem;

const fs::path kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

Failure bad(const fs::path& file, const std::string& what) {
  return failure(Remedy::kShutDown, "BadKubeconfig", "kubeconfig " + file.string() + ": " + what);
}

std::optional<std::string> read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::string text(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.as<std::string>() : std::string{};
}

/// The member `body` of the entry called `name` in a list like `clusters:`.
YAML::Node named(const YAML::Node& list, const std::string& name, const char* body) {
  if (!list || !list.IsSequence()) return YAML::Node(YAML::NodeType::Undefined);
  for (const auto& entry : list)
    if (entry.IsMap() && text(entry, "name") == name) return entry[body];
  return YAML::Node(YAML::NodeType::Undefined);
}

/// PEM given inline (`KEY-data`, base64) or as a file (`KEY`, relative to the kubeconfig). Empty if neither.
Result<std::string> pem(const fs::path& file, const YAML::Node& node, const std::string& key) {
  if (const std::string data = text(node, (key + "-data").c_str()); !data.empty()) {
    auto decoded = base64_decode(data);
    if (!decoded) return bad(file, key + "-data is not base64; write the kubeconfig again with kubectl");
    return *decoded;
  }
  const std::string path = text(node, key.c_str());
  if (path.empty()) return std::string{};
  auto content = read_file(file.parent_path() / path);
  if (!content)
    return bad(file,
               key + " names " + path + ", which cannot be read: give its right path, or the data itself");
  return *content;
}

Result<void> read_cluster(Config& config, const fs::path& file, const YAML::Node& cluster) {
  config.server = text(cluster, "server");
  while (config.server.ends_with('/')) config.server.pop_back();
  if (config.server.empty())
    return bad(file, "the cluster has no server; give it the API server's https URL");
  if (text(cluster, "insecure-skip-tls-verify") == "true")
    return bad(file, "insecure-skip-tls-verify is not supported; give certificate-authority-data instead");
  if (!text(cluster, "proxy-url").empty())
    return bad(file, "proxy-url is not supported; use an address that is reached without a proxy");
  if (!text(cluster, "tls-server-name").empty())
    return bad(file, "tls-server-name is not supported; use the name that is in the server's certificate");
  auto ca = pem(file, cluster, "certificate-authority");
  if (!ca) return Failure{ca.error()};
  config.ca_pem = *ca;
  if (config.ca_pem.empty() && config.server.starts_with("https"))
    return bad(file, "the cluster has no certificate-authority; without it the server cannot be verified");
  return {};
}

Result<void> read_user(Config& config, const fs::path& file, const YAML::Node& user) {
  for (const char* unsupported : {"exec", "auth-provider", "username"})
    if (user[unsupported])
      return bad(file, std::string{"authentication by '"} + unsupported +
                           "' is not supported; use a client certificate, token or tokenFile");
  for (const char* impersonation : {"as", "as-uid", "as-groups", "as-user-extra"})
    if (user[impersonation])
      return bad(file, std::string{"impersonation by '"} + impersonation +
                           "' is not supported; use the credentials of the account itself");
  auto certificate = pem(file, user, "client-certificate");
  if (!certificate) return Failure{certificate.error()};
  auto key = pem(file, user, "client-key");
  if (!key) return Failure{key.error()};
  config.client_cert_pem = *certificate;
  config.client_key_pem = *key;
  if (config.client_cert_pem.empty() != config.client_key_pem.empty())
    return bad(file, "client-certificate and client-key must be given together");
  config.token = text(user, "token");
  if (const std::string path = text(user, "tokenFile"); !path.empty())
    config.token_file = file.parent_path() / path;
  return {};
}

constexpr const char* kChooseAnother =
    "'; choose a context that is complete with kubectl config use-context NAME";

Result<Config> parse(const fs::path& file, const YAML::Node& root, std::string context_name) {
  if (!root.IsMap()) return bad(file, "it is not a YAML mapping; write it with kubectl config view --raw");
  if (context_name.empty()) context_name = text(root, "current-context");
  if (context_name.empty())
    return bad(file, "no current-context is set; choose one with kubectl config use-context NAME");
  const YAML::Node context = named(root["contexts"], context_name, "context");
  if (!context || !context.IsMap()) return bad(file, "there is no context '" + context_name + kChooseAnother);
  const YAML::Node cluster = named(root["clusters"], text(context, "cluster"), "cluster");
  if (!cluster || !cluster.IsMap())
    return bad(file, "there is no cluster '" + text(context, "cluster") + kChooseAnother);
  const YAML::Node user = named(root["users"], text(context, "user"), "user");
  if (!user || !user.IsMap()) return bad(file, "there is no user '" + text(context, "user") + kChooseAnother);

  Config config{.ns = text(context, "namespace"), .source = file.string()};
  config.reread = [file, context_name] { return from_kubeconfig(file, context_name); };
  if (auto ok = read_cluster(config, file, cluster); !ok) return Failure{ok.error()};
  if (auto ok = read_user(config, file, user); !ok) return Failure{ok.error()};
  return config;
}

}  // namespace

Result<Config> from_kubeconfig(const fs::path& file, std::string_view context) {
  const auto content = fs::is_directory(file) ? std::nullopt : read_file(file);
  if (!content) return bad(file, "it cannot be read; give an existing file with --kubeconfig or $KUBECONFIG");
  try {
    return parse(file, YAML::Load(*content), std::string{context});
  } catch (const YAML::Exception& e) {
    return bad(file, "it is not YAML: line " + std::to_string(e.mark.line + 1) + ": " + e.msg +
                         "; write it again with kubectl config view --raw");
  }
}

Result<Config> in_cluster() {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  const auto ca = read_file(kServiceAccount / "ca.crt");
  if (!host || !port || !ca)
    return failure(Remedy::kShutDown, "NotInCluster",
                   "this is not a pod with a service account, and no kubeconfig was found; give one with "
                   "--kubeconfig or $KUBECONFIG");
  std::string address = host;
  if (address.find(':') != std::string::npos) address = "[" + address + "]";  // IPv6
  return Config{.server = "https://" + address + ":" + port,
                .ca_pem = *ca,
                .token_file = kServiceAccount / "token",
                .ns = read_file(kServiceAccount / "namespace").value_or(""),
                .source = "the pod's service account",
                .reread = in_cluster};
}

Result<Config> discover(const fs::path& kubeconfig) {
  if (!kubeconfig.empty()) return from_kubeconfig(kubeconfig);
  if (const char* env = std::getenv("KUBECONFIG"); env && *env) {
    if (const std::string_view files = env; files.find(':') != files.npos)
      return failure(Remedy::kShutDown, "BadKubeconfig",
                     "$KUBECONFIG names several files, " + std::string{files} +
                         ", and one is needed; write them into one with kubectl config view --raw --flatten");
    return from_kubeconfig(env);
  }
  if (auto pod = in_cluster()) return pod;
  const char* home = std::getenv("HOME");
  if (const fs::path file = fs::path{home ? home : "/"} / ".kube" / "config"; fs::exists(file))
    return from_kubeconfig(file);
  return in_cluster();  // for its message
}

}  // namespace promptsales::client
