#include "controllers/promptsales/postgres_version.hpp"

#include <algorithm>

namespace promptsales::controllers {
namespace {

using k8s::integer_at;
using k8s::string_at;

/// Every major that there is an image for. A version that is named wins over the tag of the default image.
std::map<std::string, std::string> available(const Images& images) {
  auto all = images.postgres_by_version;
  if (const auto major = postgres_major(images.postgres); !major.empty()) all.emplace(major, images.postgres);
  return all;
}

std::string major_of(const Images& images, const std::string& image) {
  const auto all = available(images);
  const auto named = std::ranges::find(all, image, &std::pair<const std::string, std::string>::second);
  return named == all.end() ? postgres_major(image) : named->first;
}

Error missing(const Images& images, const std::string& version, const std::string& needed_by) {
  std::string known;
  for (const auto& [major, image] : available(images)) known += (known.empty() ? "" : ", ") + major;
  return failure(Remedy::kWaitForSpecChange, "PostgresVersionMissing",
                 "the operator has no image of PostgreSQL " + version + ", which " + needed_by +
                     "; set RELATED_IMAGE_POSTGRES_" + version +
                     " of the operator, or images.postgres in its configuration" +
                     (known.empty() ? "" : " (there are images of " + known + ")"))
      .error();
}

Error differs(const std::string& asked, const std::string& has) {
  return failure(Remedy::kWaitForSpecChange, "PostgresVersionDiffers",
                 "the database serves; its data is of PostgreSQL " + has + ", which " + asked +
                     " does not read, so it goes on with " + has + ": set spec.database.version to \"" + has +
                     "\" or take it out; to change it, dump the database into that of another PromptSales")
      .error();
}

}  // namespace

std::string postgres_major(const std::string& image) {
  const std::string name = image.substr(0, image.find('@'));
  const auto colon = name.rfind(':');
  if (colon == name.npos || name.find('/', colon) != name.npos) return "";
  const std::string tag = name.substr(colon + 1);
  const std::string major = tag.substr(0, tag.find_first_not_of("0123456789"));
  return major.size() == 2 && major >= "14" ? major : "";
}

PostgresOnVolume postgres_on_volume(const Images& images, bool has_volume, const Object* claim,
                                    const Object* server) {
  PostgresOnVolume found{.has_volume = has_volume, .version = {}, .image = {}, .claim_version = {}};
  if (claim) found.version = string_at(*claim, {"metadata", "labels", kPostgresVersion});
  if (!server) return found;
  const auto containers = k8s::at_path(*server, {"spec", "template", "spec", "containers"});
  if (containers && containers->is_array() && !containers->empty())
    found.image = string_at(containers->front(), {"image"});
  const auto claims = k8s::at_path(*server, {"spec", "volumeClaimTemplates"});
  if (claims && claims->is_array() && !claims->empty())
    found.claim_version = string_at(claims->front(), {"metadata", "labels", kPostgresVersion});
  if (found.version.empty() && integer_at(*server, {"status", "readyReplicas"}) > 0)
    found.version = major_of(images, found.image);
  return found;
}

Result<PostgresServer> choose_postgres(const Images& images, const std::optional<std::string>& asked,
                                       const PostgresOnVolume& found) {
  const auto all = available(images);
  const auto image_of = [&](const std::string& version) {
    const auto known = all.find(version);
    return known == all.end() ? std::string{} : known->second;
  };
  const std::string version = !found.version.empty() ? found.version : asked.value_or("");
  PostgresServer server{.image = version.empty() ? images.postgres : image_of(version),
                        .claim_version = found.claim_version,
                        .problem = {}};
  if (found.image.empty())  // a claim template that is still to be made
    server.claim_version = version.empty() ? major_of(images, images.postgres) : version;
  if (server.image.empty()) {
    server.problem =
        missing(images, version, found.has_volume ? "the data on its volume needs" : "the spec asks for");
    if (found.image.empty()) return Failure{*server.problem};
    server.image = found.image;
    server.problem->message = "the database goes on with the image that it has: " + server.problem->message;
  }
  if (asked && !found.version.empty() && *asked != found.version)
    server.problem = differs(*asked, found.version);
  return server;
}

}  // namespace promptsales::controllers
