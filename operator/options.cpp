#include "operator/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace promptsales {
namespace {

/// Takes a value into the options; an error sentence, or empty if it is good.
using Set = std::string (*)(Options&, const std::string& value);

struct Flag {
  std::string_view name;
  std::string_view value;  ///< what the help calls it
  std::string_view help;
  Set set;
};

std::string set_bool(bool& target, const std::string& value) {
  if (value != "true" && value != "false") return "must be true or false";
  target = value == "true";
  return {};
}

std::string set_workers(Options& options, const std::string& value) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), options.workers);
  const bool good = error == std::errc{} && end == value.data() + value.size() && options.workers >= 1 &&
                    options.workers <= 64;
  return good ? "" : "must be a number from 1 to 64";
}

std::string set_log_level(Options& options, const std::string& value) {
  constexpr std::array<std::string_view, 5> kLevels{"trace", "debug", "info", "warn", "error"};
  if (std::ranges::find(kLevels, value) == kLevels.end()) return "must be trace, debug, info, warn or error";
  options.log_level = value;
  return {};
}

template <auto Member>
std::string set_text(Options& options, const std::string& value) {
  options.*Member = value;
  return {};
}

constexpr std::array<Flag, 9> kFlags{{
    {"kubeconfig", "FILE", "cluster to work on; default: $KUBECONFIG, the pod's own, ~/.kube/config",
     set_text<&Options::kubeconfig>},
    {"config", "FILE", "tier table and price sheet, read again when it changes; default: built in",
     set_text<&Options::config>},
    {"listen", "ADDRESS:PORT", "/healthz, /readyz and /metrics; default 0.0.0.0:8080",
     set_text<&Options::listen>},
    {"namespace", "NAME", "watch only this namespace; default: all", set_text<&Options::ns>},
    {"leader-elect", "true|false", "let one of several replicas work at a time; default true",
     [](Options& options, const std::string& value) { return set_bool(options.leader_elect, value); }},
    {"lease-namespace", "NAME", "namespace of the Lease; default: the pod's own",
     set_text<&Options::lease_namespace>},
    {"identity", "NAME", "name of this replica in the Lease and in Events; default: host name and process",
     set_text<&Options::identity>},
    {"workers", "N", "resources reconciled at once; default 8", set_workers},
    {"log-level", "LEVEL", "trace, debug, info, warn or error; default info", set_log_level},
}};

std::string variable_of(std::string_view flag) {
  std::string name = "PROMPTSALES_OPERATOR_";
  for (char c : flag) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

Failure bad(const std::string& what, const std::string& why) {
  return failure(Remedy::kShutDown, "BadOption", what + " " + why + "; see --help");
}

Result<void> from_environment(Options& options, const char* (*environment)(const char*)) {
  for (const Flag& flag : kFlags) {
    const std::string name = variable_of(flag.name);
    const char* value = environment(name.c_str());
    if (!value) continue;
    if (const auto error = flag.set(options, value); !error.empty())
      return bad(name + "='" + value + "'", error);
  }
  const auto image = [&](const char* name, const char* fallback) {
    const char* value = environment(name);
    return std::string{value && *value ? value : fallback};
  };
  options.backend_image =
      image("RELATED_IMAGE_BACKEND", "ghcr.io/promptsales/promptsales-backend:" PROMPTSALES_VERSION);
  options.postgres_image = image("RELATED_IMAGE_POSTGRES", "docker.io/library/postgres:17");
  for (const char* version : {"14", "15", "16", "17", "18", "19"})
    if (auto named = image(("RELATED_IMAGE_POSTGRES_" + std::string{version}).c_str(), ""); !named.empty())
      options.postgres_images.emplace(version, std::move(named));
  options.valkey_image = image("RELATED_IMAGE_VALKEY", "docker.io/valkey/valkey:8.1");
  options.nats_image = image("RELATED_IMAGE_NATS", "docker.io/library/nats:2.14");
  return {};
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments,
                              const char* (*environment)(const char*)) {
  Options options;
  // Before anything that can be wrong: what is wrong may be why somebody asks.
  for (const std::string_view argument : arguments)
    if (argument == "--help" || argument == "-h") return options.help = true, options;
  if (auto read = from_environment(options, environment); !read) return Failure{read.error()};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string argument = arguments[i];
    if (argument == "--version") options.version = true;
    if (argument == "--print-rbac") options.print_rbac = true;
    if (options.version || options.print_rbac) return options;

    const auto equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const auto flag = std::ranges::find_if(
        kFlags, [&](const Flag& each) { return name.starts_with("--") && name.substr(2) == each.name; });
    if (flag == kFlags.end()) return bad("'" + argument + "'", "is no option");
    if (equals == std::string::npos && i + 1 == arguments.size()) return bad(name, "needs a value");
    const std::string value = equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1);
    if (const auto error = flag->set(options, value); !error.empty())
      return bad(name + " '" + value + "'", error);
  }
  return options;
}

std::string usage() {
  std::string text = "promptsales-operator " PROMPTSALES_VERSION
                     ": reconciles PromptSales resources of a Kubernetes cluster\n\n"
                     "usage: promptsales-operator [OPTION]...\n\n";
  for (const Flag& flag : kFlags) {
    std::string left = "  --" + std::string{flag.name} + " " + std::string{flag.value};
    left.resize(std::max<std::size_t>(30, left.size() + 1), ' ');
    text += left + std::string{flag.help} + "\n";
  }
  text +=
      "  --print-rbac                print the permissions that the operator needs, as manifests\n"
      "  --version                   print the version\n"
      "\nEach option can also be given as a variable: --log-level as PROMPTSALES_OPERATOR_LOG_LEVEL.\n"
      "Images come from RELATED_IMAGE_BACKEND, RELATED_IMAGE_POSTGRES, RELATED_IMAGE_POSTGRES_16 and the "
      "like "
      "for another version, RELATED_IMAGE_VALKEY and RELATED_IMAGE_NATS.\n";
  return text;
}

}  // namespace promptsales
