#include "backend/memory.hpp"

#include <malloc.h>

namespace promptsales::backend {

void bound_allocator_memory() {
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
}

}  // namespace promptsales::backend
