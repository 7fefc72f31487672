#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string_view>

#include "backend/cache/campaign_pages.hpp"
#include "backend/db/campaign_store.hpp"
#include "backend/http/reply.hpp"
#include "backend/http/request.hpp"
#include "backend/logic/cursor.hpp"
#include "backend/random.hpp"
#include "base/clock.hpp"

namespace promptsales::backend {

/// What endpoints work with; one of each loop.
struct Toolbox {
  CampaignStore& campaigns;
  CampaignPages& pages;
  const Clock& clock;
  Random& random;
  const CursorKeys& cursor_keys;
};

/// A request on its way to an endpoint. References stay valid until the reply is there.
struct Call {
  Toolbox& tools;
  const Request& request;
  std::string_view id;  ///< what {id} of the route's pattern took; "" without one
  Uuid org;             ///< whose data it is about: every statement carries it
};

/// Parses, calls a pure function of backend/logic, responds.
using Endpoint = boost::asio::awaitable<Reply> (*)(Call);

struct Route {
  HttpVerb method;
  std::string_view pattern;  ///< as match_path takes it; also the metric label
  Endpoint endpoint;
};

/// What this program serves in public: one line per route.
[[nodiscard]] std::span<const Route> public_routes();

}  // namespace promptsales::backend
