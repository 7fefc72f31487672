#pragma once

namespace promptsales::backend {

/// Raises this process's limit of open files to the most that it may: every client is one, and the usual soft
/// limit of 1024 is below our own limit of connections.
void raise_descriptor_limit();

}  // namespace promptsales::backend
