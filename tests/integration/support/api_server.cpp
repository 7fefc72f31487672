#include "tests/integration/support/api_server.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "operator/client/config.hpp"

namespace promptsales::testing {
namespace {

using namespace std::chrono_literals;
using k8s::Json;

constexpr k8s::Kind kNamespace{"", "v1", "Namespace", "namespaces", /*namespaced=*/false};

std::unique_ptr<client::Transport> transport_or_exit(const client::Config& config, const Clock& clock) {
  auto transport = client::make_transport(config, clock);
  if (transport) return std::move(*transport);
  std::fprintf(stderr, "%s\n", transport.error().message.c_str());
  std::exit(1);
}

/// What there is in the namespace of a test that has failed, but for Secrets: into $ARTIFACTS/integration, which hack/test.sh
/// names. The dump of the whole control plane comes when other tests have taken the definition away.
void keep_evidence(const std::string& ns) {
  const char* artifacts = std::getenv("ARTIFACTS");
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  if (!artifacts || !test) return;
  std::string name = std::string{test->test_suite_name()} + "." + test->name();
  std::ranges::replace(name, '/', '_');
  const auto folder = std::filesystem::path{artifacts} / "integration";
  std::error_code not_made;
  std::filesystem::create_directories(folder, not_made);
  const std::string command =
      "kubectl -n " + ns +
      " get promptsales,deployments,statefulsets,jobs,pods,services,configmaps,horizontalpodautoscalers,"
      "poddisruptionbudgets,networkpolicies,persistentvolumeclaims,events -o yaml > '" +
      (folder / (name + ".yaml")).string() + "' 2>&1";
  if (std::system(command.c_str()) == 0)
    std::printf("objects of %s: %s\n", ns.c_str(), (folder / (name + ".yaml")).c_str());
}

}  // namespace

const client::Config& config() {
  static const client::Config loaded = [] {
    client::initialize_transport_library();
    auto read = client::discover("");
    if (read) return *read;
    std::fprintf(stderr, "integration tests need an API server: %s\n", read.error().message.c_str());
    std::exit(1);
  }();
  return loaded;
}

std::string foreign_ca() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* ca = X509_new();
  X509_set_pubkey(ca, key);
  X509_gmtime_adj(X509_getm_notBefore(ca), 0);
  X509_gmtime_adj(X509_getm_notAfter(ca), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(ca), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("stranger"), -1, -1, 0);
  X509_set_issuer_name(ca, X509_get_subject_name(ca));
  X509_sign(ca, key, EVP_sha256());
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, ca);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  X509_free(ca);
  EVP_PKEY_free(key);
  return pem;
}

bool eventually(const std::function<bool()>& claim, std::chrono::seconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!claim()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);  // between polls; what is waited for is the claim
  }
  return true;
}

bool throughout(std::chrono::milliseconds time, const std::function<bool()>& claim) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    if (!claim()) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

ApiServer::ApiServer()
    : transport_(transport_or_exit(config(), clock_)),
      client_(std::make_unique<client::Client>(*transport_)) {
  static int count = 0;
  // Process numbers come again, and a namespace of a former one may still be going.
  char chance[9];
  std::snprintf(chance, sizeof chance, "%08x", std::random_device{}());
  ns_ = "test-" + std::to_string(getpid()) + "-" + std::to_string(++count) + "-" + chance;
  const auto made = client_->create(
      kNamespace, {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns_}}}}, "test");
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
}

ApiServer::~ApiServer() {
  if (::testing::Test::HasFailure()) {
    keep_evidence(ns_);
    return;  // and it stays, for who has PRESERVE_CLUSTER
  }
  const auto ns = client_->get(kNamespace, {"", ns_});
  if (!ns || !*ns) return;
  const auto uid = k8s::string_at(Json::parse(**ns), {"metadata", "uid"});
  (void)client_->remove(kNamespace, {"", ns_}, {.uid = uid});
}

std::unique_ptr<client::Client> ApiServer::client_of_service_account(const std::string& name) {
  client::Config other{.server = config().server, .ca_pem = config().ca_pem, .source = name};
  other.token = token_of_service_account(name);
  other_transports_.push_back(transport_or_exit(other, clock_));
  return std::make_unique<client::Client>(*other_transports_.back());
}

std::string ApiServer::token_of_service_account(const std::string& name) {
  apply(k8s::kinds::kServiceAccount,
        {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", name}}}});
  const auto answer =
      send({.method = "POST",
            .target = "/api/v1/namespaces/" + ns_ + "/serviceaccounts/" + name + "/token",
            .body = R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}})",
            .content_type = "application/json"});
  return k8s::string_at(Json::parse(answer.body, nullptr, false), {"status", "token"});
}

Json ApiServer::get(const k8s::Kind& kind, const std::string& name) {
  const auto text = client_->get(kind, {ns_, name});
  EXPECT_TRUE(text) << (text ? "" : text.error().message);
  return text && *text ? Json::parse(**text) : Json{};
}

Json ApiServer::apply(const k8s::Kind& kind, k8s::Object object) {
  object["metadata"]["namespace"] = ns_;
  const auto applied = client_->apply(kind, object, {.manager = "test"});
  EXPECT_TRUE(applied) << (applied ? "" : applied.error().message);
  return applied ? Json::parse(applied->object) : Json{};
}

void ApiServer::remove(const k8s::Kind& kind, const std::string& name) {
  const Json object = get(kind, name);
  if (object.is_null()) return;
  const auto removed =
      client_->remove(kind, {ns_, name}, {.uid = k8s::string_at(object, {"metadata", "uid"})});
  EXPECT_TRUE(removed) << (removed ? "" : removed.error().message);
}

Json ApiServer::patch(const k8s::Kind& kind, const std::string& name, const Json& patch) {
  const auto patched = client_->merge_patch(kind, {ns_, name}, patch, "test");
  EXPECT_TRUE(patched) << (patched ? "" : patched.error().message);
  return patched ? Json::parse(*patched) : Json{};
}

HttpResponse ApiServer::send(const HttpRequest& request) {
  auto answer = transport_->send(request, 15s);
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
  EXPECT_TRUE(!answer || answer->status < 400) << request.target << ": " << answer->body;
  return answer.value_or(HttpResponse{});
}

}  // namespace promptsales::testing
