#include "operator/k8s/quantity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

using ::testing::HasSubstr;

Quantity quantity(std::string_view text) {
  const auto parsed = Quantity::parse(text);
  if (!parsed) throw std::runtime_error(parsed.error().message);
  return *parsed;
}

struct Form {
  std::string_view written;
  std::string_view stored;  ///< as a real API server (1.36) was seen to leave it
};

void PrintTo(const Form& form, std::ostream* out) { *out << form.written; }

class QuantityForm : public ::testing::TestWithParam<Form> {};

TEST_P(QuantityForm, IsTheOneThatTheApiServerLeavesAsItIs) {
  const auto [written, stored] = GetParam();
  EXPECT_EQ(quantity(written).text(), stored);
  EXPECT_EQ(quantity(stored).text(), stored) << "a stored form must stay as it is";
  EXPECT_EQ(quantity(stored), quantity(written)) << "the value must stay the same";
}

INSTANTIATE_TEST_SUITE_P(
    Written, QuantityForm,
    ::testing::Values(Form{"500m", "500m"}, Form{"0.5", "500m"}, Form{".5", "500m"}, Form{"1000m", "1"},
                      Form{"1500m", "1500m"}, Form{"2", "2"}, Form{"2.", "2"}, Form{"+2", "2"},
                      Form{"-2", "-2"}, Form{"1.0", "1"}, Form{"007", "7"}, Form{"1000", "1k"},
                      Form{"1500", "1500"}, Form{"1000000", "1M"}, Form{"2000G", "2T"}, Form{"0", "0"},
                      Form{"0Gi", "0"}, Form{"0m", "0"}, Form{"16Gi", "16Gi"}, Form{"1.5Gi", "1536Mi"},
                      Form{"1024Mi", "1Gi"}, Form{"1000Mi", "1000Mi"}, Form{"0.5Ki", "512"},
                      Form{"0.5Gi", "512Mi"}, Form{"1023Ki", "1023Ki"}, Form{"1e3", "1e3"},
                      Form{"1E3", "1e3"}, Form{"12e6", "12e6"}, Form{"1500e3", "1500e3"},
                      Form{"1e-3", "1e-3"}, Form{"1E", "1E"}, Form{"7Ei", "7Ei"}, Form{"100n", "100n"},
                      Form{"1500u", "1500u"}, Form{"2000u", "2m"}));

// The API keeps nothing finer than a nano unit and rounds away from zero.
TEST(Quantity, RoundsAwayWhatIsFinerThanANanoUnit) {
  EXPECT_EQ(quantity("0.1n").text(), "1n");
  EXPECT_EQ(quantity("1.0000000001").text(), "1000000001n");
  EXPECT_EQ(quantity("-0.1n").text(), "-1n");
}

class BadQuantity : public ::testing::TestWithParam<std::string> {};

TEST_P(BadQuantity, IsRefusedWithAnExample) {
  const auto parsed = Quantity::parse(GetParam());
  ASSERT_FALSE(parsed) << GetParam() << " was taken for " << parsed->text();
  EXPECT_EQ(parsed.error().remedy, Remedy::kWaitForSpecChange);
  EXPECT_EQ(parsed.error().reason, "InvalidQuantity");
  EXPECT_THAT(parsed.error().message, HasSubstr("256Mi"));
  EXPECT_LE(parsed.error().message.size(), 200U);
}

INSTANTIATE_TEST_SUITE_P(Texts, BadQuantity,
                         ::testing::Values("", " ", "m", "Gi", "+", "-", ".", "+.", "1 Gi", " 1", "1 ", "1gi",
                                           "1GI", "1K", "1mm", "1Gim", "1,5", "1.2.3", "--1", "+-1", "1e",
                                           "1e+", "1e+-3", "1e1.5", "1e999999999999", "1e2147483647",
                                           "1e-2147483647", "0x10", "NaN", "inf", "16Ei",
                                           "99999999999999999999", "1e30", "9223372036854775808",
                                           std::string(200, '9'), std::string(300, 'G')));

TEST(Quantity, HoldsTheLargestValueOfTheApi) {
  EXPECT_EQ(quantity("9223372036854775807").whole(), 9223372036854775807);
  EXPECT_EQ(quantity("9223372036854775807").milli(), 9223372036854775807) << "saturates";
  EXPECT_EQ(quantity("-9223372036854775807").milli(), -9223372036854775807);
}

TEST(Quantity, IsComparedByValue) {
  EXPECT_EQ(quantity("1Gi"), quantity("1024Mi"));
  EXPECT_EQ(quantity("1"), quantity("1000m"));
  EXPECT_LT(quantity("1G"), quantity("1Gi"));
  EXPECT_LT(quantity("-1"), quantity("1m"));
  EXPECT_GT(quantity("2"), quantity("1999999999n"));
}

TEST(Quantity, CountsWholeUnitsAndThousandthsRoundedUp) {
  EXPECT_EQ(quantity("1Ki").whole(), 1024);
  EXPECT_EQ(quantity("1500m").whole(), 2);
  EXPECT_EQ(quantity("-1500m").whole(), -1);
  EXPECT_EQ(quantity("1500m").milli(), 1500);
  EXPECT_EQ(quantity("1500001u").milli(), 1501);
}

TEST(CanonicalQuantity, LeavesWhatItCannotReadToTheApiServer) {
  EXPECT_EQ(canonical_quantity("0.25"), "250m");
  EXPECT_EQ(canonical_quantity("lots"), "lots");
}

}  // namespace
}  // namespace promptsales::k8s
