#pragma once

#include <string>

#include "controllers/promptsales/child.hpp"

namespace promptsales::controllers::bindings {

/// By which references of the spec (secretRef and the like) pods came by the content of a binding that they follow while
/// they run, as a digest. When all have followed it nobody sees, so that another reference replaces them, and Ready is
/// said of it when the last one has been: a changed content of the same Secret does not.
///
/// In memory it is an entry of the binding, as it is tried, refused and taken into use together with it. Pods do not get
/// it: on the binding Secret it is an annotation. There is none where pods do not follow their bindings, or the spec has no
/// such reference.
inline constexpr const char* kAskedFor = "promptsales.io/binding-asked-for";

/// What the spec asks for the component by, beyond its settings; empty if by nothing, or if pods do not follow it.
///
/// Threads  pure.
[[nodiscard]] std::string asked_for(const Inputs& inputs, Component component);

/// The entries that pods get.
[[nodiscard]] Entries for_pods(Entries entries);

}  // namespace promptsales::controllers::bindings
