#include "backend/http/date.hpp"

#include <array>
#include <ctime>

namespace promptsales::backend {

std::string_view HttpDate::now() {
  const auto second = std::chrono::floor<std::chrono::seconds>(clock_.wall());
  if (second != at_ || text_.empty()) {
    constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto t = static_cast<std::time_t>(second.time_since_epoch().count());
    std::tm utc{};
    gmtime_r(&t, &utc);
    std::array<char, 64> text;
    const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                     kDays[static_cast<unsigned>(utc.tm_wday)], utc.tm_mday,
                                     kMonths[static_cast<unsigned>(utc.tm_mon)], utc.tm_year + 1900,
                                     utc.tm_hour, utc.tm_min, utc.tm_sec);
    text_.assign(text.data(), static_cast<std::size_t>(length));
    at_ = second;
  }
  return text_;
}

}  // namespace promptsales::backend
