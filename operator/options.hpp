#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "base/result.hpp"

namespace promptsales {

/// Everything the operator can be told, checked. docs/operator.md lists the flags; a test compares the two.
struct Options {
  std::filesystem::path kubeconfig;  ///< empty: the pod's service account, or $KUBECONFIG, or ~/.kube/config
  std::filesystem::path config;      ///< operator configuration; empty: the built-in settings
  std::string listen = "0.0.0.0:8080";  ///< health and metrics
  std::string ns;                       ///< the namespace to watch; empty: all
  bool leader_elect = true;
  std::string lease_namespace;     ///< empty: the namespace of the pod or of the kubeconfig's context
  std::string identity;            ///< in the Lease and in Events; empty: host name and process id
  int workers = 8;                 ///< reconciles at once, 1 to 64
  std::string log_level = "info";  ///< trace, debug, info, warn, error
  std::string backend_image;       ///< RELATED_IMAGE_BACKEND
  std::string postgres_image;      ///< RELATED_IMAGE_POSTGRES
  std::map<std::string, std::string>
      postgres_images{};     ///< RELATED_IMAGE_POSTGRES_16 and the like, by version
  std::string valkey_image;  ///< RELATED_IMAGE_VALKEY
  std::string nats_image;    ///< RELATED_IMAGE_NATS
  bool help = false;
  bool version = false;
  bool print_rbac = false;  ///< --print-rbac: write manifests/rbac.yaml to standard output
};

/// Flags (`--workers 4` or `--workers=4`), and where a flag is absent its variable
/// PROMPTSALES_OPERATOR_WORKERS; images only from RELATED_IMAGE_* variables, with the public images of this
/// version as defaults.
///
/// Errors   an unknown flag, a missing or bad value: one sentence that names it and says what it may be.
[[nodiscard]] Result<Options> parse_options(std::span<const char* const> arguments,
                                            const char* (*environment)(const char* name));

/// What --help prints.
[[nodiscard]] std::string usage();

}  // namespace promptsales
