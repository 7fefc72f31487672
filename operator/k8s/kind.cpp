#include "operator/k8s/kind.hpp"

namespace promptsales::k8s {

std::string Kind::api_version() const {
  return group.empty() ? std::string{version} : std::string{group} + "/" + std::string{version};
}

std::string Kind::resource() const {
  return group.empty() ? std::string{plural} : std::string{plural} + "." + std::string{group};
}

std::string Kind::path(std::string_view ns) const {
  std::string path = group.empty() ? "/api/" : "/apis/";
  path += api_version();
  if (namespaced && !ns.empty()) path.append("/namespaces/").append(ns);
  return path.append("/").append(plural);
}

}  // namespace promptsales::k8s
