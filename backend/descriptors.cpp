#include "backend/descriptors.hpp"

#include <sys/resource.h>

namespace promptsales::backend {

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE,
            &limit);  // refused only where it would be useless: accept then says "too many open files"
}

}  // namespace promptsales::backend
