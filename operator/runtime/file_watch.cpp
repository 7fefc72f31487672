#include "operator/runtime/file_watch.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>

namespace promptsales::runtime {
namespace {

// Not IN_CREATE: a file that is being written is read when its writer has closed it.
constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;

void drain(int fd) {
  alignas(inotify_event) std::array<char, 4096> events;
  while (read(fd, events.data(), events.size()) > 0) {
  }
}

}  // namespace

std::optional<std::string> content_of(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

FileWatch::FileWatch(std::filesystem::path file, std::optional<std::string> known, OnContent on_content)
    : file_(std::move(file)), on_content_(std::move(on_content)), told_(std::move(known)) {}

FileWatch::~FileWatch() { stop(); }

Result<void> FileWatch::start() {
  const auto folder = file_.has_parent_path() ? file_.parent_path() : std::filesystem::path{"."};
  inotify_ = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (inotify_ < 0 || wake_ < 0 || inotify_add_watch(inotify_, folder.c_str(), kChanges) < 0)
    return failure(Remedy::kShutDown, "NotWatchable",
                   "changes of " + file_.string() + " cannot be watched (" + std::strerror(errno) +
                       "); raise fs.inotify.max_user_instances, or start without --config");
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  pthread_setname_np(thread_.native_handle(), "config");
  return {};
}

void FileWatch::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    eventfd_write(wake_, 1);
    thread_.join();
  }
  for (int* fd : {&inotify_, &wake_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
}

void FileWatch::run(std::stop_token stop) {
  std::array<pollfd, 2> waits{
      {{.fd = inotify_, .events = POLLIN, .revents = 0}, {.fd = wake_, .events = POLLIN, .revents = 0}}};
  while (!stop.stop_requested()) {
    look();
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    drain(inotify_);
  }
}

void FileWatch::look() {
  auto content = content_of(file_);
  if (content == told_) return;
  told_ = std::move(content);
  on_content_(told_);
}

}  // namespace promptsales::runtime
