#include "backend/routes/campaigns.hpp"
#include "backend/routes/endpoint.hpp"

namespace promptsales::backend {
namespace {

constexpr Route kRoutes[] = {
    {HttpVerb::get, "/v1/campaigns/{id}", get_campaign},
    {HttpVerb::get, "/v1/campaigns", list_campaigns},
    {HttpVerb::post, "/v1/campaigns", create_campaign},
};

}  // namespace

std::span<const Route> public_routes() { return kRoutes; }

}  // namespace promptsales::backend
