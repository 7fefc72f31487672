#pragma once

#include <string>

namespace promptsales::controllers {

/// manifests/rbac.yaml: the permissions that the operator needs, worked out from the list of children.
/// Written to that file by `make rbac`; a test fails while the two differ.
///
/// No wildcards. The resource itself can be read and its status written, never its spec. What is only
/// explained (pods) can only be read; claims can be read and patched, as volumes grow. Deleting is allowed
/// for what can become unwanted, but not for Secrets that outlive the resource: those carry no owner, and the
/// code that prunes looks at owners only.
/// Each provider of optional kinds has a ClusterRole of its own, which a cluster without it can leave out.
[[nodiscard]] std::string rbac_manifest();

}  // namespace promptsales::controllers
