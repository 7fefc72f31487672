#pragma once

#include <optional>
#include <string>

#include "controllers/promptsales/tls/check_pair.hpp"
#include "controllers/promptsales/tls/issue.hpp"

namespace promptsales::controllers::tls {

/// A CA of ours. Without its key it is only trusted, and signs nothing more.
struct Authority {
  Certificate certificate;
  std::optional<PrivateKey> key;
};

/// The CAs of a resource, as its Secret <app>-ca holds them:
///
///   ca.crt, ca.key              the CA that the leaf is from
///   next-ca.crt, next-ca.key    while it is made known: the CA that comes next
///   old-ca.crt                  until the last pod has a new leaf: the CA that went before
///
/// At most one of `next` and `old` is there, so that this alone says how far a replacement is.
struct Authorities {
  Authority current;
  std::optional<Authority> next;
  std::optional<Certificate> old;

  /// All that are to be trusted, as PEM, newest first.
  [[nodiscard]] std::string bundle() const;
  /// The highest generation among them.
  [[nodiscard]] std::int64_t newest() const;
};

[[nodiscard]] Entries entries_of(const Authorities& authorities);

/// What is left of the CAs, or nothing if ca.crt is not there or unusable. A key that is missing, damaged or
/// not that of its certificate is as good as lost; so is a `next` without its key.
[[nodiscard]] std::optional<Authorities> authorities_in(const Entries& secret);

}  // namespace promptsales::controllers::tls
