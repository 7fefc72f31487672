#include "operator/k8s/digest.hpp"

#include <gtest/gtest.h>

namespace promptsales::k8s {
namespace {

// FIPS 180-2, appendix B.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, ReadsEveryByteTheSame) {
  EXPECT_NE(sha256_hex(std::string{"a\0b", 3}), sha256_hex(std::string{"a\0c", 3}));
}

TEST(DigestOfData, ChangesWithEveryKeyAndValue) {
  const std::string before = digest_of({{"host", "db"}, {"port", "5432"}});
  EXPECT_EQ(before, digest_of({{"port", "5432"}, {"host", "db"}}));
  EXPECT_NE(before, digest_of({{"host", "db"}, {"port", "5433"}}));
  EXPECT_NE(before, digest_of({{"host", "db"}, {"portal", "5432"}}));
  EXPECT_NE(before, digest_of({{"host", "db"}}));
  EXPECT_NE(before, digest_of({{"host", "db"}, {"port", "5432"}, {"empty", ""}}));
}

// A value that looks like the next entry must not read as one.
TEST(DigestOfData, TellsWhereAnEntryEnds) {
  EXPECT_NE(digest_of({{"a", "1\nb=2"}}), digest_of({{"a", "1"}, {"b", "2"}}));
  EXPECT_NE(digest_of({{"a", "1b=2"}}), digest_of({{"a", "1"}, {"b", "2"}}));
}

}  // namespace
}  // namespace promptsales::k8s
