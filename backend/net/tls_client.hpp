#pragma once

#include <string>

#include "backend/net/ssl_handles.hpp"
#include "base/result.hpp"

namespace promptsales::backend {

/// A client's session that accepts only a server whose certificate is signed by a CA of `ca_file` (empty: by
/// one of the machine's) and is for `host`, a name or an address. The file is read now, so that a renewed CA
/// counts from the next connection on.
///
/// Errors  "BadCa": the file cannot be read or holds no certificate.
[[nodiscard]] Result<SslPtr> new_tls_client(const std::string& ca_file, const std::string& host);

/// Why the handshake of a client's session failed, as one sentence without a value of the binding.
/// `broken_by` is TlsSession's.
[[nodiscard]] Error explain_handshake(const SSL* session, int broken_by);

/// The file with the CAs that the machine trusts; "" if it has none in one of the usual places.
[[nodiscard]] std::string system_ca_file();

}  // namespace promptsales::backend
