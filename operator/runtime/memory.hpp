#pragma once

namespace promptsales::runtime {

/// Gives back what only starting up, or a burst of work, needed: pages of code and constants that were read once
/// (parsers, TLS set-up, relocation), and free pieces of the heap. Pages that are still in use come back from the page
/// cache as they are touched, a minor fault each.
///
/// Cost     some hundred minor faults afterwards; for moments in which nothing is to be done.
/// Threads  any.
/// Measured 17.3 → 10.3 MiB resident, idle with 12 watches over TLS, release build: most of an idle operator's
///          memory is pages of shared libraries.
void give_back_memory();

}  // namespace promptsales::runtime
