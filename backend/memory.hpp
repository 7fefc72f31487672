#pragma once

namespace promptsales::backend {

/// Bounds what the allocator keeps: two arenas for the whole process (glibc's default is eight per CPU, each
/// of which grows to the peak of the threads it serves), and free memory at the top of the heap goes back at
/// 1 MiB. Call first in main, before any thread.
void bound_allocator_memory();

}  // namespace promptsales::backend
