#pragma once

#include <string>
#include <vector>

#include "controllers/promptsales/types.hpp"

namespace promptsales::controllers::tls {

/// The hosts under which the backend is reached inside the cluster, shortest first: demo-backend,
/// demo-backend.shop, demo-backend.shop.svc, and the last with cluster.local, which is the domain of most
/// clusters. Other domains go into spec.tls.dnsNames.
[[nodiscard]] std::vector<std::string> service_names(const PromptSales& app);

/// Every host that a certificate of ours is for: those of the Service, exposure.hostnames, tls.dnsNames; each
/// once.
[[nodiscard]] std::vector<std::string> own_names(const PromptSales& app);

/// The hosts that a certificate from cert-manager is ordered for: tls.dnsNames and exposure.hostnames if
/// dnsNames is set, as public issuers sign nothing that has the Service's names in it; else own_names().
[[nodiscard]] std::vector<std::string> ordered_names(const PromptSales& app);

/// The identities that are ordered with them: identity_of(), and none if dnsNames is set, for the same
/// reason.
[[nodiscard]] std::vector<std::string> ordered_identities(const PromptSales& app);

/// The hosts that a user's own certificate must be good for: exposure.hostnames, or, without any, the host of
/// status.backend.url.
[[nodiscard]] std::vector<std::string> required_names(const PromptSales& app);

/// What the spec says of the certificate, as a digest: the Secret of the user, or issuer and further names. Empty if it
/// says nothing but that the operator is to make one.
[[nodiscard]] std::string asked_for(const PromptSales& app);

/// The backend's identity towards other services, a SPIFFE ID:
/// spiffe://demo.shop.promptsales.io/ns/shop/sa/demo-backend.
///
/// The trust domain is the resource's own, <name>.<namespace>.promptsales.io: a SPIFFE trust domain stands
/// for one root, and every PromptSales has a root of its own. Under a domain that all of them shared, the CA
/// of one could make identities of another. The path is the one that Istio and SPIRE use for service
/// accounts.
[[nodiscard]] std::string identity_of(const PromptSales& app);

}  // namespace promptsales::controllers::tls
