#include "controllers/promptsales/bindings/secret.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>

#include "base/check.hpp"
#include "base/service_url.hpp"
#include "base/strings.hpp"
#include "controllers/promptsales/bindings/embedded.hpp"

namespace promptsales::controllers::bindings {
namespace {

/// An entry, and what others call it.
struct Spelling {
  std::string_view entry;
  std::array<std::string_view, 6> names;  ///< in the order in which they are tried; the rest empty
};

constexpr std::array kPostgresSpellings{
    Spelling{"host", {"host", "hostname"}},
    Spelling{"port", {"port"}},
    Spelling{"username", {"username", "user"}},
    Spelling{"password", {"password"}},
    Spelling{"database", {"database", "dbname"}},
    Spelling{"uri", {"uri", "url", "fqdn-uri"}},
    Spelling{"sslmode", {"sslmode"}},
    Spelling{"ca.crt", {"ca.crt", "sslrootcert"}},
    Spelling{"read-host", {"read-host"}},
    Spelling{"read-port", {"read-port"}},
    Spelling{"read-uri", {"read-uri"}},
};
constexpr std::array kRedisSpellings{
    Spelling{"host", {"host", "hostname"}},
    Spelling{"port", {"port"}},
    Spelling{"username", {"username", "user"}},
    Spelling{"password", {"password", "redis-password", "valkey-password"}},
    Spelling{"uri", {"uri", "url"}},
    Spelling{"ssl", {"ssl", "tls"}},
    Spelling{"ca.crt", {"ca.crt"}},
    Spelling{"cluster.nodes", {"cluster.nodes"}},
};
constexpr std::array kNatsSpellings{
    Spelling{"host", {"host", "hostname"}},
    Spelling{"port", {"port"}},
    Spelling{"username", {"username", "user"}},
    Spelling{"password", {"password"}},
    Spelling{"uri", {"uri", "url"}},
    Spelling{"ca.crt", {"ca.crt"}},
};

std::span<const Spelling> spellings_of(Component component) {
  switch (component) {
    case Component::kDatabase:
      return kPostgresSpellings;
    case Component::kCache:
      return kRedisSpellings;
    case Component::kMessaging:
      return kNatsSpellings;
    case Component::kBackend:
    case Component::kTls:
    case Component::kMigration:
    case Component::kTask:
      break;
  }
  return {};
}

/// Names of the Service Binding specification, and of libpq.
constexpr std::array kClientCertificate{"private-key", "certificates", "sslkey", "sslcert", "tls.key"};
constexpr std::array kSentinel{"sentinel.master", "sentinel.nodes"};
constexpr const char* kNoClientCertificates =
    "the backend presents no client certificate in this version; add a password that the server takes";

/// As `echo` and text editors leave it behind; a certificate may end as it likes.
std::string without_last_line_break(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

/// Looks entries up in one Secret, and remembers the first failure.
class Reader {
 public:
  Reader(const NamedSecret& secret, Component component)
      : secret_(secret), spellings_(spellings_of(component)) {}

  /// The entry under the key that the spec names, else under the first spelling that is there and not empty.
  std::optional<std::string> find(std::string_view entry) {
    if (const auto named = secret_.keys.find(std::string{entry}); named != secret_.keys.end()) {
      const auto found = secret_.content.find(named->second);
      if (found != secret_.content.end()) return without_last_line_break(found->second);
      fail("KeyMissing", "has no key " + named->second + ", which the spec names for " + named->first +
                             ": add it, or correct secretRef.keys");
      return std::nullopt;
    }
    for (const auto& name : names_of(entry)) {
      const auto found = secret_.content.find(name);
      if (found != secret_.content.end() && !found->second.empty())
        return without_last_line_break(found->second);
    }
    return std::nullopt;
  }

  /// The URI taken apart; nothing if there is none.
  std::optional<ServiceUrl> uri(std::initializer_list<std::string_view> schemes,
                                const std::string& entry = "uri") {
    const auto text = find(entry);
    if (!text || text->empty()) return std::nullopt;
    auto url = parse_service_url(*text);
    if (!url) {
      fail("BindingInvalid", "has a " + entry + " that cannot be used: " + url.error().message);
      return std::nullopt;
    }
    if (std::ranges::find(schemes, url->scheme) == schemes.end()) {
      std::string known;
      for (const auto scheme : schemes) known += (known.empty() ? "" : " or ") + std::string{scheme} + "://";
      fail("BindingInvalid", "has a " + entry + " of another sort of service: it must begin with " + known);
      return std::nullopt;
    }
    return std::move(*url);
  }

  void require(const std::string& value, std::string_view entry) {
    if (!value.empty()) return;
    const auto names = names_of(entry);
    fail("KeyMissing", "has no " + std::string{entry} + " (looked for " + join(names, ", ") +
                           ", and for it in uri): add it, or name its key in secretRef.keys");
  }
  /// The same of what may well be empty, but is said then.
  void require_key(std::string_view entry) {
    const auto is_there = [&](const std::string& name) { return secret_.content.contains(name); };
    if (secret_.keys.contains(std::string{entry}) || std::ranges::any_of(names_of(entry), is_there)) return;
    require("", entry);
  }
  void fail(std::string reason, const std::string& what) {
    if (error_) return;
    error_ = Error{Remedy::kWaitForChange, std::move(reason),
                   "Secret " + secret_.ns + "/" + secret_.name + " " + what};
  }
  /// Ways to connect that the backend does not have. Where they are all that there is, it is they that matter, and not
  /// the entry that is missing.
  void refuse_instead_of(std::string_view entry, std::span<const char* const> keys, const char* why) {
    for (const char* key : keys)
      if (!value_of(secret_.content, key).empty())
        return fail("BindingInvalid",
                    "has " + std::string{key} + " and no " + std::string{entry} + ": " + why);
  }
  /// The Secret's own word for what it is must be one of these, if it has one.
  void require_type(std::initializer_list<std::string_view> types) {
    const std::string type = without_last_line_break(value_of(secret_.content, "type"));
    if (type.empty() || std::ranges::find(types, type) != types.end()) return;
    fail("BindingInvalid", "says in its key type that it is another sort of service: it must be " +
                               std::string{*types.begin()});
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  [[nodiscard]] std::vector<std::string> names_of(std::string_view entry) const {
    std::vector<std::string> names;
    for (const Spelling& each : spellings_)
      if (each.entry == entry)
        for (const auto name : each.names)
          if (!name.empty()) names.emplace_back(name);
    return names;
  }

  const NamedSecret& secret_;
  const std::span<const Spelling> spellings_;
  std::optional<Error> error_;
};

std::string or_from(std::optional<std::string> own, const std::optional<ServiceUrl>& url,
                    std::string ServiceUrl::*part) {
  if (own) return *std::move(own);
  return url ? (*url).*part : "";
}

std::string port_from(std::optional<std::string> own, const std::optional<ServiceUrl>& url,
                      std::string otherwise) {
  if (own) return *std::move(own);
  return url && url->port ? std::to_string(*url->port) : otherwise;
}

std::string parameter(const std::optional<ServiceUrl>& url, const char* name) {
  if (!url) return "";
  const auto found = url->parameters.find(name);
  return found == url->parameters.end() ? "" : found->second;
}

/// Never the operator's own word: it is what NetworkPolicies go by.
std::string provider_in(const NamedSecret& secret, std::string_view otherwise) {
  const std::string own = without_last_line_break(value_of(secret.content, "provider"));
  return own.empty() || own == kEmbedded ? std::string{otherwise} : own;
}

/// Zalando's operator writes a login alone, under a name that says the rest:
/// <user>.<cluster>.credentials.postgresql.acid.zalan.do.
std::string zalando_cluster(const std::string& secret_name) {
  constexpr std::string_view kEnd = ".credentials.postgresql.acid.zalan.do";
  if (!secret_name.ends_with(kEnd)) return "";
  const auto login = secret_name.substr(0, secret_name.size() - kEnd.size());
  const auto dot = login.find('.');
  return dot == login.npos ? "" : login.substr(dot + 1);
}

/// Whether pods have been given this service already.
bool is_bound_to(const NamedSecret& secret, const std::string& host) {
  return !host.empty() && value_of(secret.bound, "host") == host;
}

/// A copy that serves reads, by `read-uri`: the backend has one login for both, so that of another one it is of no use.
struct Copy {
  std::optional<ServiceUrl> url;
  std::string why_not;  ///< of a read-uri that is not used
};
Copy copy_in(Reader& reader, const Postgres& writer) {
  const auto text = reader.find("read-uri");
  if (!text || text->empty()) return {};
  auto url = parse_service_url(*text);
  if (!url) return {{}, "cannot be used: " + url.error().message};
  if (url->scheme != "postgresql" && url->scheme != "postgres")
    return {{}, "is of another sort of service: it must begin with postgresql:// or postgres://"};
  const auto differs = [&](std::string ServiceUrl::*part, const std::string& own) {
    return !((*url).*part).empty() && (*url).*part != own;
  };
  if (differs(&ServiceUrl::user, writer.username) || differs(&ServiceUrl::path, writer.database) ||
      differs(&ServiceUrl::password, writer.password))
    return {{},
            "has another login or database than the one that is written to: name a copy that takes the same"};
  return {std::move(*url), ""};
}

bool is_true(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text == "true" || text == "1" || text == "yes" || text == "on" || text == "enabled";
}

}  // namespace

Result<NamedSecret> read_secret(Sources& sources, const Inputs& inputs, const std::string& name,
                                const std::map<std::string, std::string>& keys) {
  auto content = sources.secret(name);
  if (!content) return Failure{content.error()};
  const std::string& ns = inputs.app.key.namespace_;
  if (!*content)
    return failure(Remedy::kWaitForChange, "SecretMissing",
                   "there is no Secret " + ns + "/" + name + ": create it, or correct its name in the spec");
  return NamedSecret{name, ns, *std::move(*content), keys};
}

Result<Postgres> postgres_in(const NamedSecret& secret, std::string_view provider) {
  Reader reader{secret, Component::kDatabase};
  reader.require_type({"postgresql", "postgres"});
  const auto url = reader.uri({"postgresql", "postgres"});
  const std::string cluster = zalando_cluster(secret.name);
  Postgres service{.provider = provider_in(secret, provider)};
  service.username = or_from(reader.find("username"), url, &ServiceUrl::user);
  service.host = or_from(reader.find("host"), url, &ServiceUrl::host);
  service.database = or_from(reader.find("database"), url, &ServiceUrl::path);
  if (!cluster.empty()) {
    if (service.host.empty()) service.host = cluster + "." + secret.ns + ".svc";
    if (service.database.empty()) service.database = service.username;  // as libpq does
  }
  service.port = port_from(reader.find("port"), url, service.port);
  service.password = or_from(reader.find("password"), url, &ServiceUrl::password);
  service.ca = reader.find("ca.crt").value_or("");
  const std::string mode = reader.find("sslmode").value_or(parameter(url, "sslmode"));
  if (!mode.empty()) service.sslmode = mode;
  if (mode.empty() && !service.ca.empty()) service.sslmode = "verify-full";  // why else is there a CA
  const auto read_url = copy_in(reader, service).url;
  service.read_host = or_from(reader.find("read-host"), read_url, &ServiceUrl::host);
  service.read_port = port_from(reader.find("read-port"), read_url, read_url ? "5432" : "");
  if (service.password.empty() && !is_bound_to(secret, service.host))
    reader.refuse_instead_of("password", kClientCertificate, kNoClientCertificates);
  reader.require(service.host, "host");
  reader.require(service.username, "username");
  reader.require(service.database, "database");
  if (!url) reader.require_key("password");
  if (reader.error()) return Failure{*reader.error()};
  return service;
}

Result<Redis> redis_in(const NamedSecret& secret, std::string_view provider) {
  Reader reader{secret, Component::kCache};
  reader.require_type({"redis", "valkey"});
  const auto url = reader.uri({"redis", "rediss", "valkey", "valkeys"});
  Redis service{.provider = provider_in(secret, provider)};
  service.host = or_from(reader.find("host"), url, &ServiceUrl::host);
  service.port = port_from(reader.find("port"), url, service.port);
  service.username = or_from(reader.find("username"), url, &ServiceUrl::user);
  service.password = or_from(reader.find("password"), url, &ServiceUrl::password);
  service.ca = reader.find("ca.crt").value_or("");
  service.cluster_nodes = reader.find("cluster.nodes").value_or("");
  if (service.cluster_nodes.contains(',') && !is_bound_to(secret, service.host))
    reader.fail("BindingInvalid",
                "names several nodes of a Redis Cluster (cluster.nodes), and the backend does not follow a "
                "cluster's redirections in this version: name a cache of one shard, and take cluster.nodes "
                "out");
  const auto ssl = reader.find("ssl");
  const bool plain = url && (url->scheme == "redis" || url->scheme == "valkey");
  service.ssl = ssl ? is_true(*ssl) : url ? !plain : !service.ca.empty();
  if (!ssl && plain && !service.ca.empty())
    reader.fail("BindingInvalid", "has a ca.crt and a uri without TLS: write " + url->scheme +
                                      "s://, take ca.crt out, or say in the key ssl which of them is meant");
  if (url && !url->path.empty()) service.database = url->path;
  if (service.password.empty() && !is_bound_to(secret, service.host))
    reader.refuse_instead_of("password", kClientCertificate, kNoClientCertificates);
  if (service.host.empty())
    reader.refuse_instead_of(
        "host", kSentinel,
        "the backend asks no Sentinel in this version; name the host and port of a Service in "
        "front of the primary");
  reader.require(service.host, "host");
  if (reader.error()) return Failure{*reader.error()};
  return service;
}

Result<Nats> nats_in(const NamedSecret& secret, std::string_view provider) {
  Reader reader{secret, Component::kMessaging};
  reader.require_type({"nats"});
  const auto url = reader.uri({"nats", "tls"});
  Nats service{.provider = provider_in(secret, provider)};
  service.host = or_from(reader.find("host"), url, &ServiceUrl::host);
  service.port = port_from(reader.find("port"), url, service.port);
  service.username = or_from(reader.find("username"), url, &ServiceUrl::user);
  service.password = or_from(reader.find("password"), url, &ServiceUrl::password);
  service.ca = reader.find("ca.crt").value_or("");
  // nats:// leaves it open; why else is there a CA.
  service.tls = (url && url->scheme == "tls") || !service.ca.empty();
  if (service.password.empty() && !is_bound_to(secret, service.host))
    reader.refuse_instead_of("password", kClientCertificate, kNoClientCertificates);
  reader.require(service.host, "host");
  if (reader.error()) return Failure{*reader.error()};
  return service;
}

std::string ignored_in(const NamedSecret& secret, Component component) {
  const std::string named = "Secret " + secret.ns + "/" + secret.name;
  if (component == Component::kDatabase) {
    const auto writer = postgres_in(secret, "");
    Reader reader{secret, component};
    const std::string why_not = writer ? copy_in(reader, *writer).why_not : "";
    return why_not.empty() ? "" : "the read-uri of " + named + " is not used, as it " + why_not;
  }
  const auto cache = component == Component::kCache ? redis_in(secret, "") : Redis{};
  if (!cache || !cache->cluster_nodes.contains(',')) return "";
  return named +
         " names several nodes of a Redis Cluster (cluster.nodes), of which the backend uses the one that is "
         "its host, and a part of the keys with it, as it follows no redirections: name a cache of one shard";
}

Result<Entries> entries_in(NamedSecret secret, Component component, std::string_view provider,
                           Sources& sources) {
  secret.bound = sources.bound(component).value_or(Entries{});
  const auto normal = [&](const auto& service) -> Result<Entries> {
    if (!service) return Failure{service.error()};
    Entries entries = entries_of(*service);
    if (auto checked = check_entries(entries); !checked)
      return Failure{in_context("Secret " + secret.ns + "/" + secret.name, checked.error())};
    if (const auto ignored = ignored_in(secret, component); !ignored.empty())
      sources.ignore(component, ignored);
    return entries;
  };
  switch (component) {
    case Component::kDatabase:
      return normal(postgres_in(secret, provider));
    case Component::kCache:
      return normal(redis_in(secret, provider));
    case Component::kMessaging:
      return normal(nats_in(secret, provider));
    case Component::kBackend:
    case Component::kTls:
    case Component::kMigration:
    case Component::kTask:
      break;
  }
  PS_CHECK(false);  // nothing else is bound
  return Entries{};
}

std::vector<std::string_view> known_keys(Component component) {
  std::vector<std::string_view> known;
  for (const Spelling& each : spellings_of(component)) known.push_back(each.entry);
  std::ranges::sort(known);
  return known;
}

namespace {

/// Of a block with a secretRef; the CRD sees to it that there is one.
template <auto Block>
Result<Entries> from_secret(const Inputs& inputs, Sources& sources, Component component) {
  const auto& block = (inputs.effective.*Block).asked;
  PS_CHECK(block && block->secret_ref);
  const auto secret = read_secret(sources, inputs, block->secret_ref->name, block->secret_ref->keys);
  if (!secret) return Failure{secret.error()};
  return entries_in(*secret, component, "user", sources);
}

}  // namespace

const Provider providers::secret_database{
    Component::kDatabase, "Secret", "", [](const Inputs& inputs, Sources& sources) {
      return from_secret<&Effective::database>(inputs, sources, Component::kDatabase);
    }};
const Provider providers::secret_cache{
    Component::kCache, "Secret", "", [](const Inputs& inputs, Sources& sources) {
      return from_secret<&Effective::cache>(inputs, sources, Component::kCache);
    }};
const Provider providers::secret_messaging{
    Component::kMessaging, "Secret", "", [](const Inputs& inputs, Sources& sources) {
      return from_secret<&Effective::messaging>(inputs, sources, Component::kMessaging);
    }};

}  // namespace promptsales::controllers::bindings
