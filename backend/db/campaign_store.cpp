#include "backend/db/campaign_store.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

#define PS_COLUMNS \
  "id, name, status, channel, budget_minor, currency, starts_at, ends_at, version, created_at, updated_at"

constexpr Oid kFindTypes[] = {oid::kUuid, oid::kUuid};
constexpr Statement kFind{
    "campaign_find", "SELECT " PS_COLUMNS " FROM campaign WHERE org_id = $1 AND id = $2", kFindTypes, true};

constexpr Oid kFirstPageTypes[] = {oid::kUuid, oid::kInt4};
constexpr Statement kFirstPage{"campaign_first_page",
                               "SELECT " PS_COLUMNS
                               " FROM campaign WHERE org_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
                               kFirstPageTypes, true};

constexpr Oid kNextPageTypes[] = {oid::kUuid, oid::kInt4, oid::kTimestamptz, oid::kUuid};
constexpr Statement kNextPage{"campaign_next_page",
                              "SELECT " PS_COLUMNS
                              " FROM campaign WHERE org_id = $1 AND (created_at, id) < ($3, $4) "
                              "ORDER BY created_at DESC, id DESC LIMIT $2",
                              kNextPageTypes, true};

// The id is made here and is nobody else's: a conflict is this statement's own first sending, whose answer was
// lost.
constexpr Oid kInsertTypes[] = {oid::kUuid,        oid::kUuid,        oid::kText,
                                oid::kTextArray,   oid::kInt8,        oid::kText,
                                oid::kTimestamptz, oid::kTimestamptz, oid::kTimestamptz};
constexpr Statement kInsert{"campaign_insert",
                            "INSERT INTO campaign (org_id, id, name, channel, budget_minor, currency, "
                            "starts_at, ends_at, created_at, "
                            "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) "
                            "ON CONFLICT (id) DO NOTHING",
                            kInsertTypes, /*read_only=*/false, /*repeatable=*/true};

// One statement is one transaction. A key that is there and has not expired makes `claimed` empty, and with
// it the campaign.
constexpr Oid kInsertOnceTypes[] = {oid::kUuid,        oid::kUuid,       oid::kText,        oid::kTextArray,
                                    oid::kInt8,        oid::kText,       oid::kTimestamptz, oid::kTimestamptz,
                                    oid::kTimestamptz, oid::kText,       oid::kBytea,       oid::kText,
                                    oid::kBytea,       oid::kTimestamptz};
constexpr Statement kInsertOnce{
    "campaign_insert_once",
    "WITH claimed AS (INSERT INTO idempotency AS i (org_id, key, req_hash, status, location, body, "
    "expires_at) "
    "VALUES ($1, $10, $11, 201, $12, $13, $14) ON CONFLICT (org_id, key) DO UPDATE SET req_hash = "
    "excluded.req_hash, status = excluded.status, location = excluded.location, body = excluded.body, "
    "expires_at "
    "= excluded.expires_at WHERE i.expires_at <= $9 RETURNING 1) "
    "INSERT INTO campaign (org_id, id, name, channel, budget_minor, currency, starts_at, ends_at, "
    "created_at, "
    "updated_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $9 FROM claimed RETURNING id",
    kInsertOnceTypes, /*read_only=*/false, /*repeatable=*/true};

constexpr Oid kRecallTypes[] = {oid::kUuid, oid::kText};
constexpr Statement kRecall{
    "idempotency_recall",
    "SELECT req_hash, status, location, body FROM idempotency WHERE org_id = $1 AND key = $2", kRecallTypes,
    true};

std::optional<Timestamp> optional_time(const Rows& rows, int row, int column) {
  return rows.is_null(row, column) ? std::nullopt : std::optional{rows.time(row, column)};
}

Campaign read_campaign(const Rows& rows, int row) {
  Campaign campaign{.id = rows.uuid(row, 0),
                    .name = std::string{rows.text(row, 1)},
                    .status = std::string{rows.text(row, 2)},
                    .channels = rows.texts(row, 3),
                    .budget = std::nullopt,
                    .starts_at = optional_time(rows, row, 6),
                    .ends_at = optional_time(rows, row, 7),
                    .version = rows.int32(row, 8),
                    .created_at = rows.time(row, 9),
                    .updated_at = rows.time(row, 10)};
  if (!rows.is_null(row, 4)) campaign.budget = Money{rows.int64(row, 4), std::string{rows.text(row, 5)}};
  return campaign;
}

void add_time(Params& params, const std::optional<Timestamp>& at) {
  if (at)
    params.time(*at);
  else
    params.null();
}

Params insert_params(const Uuid& org, const Campaign& campaign) {
  Params params;
  params.uuid(org).uuid(campaign.id).text(campaign.name).texts(campaign.channels);
  if (campaign.budget)
    params.int64(campaign.budget->amount_minor).text(campaign.budget->currency);
  else
    params.null().null();
  add_time(params, campaign.starts_at);
  add_time(params, campaign.ends_at);
  params.time(campaign.created_at);
  return params;
}

}  // namespace

asio::awaitable<Result<std::optional<Campaign>>> CampaignStore::find(const Uuid& org, const Uuid& id) {
  Params params;
  params.uuid(org).uuid(id);
  const auto rows = co_await pool_.query(kFind, std::move(params));
  if (!rows) co_return Failure{rows.error()};
  if (rows->size() == 0) co_return std::optional<Campaign>{};
  co_return std::optional{read_campaign(*rows, 0)};
}

asio::awaitable<Result<std::vector<Campaign>>> CampaignStore::list(const Uuid& org,
                                                                   const std::optional<PagePosition>& after,
                                                                   int count) {
  Params params;
  params.uuid(org).int32(count);
  if (after) params.time(after->created_at).uuid(after->id);
  const auto rows = co_await pool_.query(after ? kNextPage : kFirstPage, std::move(params));
  if (!rows) co_return Failure{rows.error()};
  std::vector<Campaign> campaigns;
  campaigns.reserve(static_cast<std::size_t>(rows->size()));
  for (int row = 0; row < rows->size(); ++row) campaigns.push_back(read_campaign(*rows, row));
  co_return campaigns;
}

asio::awaitable<Result<void>> CampaignStore::insert(const Uuid& org, const Campaign& campaign) {
  const auto rows = co_await pool_.query(kInsert, insert_params(org, campaign));
  if (!rows) co_return Failure{rows.error()};
  co_return Result<void>{};
}

asio::awaitable<Result<std::optional<RememberedReply>>> CampaignStore::insert_once(
    const Uuid& org, const Campaign& campaign, const IdempotentRequest& request) {
  auto params = insert_params(org, campaign);
  params.text(request.key)
      .text(request.hash)
      .text(request.location)
      .text(request.body)
      .time(request.expires_at);
  const auto inserted = co_await pool_.query(kInsertOnce, std::move(params));
  if (!inserted) co_return Failure{inserted.error()};
  if (inserted->size() == 1) co_return std::optional<RememberedReply>{};

  Params recall;
  recall.uuid(org).text(request.key);
  const auto rows = co_await pool_.query(kRecall, std::move(recall));
  if (!rows) co_return Failure{rows.error()};
  if (rows->size() == 0)
    co_return failure(Remedy::kRetryWithBackoff, "DatabaseBusy",
                      "the key expired at this moment: send it again");
  co_return RememberedReply{std::string{rows->text(0, 0)}, rows->int32(0, 1), std::string{rows->text(0, 2)},
                            std::string{rows->text(0, 3)}};
}

}  // namespace promptsales::backend
