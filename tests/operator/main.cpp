// Ends without static destructors: threads of cpprestsdk's pool may still touch what these destroy.

#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  const int outcome = RUN_ALL_TESTS();
  std::fflush(nullptr);
  std::_Exit(outcome);
}
