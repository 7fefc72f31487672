#pragma once

#include "backend/routes/endpoint.hpp"

namespace promptsales::backend {

/// 200 with ETag (the version), 304 if If-None-Match names it, 404.
boost::asio::awaitable<Reply> get_campaign(Call call);

/// 200 `{"items": [...], "next_cursor": "..." or null}`, newest first; ?limit and ?cursor as
/// decode_page_query. The first page comes from the cache where it can.
boost::asio::awaitable<Reply> list_campaigns(Call call);

/// 201 with Location and the campaign. With Idempotency-Key: the remembered reply for the same request, 422
/// for another one under the same key.
boost::asio::awaitable<Reply> create_campaign(Call call);

}  // namespace promptsales::backend
