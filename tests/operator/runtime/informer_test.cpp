// What an informer says of itself, and asks for, when the server refuses, is silent or comes back.

#include "operator/runtime/informer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "tests/support/eventually.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/streaming_transport.hpp"

namespace promptsales::runtime {
namespace {

using namespace std::chrono_literals;
using State = InformerStatus::State;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::initial_events_end;
using testing::watch_line;

constexpr k8s::Kind kScaledObject{"keda.sh", "v1alpha1", "ScaledObject", "scaledobjects"};

const HttpResponse kNotServed{.status = 404, .body = "404 page not found\n"};
const HttpResponse kRefused{.status = 403,
                            .body = R"({"kind":"Status","reason":"Forbidden","message":"no permission"})"};
const std::string kEmptyPage = R"({"metadata":{"resourceVersion":"812"},"items":[]})";

/// An informer, the far end that it talks to, what it told its handler and what it logged.
class AnInformer : public ::testing::Test {
 protected:
  AnInformer() {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
    informer.on_status([this](const Informer&, const InformerStatus& now) {
      told_.with([&](auto& told) { told.push_back(now); });
    });
  }
  ~AnInformer() override {
    informer.stop();
    spdlog::set_default_logger(former_);
  }

  /// Whether it has come to `state` as the `number`th stream goes on.
  bool comes_to(State state, std::size_t number) {
    return eventually([&] { return far.asked().size() == number && informer.status().state == state; });
  }
  bool has_asked(std::size_t number) {
    return eventually([&] { return far.asked().size() == number; });
  }
  /// The troubles that it told, each once while it lasted.
  std::vector<std::optional<State>> troubles() {
    std::vector<std::optional<State>> troubles;
    told_.with([&](const auto& told) {
      for (const auto& status : told)
        if (troubles.empty() || troubles.back() != status.trouble) troubles.push_back(status.trouble);
    });
    return troubles;
  }
  /// Lines with this in them; after stop().
  std::size_t logged(const std::string& part) const {
    std::istringstream lines{log_.str()};
    std::size_t found = 0;
    for (std::string line; std::getline(lines, line);) found += line.find(part) != line.npos;
    return found;
  }

  const std::shared_ptr<spdlog::logger> former_ = spdlog::default_logger();
  std::ostringstream log_;
  Guarded<std::vector<InformerStatus>> told_;
  testing::FakeClock clock;
  testing::StreamingTransport far;
  client::Client client{far};
  Informer informer{{kScaledObject, {}, {}}, client, clock};
};

TEST_F(AnInformer, OfAKindThatWasTakenAwayMissesItUntilItIsBack) {
  far.says(initial_events_end("812"));
  far.falls_silent();  // the next watch begins at once
  far.ends(kNotServed);
  far.ends(kNotServed);
  far.says(initial_events_end("900"));
  informer.start();
  ASSERT_TRUE(comes_to(State::kWatching, 4));
  EXPECT_THAT(troubles(), ElementsAre(std::nullopt, State::kMissing, std::nullopt));
  EXPECT_THAT(far.asked().back().target, HasSubstr("sendInitialEvents=true"));  // another collection by now
  informer.stop();
  EXPECT_EQ(logged("scaledobjects.keda.sh: missing: "), 1);
  EXPECT_EQ(logged("scaledobjects.keda.sh: in step again"), 1);
}

TEST_F(AnInformer, ThatWasRefusedWatchesAgainWhenTheServerHasAcceptedThat) {
  far.says(initial_events_end("812"));
  far.falls_silent();
  far.ends(kRefused);
  informer.start();
  ASSERT_TRUE(comes_to(State::kConnecting, 3));
  EXPECT_EQ(informer.status().trouble, State::kForbidden);
  EXPECT_THAT(far.asked().back().target, HasSubstr("resourceVersion=812"));  // what it has is good
  far.accepts();
  ASSERT_TRUE(comes_to(State::kWatching, 3));
  EXPECT_THAT(troubles(), ElementsAre(std::nullopt, State::kForbidden, std::nullopt));
}

TEST_F(AnInformer, WhoseListDoesNotComeSaysSoAfterTenSecondsAndAsksForPages) {
  far.falls_silent();
  informer.start();
  ASSERT_TRUE(comes_to(State::kListing, 2));
  EXPECT_THAT(far.asked().front().target, HasSubstr("sendInitialEvents=true"));
  EXPECT_EQ(far.asked().front().silence, 10s);
  EXPECT_THAT(far.asked().back().target, HasSubstr("limit="));
  EXPECT_EQ(informer.status().trouble, State::kFailing);  // nobody waits for it
  far.says(kEmptyPage);
  far.ends();
  ASSERT_TRUE(comes_to(State::kWatching, 3));
  EXPECT_TRUE(informer.status().synced);
  EXPECT_THAT(troubles(), ElementsAre(std::nullopt, State::kFailing, std::nullopt));
}

TEST_F(AnInformer, HasMoreThanAMinuteForTheNextBookmarkOnceItsListIsComplete) {
  far.says(initial_events_end("812"));
  informer.start();
  ASSERT_TRUE(comes_to(State::kWatching, 1));
  EXPECT_TRUE(eventually([&] { return far.asked().front().silence == 75s; }));
}

/// How a stream of initial events ended, and whether the next list is asked for as a stream again.
struct EndOfAList {
  std::string name;
  Result<HttpResponse> end;
  bool streams_the_next;
};

class AnInformerThatFellBackToPages : public AnInformer, public ::testing::WithParamInterface<EndOfAList> {};

TEST_P(AnInformerThatFellBackToPages, RemembersWhatTheServerCannotDoAndNothingElse) {
  far.ends(GetParam().end);
  far.says(kEmptyPage);
  far.ends();
  far.says(R"({"type":"ERROR","object":{"code":410,"reason":"Expired","message":"too old"}})"
           "\n");
  informer.start();
  ASSERT_TRUE(has_asked(4));
  const auto list = far.asked().back().target;
  EXPECT_EQ(list.find("sendInitialEvents=true") != list.npos, GetParam().streams_the_next) << list;
}

INSTANTIATE_TEST_SUITE_P(
    After, AnInformerThatFellBackToPages,
    ::testing::Values(
        EndOfAList{"Silence", failure(Remedy::kRetryWithBackoff, "DeadlineExceeded", "silent"), true},
        EndOfAList{"ARefusal",
                   HttpResponse{.status = 400, .body = R"({"kind":"Status","reason":"BadRequest"})"}, false}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace promptsales::runtime
