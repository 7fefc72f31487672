#include "operator/runtime/peer_poll.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <spdlog/spdlog.h>

namespace promptsales::runtime {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;
using std::chrono::milliseconds;
using Instant = std::chrono::steady_clock::time_point;

constexpr int kMostAtOnce = 32;
constexpr int kMostAtEase = kMostAtOnce / 2;  // the others are for who is waited for
constexpr milliseconds kFull{50};             // to the next look for a free place
constexpr std::size_t kMostAsked = 2;
constexpr std::uint64_t kLongestBody = 16U << 10U;
constexpr std::uint32_t kLongestHeader = 8U << 10U;

/// What has thrown would be asked nobody about any more, and what was known last would hold for ever. So it ends the
/// process, and the kubelet starts that anew.
void end_if_thrown(const std::exception_ptr& thrown) {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& why) {
    spdlog::critical("asking pods how they are has failed, the operator ends: {}", why.what());
  } catch (...) {
    spdlog::critical("asking pods how they are has failed, the operator ends");
  }
  std::terminate();
}

/// One of those that may be asked at a time, for as long as it lives.
class Place {
 public:
  explicit Place(int& taken) : taken_(taken) { ++taken_; }
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  int& taken_;
};

}  // namespace

struct PeerPoll::Impl {
  struct Subject {
    Subject(asio::io_context& loop, k8s::ObjectKey of) : key(std::move(of)), timer(loop) {}

    const k8s::ObjectKey key;
    asio::steady_timer timer;  ///< the loop's
    // Under the mutex.
    Peers peers;
    Known known;
    Instant begun;           ///< since when this group has been asked without an answer
    Instant heard;           ///< when it said something last
    unsigned otherwise = 0;  ///< how often in a row it has said something else than `known`
    milliseconds pause{};    ///< to the next question
    bool gone = false;
  };
  using SubjectPtr = std::shared_ptr<Subject>;

  Impl(Settings of, Read reads, OnNews tells)
      : settings(std::move(of)), read(std::move(reads)), on_news(std::move(tells)) {}

  [[nodiscard]] asio::awaitable<void> follow(SubjectPtr subject);
  [[nodiscard]] asio::awaitable<std::optional<std::string>> first_answer(
      const std::vector<std::string>& addresses);
  [[nodiscard]] asio::awaitable<std::optional<std::string>> get(const std::string& address);
  [[nodiscard]] asio::awaitable<void> pause(asio::steady_timer& timer, milliseconds length);
  bool note(Subject& subject, const std::string& group, bool reached, std::optional<std::string> word);
  void begin(Subject& subject, Peers peers) const;
  bool is_to_begin_anew(const Subject& subject, const Peers& peers) const;
  void wake(const SubjectPtr& subject);

  const Settings settings;
  const Read read;
  const OnNews on_news;
  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> keep_running{loop.get_executor()};
  int in_flight = 0;  ///< the loop's
  std::mutex mutex;
  std::unordered_map<k8s::ObjectKey, SubjectPtr> subjects;  ///< under the mutex
  bool stopped = false;                                     ///< under the mutex
  std::jthread thread;                                      ///< set under the mutex
};

PeerPoll::PeerPoll(Settings settings, Read read, OnNews on_news)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(read), std::move(on_news))) {}
PeerPoll::~PeerPoll() { stop(); }

void PeerPoll::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopped = true;
  }
  impl_->loop.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

void PeerPoll::Impl::begin(Subject& subject, Peers peers) const {
  subject.known = {.asking = !peers.addresses.empty(), .word = {}};
  subject.peers = std::move(peers);
  subject.begun = std::chrono::steady_clock::now();
  subject.otherwise = 0;
  subject.pause = settings.soon;
}

/// Whether what is known, and for how long nothing has been, is of no use for these.
bool PeerPoll::Impl::is_to_begin_anew(const Subject& subject, const Peers& peers) const {
  const auto& [group, addresses, expected, at_ease] = subject.peers;
  if (group != peers.group || addresses.empty() != peers.addresses.empty()) return true;
  const bool given_up = !subject.known.word && !subject.known.asking;
  return given_up && peers.expected && (!expected || addresses != peers.addresses);
}

void PeerPoll::Impl::wake(const SubjectPtr& subject) {
  asio::post(loop, [subject] { subject->timer.cancel(); });
}

PeerPoll::Known PeerPoll::ask(const k8s::ObjectKey& key, Peers peers) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->stopped) return {};
  auto& subject = impl_->subjects[key];
  if (!subject) {
    if (peers.addresses.empty()) {
      impl_->subjects.erase(key);
      return {};
    }
    subject = std::make_shared<Impl::Subject>(impl_->loop, key);
    impl_->begin(*subject, std::move(peers));
    asio::co_spawn(impl_->loop, impl_->follow(subject), end_if_thrown);
    if (!impl_->thread.joinable()) {
      impl_->thread = std::jthread([impl = impl_.get()] { impl->loop.run(); });
      pthread_setname_np(impl_->thread.native_handle(), "peers");
    }
  } else if (impl_->is_to_begin_anew(*subject, peers)) {
    impl_->begin(*subject, std::move(peers));
    impl_->wake(subject);
  } else {
    subject->peers = std::move(peers);
  }
  return subject->known;
}

void PeerPoll::forget(const k8s::ObjectKey& key) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->subjects.find(key);
  if (found == impl_->subjects.end()) return;
  found->second->gone = true;
  impl_->wake(found->second);
  impl_->subjects.erase(found);
}

asio::awaitable<void> PeerPoll::Impl::pause(asio::steady_timer& timer, milliseconds length) {
  error_code cancelled;
  timer.expires_after(length);
  co_await timer.async_wait(redirect_error(use_awaitable, cancelled));
}

asio::awaitable<void> PeerPoll::Impl::follow(SubjectPtr subject) {
  for (;;) {
    Peers peers;
    {
      const std::lock_guard lock(mutex);
      if (subject->gone) co_return;
      peers = subject->peers;
    }
    while (in_flight >= (peers.at_ease ? kMostAtEase : kMostAtOnce)) co_await pause(subject->timer, kFull);
    const auto body = co_await first_answer(peers.addresses);
    auto word = body ? read(*body) : std::nullopt;
    milliseconds next;
    bool news = false;
    {
      const std::lock_guard lock(mutex);
      if (subject->gone) co_return;
      news = note(*subject, peers.group, body.has_value(), std::move(word));
      next = subject->pause;
    }
    if (news) on_news(subject->key);
    co_await pause(subject->timer, next);
  }
}

/// True when what is known has changed.
bool PeerPoll::Impl::note(Subject& subject, const std::string& group, bool reached,
                          std::optional<std::string> word) {
  if (subject.peers.group != group) {  // others are to be asked meanwhile, and at once
    subject.pause = {};
    return false;
  }
  const auto now = std::chrono::steady_clock::now();
  const auto pace = subject.peers.at_ease ? settings.at_ease : settings.interval;
  auto& known = subject.known;
  if (reached) subject.begun = now;
  if (word) {
    subject.heard = now;
    subject.otherwise = known.word != word ? subject.otherwise + 1 : 0;
    const bool soon = !known.word || (subject.peers.at_ease && subject.otherwise > 0);
    subject.pause = soon ? 2 * settings.soon : pace;
    const bool at_once = !known.word && *word == settings.well;
    if (!at_once && subject.otherwise < settings.times) return false;
    subject.pause = pace;
    subject.otherwise = 0;
    known = {.asking = false, .word = std::move(word)};
    return true;
  }
  if (known.word) {
    subject.pause = pace;
    if (now - subject.heard < settings.memory) return false;
    known = {};
    return true;
  }
  if (!known.asking) {
    subject.pause =
        subject.peers.addresses.empty() ? settings.rarely : std::min(subject.pause * 2, settings.rarely);
    return false;
  }
  known.asking = now - subject.begun < settings.patience;
  return !known.asking;
}

asio::awaitable<std::optional<std::string>> PeerPoll::Impl::first_answer(
    const std::vector<std::string>& addresses) {
  const Place place{in_flight};
  std::optional<std::string> body;
  for (std::size_t i = 0; !body && i < std::min(addresses.size(), kMostAsked); ++i)
    body = co_await get(addresses[i]);
  co_return body;
}

/// The body of an answer, whatever its status; nothing if there is none.
asio::awaitable<std::optional<std::string>> PeerPoll::Impl::get(const std::string& address) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) co_return std::nullopt;
  beast::tcp_stream stream{loop};
  stream.expires_after(settings.deadline);
  co_await stream.async_connect(asio::ip::tcp::endpoint{ip, settings.port},
                                redirect_error(use_awaitable, error));
  if (error) co_return std::nullopt;
  http::request<http::empty_body> request{http::verb::get, settings.path, 11};
  request.set(http::field::host, address);
  request.set(http::field::connection, "close");
  co_await http::async_write(stream, request, redirect_error(use_awaitable, error));
  if (error) co_return std::nullopt;
  http::response_parser<http::string_body> parser;
  parser.header_limit(kLongestHeader);
  beast::flat_buffer buffer;
  co_await http::async_read_header(stream, buffer, parser, redirect_error(use_awaitable, error));
  if (error || parser.content_length().value_or(kLongestBody + 1) > kLongestBody) co_return std::nullopt;
  co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, error));
  if (error) co_return std::nullopt;
  co_return std::move(parser.get().body());
}

}  // namespace promptsales::runtime
