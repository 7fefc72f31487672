#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace promptsales::client {

/// How to reach and convince one API server.
struct Config {
  std::string server;           ///< "https://10.96.0.1:443"; no trailing slash
  std::string ca_pem;           ///< the only certificates trusted for it
  std::string client_cert_pem;  ///< certificate chain and key for mutual TLS; both empty for none
  std::string client_key_pem;
  std::string token;                 ///< a bearer token that never changes
  std::filesystem::path token_file;  ///< or one that does: read again as it is rotated
  std::string ns;                    ///< namespace of the context or of the pod; may be empty
  std::string source;  ///< where this came from, for messages: the file's path or "the pod's service account"
  /// Reads the source again: its certificates are replaced in time. Unset: they never change.
  std::function<Result<Config>()> reread;
};

/// From a kubeconfig file. `context` empty: the current one.
///
/// Errors   each says what is wrong in which file and what to do: file absent or unreadable, no YAML, a
///          context, cluster or user that is not defined, no server, certificates that do not exist;
///          authentication ways that are not supported (exec, auth-provider, password) and insecure-skip-tls-verify, which
///          is never honoured.
[[nodiscard]] Result<Config> from_kubeconfig(const std::filesystem::path& file,
                                             std::string_view context = "");

/// From the files and variables that Kubernetes gives every pod with a service account.
[[nodiscard]] Result<Config> in_cluster();

/// The file given, else $KUBECONFIG (one file), else the pod's service account, else ~/.kube/config.
[[nodiscard]] Result<Config> discover(const std::filesystem::path& kubeconfig);

}  // namespace promptsales::client
