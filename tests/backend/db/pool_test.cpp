#include "backend/db/pool.hpp"
#include "backend/db/expiry_sweep.hpp"
#include "backend/db/migrate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "backend/db/blocking_connection.hpp"
#include "tests/backend/support/servers.hpp"
#include "tests/support/eventually.hpp"

namespace promptsales::backend {
namespace {

namespace asio = boost::asio;

constexpr Oid kInt[] = {oid::kInt4};
constexpr Statement kDivide{"divide", "SELECT (100 / $1)::int4", kInt, true};
constexpr Statement kMissing{"missing", "SELECT x FROM not_there WHERE x = $1", kInt, true};
constexpr Statement kRemember{"remember", "INSERT INTO seen VALUES ($1)", kInt, false};
constexpr Statement kSleep{"sleep", "SELECT pg_sleep($1)", kInt, true};

// These are under way until whoever has_the_lock() lets go of it.
constexpr Statement kWait{"wait", "SELECT $1 FROM pg_advisory_xact_lock(1)", kInt, true};
constexpr Statement kWaitBy{"wait_by", "SELECT pg_backend_pid() FROM pg_advisory_xact_lock($1)", kInt, true};
constexpr Statement kRememberLater{"remember_later",
                                   "INSERT INTO seen SELECT $1 FROM pg_advisory_xact_lock(1)", kInt, false};

constexpr std::string_view kEndsWhoWaits =
    "pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND "
    "query LIKE '%advisory_xact_lock%'";

/// The machine's, but for one question, which it answers as if it were later.
class LeapingClock final : public Clock {
 public:
  void leap_once(std::chrono::seconds ahead) { ahead_ = ahead; }
  [[nodiscard]] Instant now() const override {
    return clock_.now() + ahead_.exchange(std::chrono::seconds{0});
  }
  [[nodiscard]] WallTime wall() const override { return clock_.wall(); }

 private:
  const SystemClock clock_;
  mutable std::atomic<std::chrono::seconds> ahead_{std::chrono::seconds{0}};
};

Params number(int value) {
  Params params;
  params.int32(value);
  return params;
}

class PooledPostgres : public testing::Test {
 protected:
  explicit PooledPostgres(std::chrono::milliseconds patience = DbPool::kPatience)
      : pool_(loop_, service_, 2, clock_, LoopHealth{health_, 0}, patience) {
    pool_.start();
    thread_ = std::jthread{[this] { loop_.run(); }};
    EXPECT_TRUE(eventually([this] { return health_.snapshot().connections == 2; }));
  }
  ~PooledPostgres() override {
    asio::post(loop_, [this] {
      sweep_.stop();
      pool_.stop();
    });
    thread_.join();
  }

  /// All at once, so that they leave in one turn of the loop.
  std::vector<Result<Rows>> ask(std::vector<std::pair<const Statement*, int>> queries) {
    std::vector<std::promise<Result<Rows>>> promises(queries.size());
    std::vector<std::future<Result<Rows>>> answers;
    for (auto& promise : promises) answers.push_back(promise.get_future());
    asio::post(loop_, [&] {
      for (std::size_t i = 0; i < queries.size(); ++i)
        asio::co_spawn(loop_, keep(std::move(promises[i]), *queries[i].first, queries[i].second),
                       asio::detached);
    });
    std::vector<Result<Rows>> results;
    for (auto& answer : answers) results.push_back(answer.get());
    return results;
  }
  Result<Rows> ask(const Statement& statement, int value) {
    return std::move(ask({{&statement, value}}).front());
  }

  bool is_running(const std::string& sql) {
    return postgres_.ask(
               "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND "
               "query LIKE '%" +
               sql + "%'") != "0";
  }

  /// A client that has the lock until it goes away, or the server does.
  [[nodiscard]] PgHandle has_the_lock() const {
    auto client = connect_and_wait(postgres_.service());
    if (!client || !run_sql(client->get(), "SELECT pg_advisory_lock(1)", "taking the lock"))
      throw std::runtime_error{"no lock"};
    return std::move(*client);
  }

  asio::awaitable<void> keep(std::promise<Result<Rows>> promise, const Statement& statement, int value) {
    auto result = co_await pool_.query(statement, number(value));
    promise.set_value(std::move(result));
  }

  PostgresServer postgres_;
  const std::shared_ptr<const DatabaseService> service_ =
      std::make_shared<const DatabaseService>(postgres_.service());
  LeapingClock clock_;
  ServiceHealth health_{1};
  asio::io_context loop_{1};
  DbPool pool_;
  ExpirySweep sweep_{loop_, pool_, std::chrono::milliseconds{10}};  ///< not started
  std::jthread thread_;
};

TEST_F(PooledPostgres, AnswersManyAtOnceEachWithItsOwn) {
  std::vector<std::pair<const Statement*, int>> queries;
  for (int i = 1; i <= 500; ++i) queries.emplace_back(&kDivide, i);
  const auto results = ask(queries);
  for (int i = 1; i <= 500; ++i) {
    const auto& result = results[static_cast<std::size_t>(i) - 1];
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_EQ(result->int32(0, 0), 100 / i);
  }
}

TEST_F(PooledPostgres, OneFailureInABatchIsNobodyElses) {
  const auto results = ask({{&kDivide, 1}, {&kDivide, 0}, {&kMissing, 1}, {&kDivide, 4}});
  EXPECT_EQ(results[0].value().int32(0, 0), 100);
  EXPECT_EQ(results[1].error().reason, "Sql22012");  // division by zero
  EXPECT_EQ(results[2].error().reason, "Sql42P01");  // no such table
  EXPECT_EQ(results[3].value().int32(0, 0), 25);
}

TEST_F(PooledPostgres, AStatementWorksOnceItsTableIsThere) {
  EXPECT_EQ(ask(kMissing, 1).error().reason, "Sql42P01");
  (void)postgres_.ask("CREATE TABLE not_there (x int)");
  EXPECT_EQ(ask(kMissing, 1).value().size(), 0);
}

TEST_F(PooledPostgres, EachWriteIsATransactionOfItsOwn) {
  (void)postgres_.ask("CREATE TABLE seen (x int CHECK (x <> 2))");
  const auto results = ask({{&kRemember, 1}, {&kRemember, 2}, {&kRemember, 3}});
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(results[1].error().reason, "Sql23514");
  EXPECT_TRUE(results[2]);
  EXPECT_EQ(postgres_.ask("SELECT sum(x) FROM seen"), "4");
}

TEST_F(PooledPostgres, TheServerStopsAStatementAfterTwoSeconds) {
  EXPECT_EQ(ask(kSleep, 60).error().reason, "DatabaseTimeout");
  EXPECT_TRUE(ask(kDivide, 1));
}

TEST_F(PooledPostgres, ExpiredIdempotencyKeysAreSwept) {
  ASSERT_TRUE(migrate(postgres_.service()));
  (void)postgres_.ask(
      "INSERT INTO idempotency SELECT id, k, '', 201, '', '', now() + e FROM org, (VALUES ('old', interval "
      "'-1s'), "
      "('new', interval '1h')) AS v(k, e)");
  asio::post(loop_, [this] { sweep_.start(); });
  EXPECT_TRUE(
      eventually([&] { return postgres_.ask("SELECT string_agg(key, ',') FROM idempotency") == "new"; }));
}

TEST_F(PooledPostgres, AStatementWaitsForAServerThatIsRestarted) {
  postgres_.stop();
  ASSERT_TRUE(eventually([this] { return health_.snapshot().connections == 0; }));
  auto answer = std::async(std::launch::async, [this] { return ask(kDivide, 4); });
  postgres_.start();
  const auto rows = answer.get();
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->int32(0, 0), 25);
}

TEST_F(PooledPostgres, ARestartFailsNoReadThatIsUnderWay) {
  auto lock = has_the_lock();
  auto answer = std::async(std::launch::async, [this] { return ask(kWait, 7); });
  ASSERT_TRUE(eventually([this] { return is_running("advisory_xact_lock"); }));
  postgres_.stop();
  postgres_.start();
  const auto rows = answer.get();
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->int32(0, 0), 7);
}

// The others of a server that ends are about to end too: asked one after the other, they would use up the attempts.
TEST_F(PooledPostgres, AReadThatLostItsConnectionIsAskedOfOneThatIsNewerThanTheLoss) {
  const std::string before = postgres_.ask(
      "SELECT ' ' || string_agg(pid::text, ' ') || ' ' FROM pg_stat_activity WHERE application_name = "
      "'promptsales-backend'");
  auto lock = has_the_lock();
  auto answer = std::async(std::launch::async, [this] { return ask(kWaitBy, 1); });
  ASSERT_TRUE(eventually([this] { return is_running("advisory_xact_lock"); }));
  (void)postgres_.ask("SELECT " + std::string{kEndsWhoWaits});
  lock.reset();
  const auto rows = answer.get();
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(before.find(" " + std::to_string(rows->int32(0, 0)) + " "), before.npos) << "one of" << before;
}

TEST_F(PooledPostgres, AReadThatLostItsConnectionIsAskedOfAnOlderOneWhenNoNewOneCanBeMade) {
  auto lock = has_the_lock();
  auto answer = std::async(std::launch::async, [this] { return ask(kWait, 7); });
  ASSERT_TRUE(eventually([this] { return is_running("advisory_xact_lock"); }));
  (void)postgres_.ask("DO $$BEGIN ALTER ROLE ps NOLOGIN; COMMIT; PERFORM " + std::string{kEndsWhoWaits} +
                      "; END$$");
  lock.reset();
  EXPECT_EQ(answer.get().value().int32(0, 0), 7);
}

TEST_F(PooledPostgres, AWriteThatIsUnderWayIsNotDoneTwice) {
  (void)postgres_.ask("CREATE TABLE seen (x int)");
  const auto lock = has_the_lock();
  auto answer = std::async(std::launch::async, [this] { return ask(kRememberLater, 1); });
  ASSERT_TRUE(eventually([this] { return is_running("INSERT INTO seen"); }));
  postgres_.stop();
  postgres_.start();
  EXPECT_EQ(answer.get().error().reason, "DatabaseUnavailable");
}

class ImpatientPool : public PooledPostgres {
 protected:
  ImpatientPool() : PooledPostgres(std::chrono::milliseconds{200}) {}
};

// More than libpq holds back, so that it finds out in the middle that nobody is there any more.
TEST_F(ImpatientPool, AnswersEveryStatementOfABatchThatTheServerDoesNotTake) {
  asio::post(loop_, [this] { postgres_.stop(); });  // the loop sees nothing of it until the batch is sent
  const std::vector<std::pair<const Statement*, int>> batch(500, {&kDivide, 1});
  for (const auto& result : ask(batch)) EXPECT_FALSE(result);
}

// One that a lost connection gives back has waited longer than those that wait already.
TEST_F(ImpatientPool, GivesUpWhoHasWaitedLongestFirst) {
  postgres_.stop();
  ASSERT_TRUE(eventually([this] { return health_.snapshot().connections == 0; }));
  std::promise<Result<Rows>> patient;
  std::promise<Result<Rows>> impatient;
  auto last = patient.get_future();
  auto first = impatient.get_future();
  asio::post(loop_, [&] {
    clock_.leap_once(std::chrono::seconds{600});
    asio::co_spawn(loop_, keep(std::move(patient), kDivide, 4), asio::detached);
    asio::co_spawn(loop_, keep(std::move(impatient), kDivide, 1), asio::detached);
  });
  ASSERT_EQ(first.wait_for(std::chrono::seconds{30}), std::future_status::ready);
  EXPECT_EQ(first.get().error().reason, "DatabaseUnavailable");
  postgres_.start();
  EXPECT_EQ(last.get().value().int32(0, 0), 25);
}

TEST_F(ImpatientPool, GivesUpOnAServerThatStaysAwayAndComesBackWithIt) {
  postgres_.stop();
  EXPECT_TRUE(eventually([this] { return health_.snapshot().connections == 0; }));
  EXPECT_EQ(ask(kDivide, 1).error().remedy, Remedy::kRetryWithBackoff);
  EXPECT_FALSE(health_.snapshot().last_error.empty());
  postgres_.start();
  EXPECT_TRUE(eventually([this] { return ask(kDivide, 1).has_value(); }));
}

}  // namespace
}  // namespace promptsales::backend
