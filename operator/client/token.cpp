#include "operator/client/token.hpp"

#include <fstream>

namespace promptsales::client {
namespace {
constexpr auto kReadAgainAfter = std::chrono::seconds{30};
}

Token::Token(std::string constant, std::filesystem::path file, const Clock& clock)
    : file_(std::move(file)), clock_(clock), state_(State{.token = std::move(constant)}) {}

std::string Token::current() {
  return state_.with([this](State& state) {
    if (file_.empty() || (state.read && clock_.now() - state.read_at < kReadAgainAfter)) return state.token;
    std::ifstream in(file_);
    std::string line;
    if (std::getline(in, line) && !line.empty()) state.token = line;
    state.read = true;
    state.read_at = clock_.now();
    return state.token;
  });
}

void Token::refused() {
  state_.with([](State& state) { state.read = false; });
}

}  // namespace promptsales::client
