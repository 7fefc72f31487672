#include "backend/routes/campaigns.hpp"

#include "backend/http/problem.hpp"
#include "backend/json/writer.hpp"
#include "backend/logic/new_campaign.hpp"
#include "backend/routes/failure_reply.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

std::string etag_of(const Campaign& campaign) { return "\"" + std::to_string(campaign.version) + "\""; }

/// `campaigns` holds one more than the page if there is a next one.
std::string page_body(std::vector<Campaign> campaigns, int limit, const Uuid& org, const CursorKey& key) {
  const bool more = campaigns.size() > static_cast<std::size_t>(limit);
  if (more) campaigns.pop_back();
  std::string body = R"({"items":[)";
  for (const auto& campaign : campaigns) {
    if (&campaign != &campaigns.front()) body += ',';
    append_json(body, campaign);
  }
  body += R"(],"next_cursor":)";
  if (more)
    append_json_string(body, encode_cursor({campaigns.back().created_at, campaigns.back().id}, org, key));
  else
    body += "null";
  body += '}';
  return body;
}

Reply created(std::string location, std::string body) {
  return Reply{
      .status = 201, .body = std::move(body), .fields = "Location: " + location + "\r\nETag: \"1\"\r\n"};
}

Reply recalled(RememberedReply remembered, const std::string& hash) {
  if (remembered.hash != hash)
    return problem(422, "idempotency-key-reused", "This Idempotency-Key was used for a different request.");
  return created(std::move(remembered.location), std::move(remembered.body));
}

bool is_json(std::string_view content_type) {
  return content_type.starts_with("application/json") &&
         (content_type.size() == 16 || content_type[16] == ';' || content_type[16] == ' ');
}

std::optional<Reply> refuse_create(const Request& request) {
  if (!is_json(request.content_type))
    return problem(415, "unsupported-media-type", "The body must be application/json.");
  if (!request.idempotency_key.empty() && !is_idempotency_key(request.idempotency_key))
    return problem(400, "invalid-idempotency-key",
                   "Idempotency-Key must be 1 to 255 visible ASCII characters.");
  return std::nullopt;
}

}  // namespace

asio::awaitable<Reply> get_campaign(Call call) {
  const auto id = parse_uuid(call.id);
  if (!id) co_return problem(404, "not-found", "There is no such campaign: the identifier is not a UUID.");
  const auto found = co_await call.tools.campaigns.find(call.org, *id);
  if (!found) co_return reply_to_failure(found.error());
  if (!*found) co_return problem(404, "not-found", "There is no such campaign.");
  const auto& campaign = **found;
  Reply reply{.fields = "ETag: " + etag_of(campaign) + "\r\n"};
  if (call.request.if_none_match == etag_of(campaign))
    reply.status = 304;
  else
    append_json(reply.body, campaign);
  co_return reply;
}

asio::awaitable<Reply> list_campaigns(Call call) {
  auto& tools = call.tools;
  const auto page = decode_page_query(call.request.query(), call.org, tools.cursor_keys);
  if (!page) co_return invalid_fields(page.error());
  CampaignPages::Lookup cached;
  if (!page->after) cached = co_await tools.pages.find(call.org, page->limit);
  if (cached.body) co_return Reply{.body = std::move(*cached.body)};

  auto campaigns = co_await tools.campaigns.list(call.org, page->after, page->limit + 1);
  if (!campaigns) co_return reply_to_failure(campaigns.error());
  Reply reply{.body = page_body(std::move(*campaigns), page->limit, call.org, tools.cursor_keys.current)};
  if (cached.generation) co_await tools.pages.store(call.org, page->limit, *cached.generation, reply.body);
  co_return reply;
}

asio::awaitable<Reply> create_campaign(Call call) {
  auto& tools = call.tools;
  const auto& request = call.request;
  if (auto refusal = refuse_create(request)) co_return std::move(*refusal);
  auto wanted = decode_new_campaign(request.body);
  if (!wanted) co_return invalid_fields(wanted.error());

  const auto now = std::chrono::floor<std::chrono::microseconds>(tools.clock.wall());
  const auto id = uuid_v7(tools.clock.wall(), tools.random.ten_bytes());
  const auto campaign = make_campaign(std::move(*wanted), id, now);
  const auto location = "/v1/campaigns/" + to_string(id);
  std::string body;
  append_json(body, campaign);
  if (request.idempotency_key.empty()) {
    const auto inserted = co_await tools.campaigns.insert(call.org, campaign);
    if (!inserted) co_return reply_to_failure(inserted.error());
  } else {
    const IdempotentRequest once{request.idempotency_key, request_hash("POST /v1/campaigns", request.body),
                                 location, body, now + kIdempotencyLifetime};
    auto earlier = co_await tools.campaigns.insert_once(call.org, campaign, once);
    if (!earlier) co_return reply_to_failure(earlier.error());
    if (*earlier) co_return recalled(std::move(**earlier), once.hash);
  }
  co_await tools.pages.invalidate(call.org);
  co_return created(location, std::move(body));
}

}  // namespace promptsales::backend
