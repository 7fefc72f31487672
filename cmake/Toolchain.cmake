# Compiler, warnings, sanitizers, and the two tools that make a build quick where they are installed.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_library(promptsales_flags INTERFACE)
target_include_directories(promptsales_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(promptsales_flags INTERFACE -Wall -Wextra -Wpedantic -Werror -fno-omit-frame-pointer)
# Designated initializers leave the other members at their defaults, which is what they are for.
target_compile_options(promptsales_flags INTERFACE -Wno-missing-field-initializers)
# False positives of g++ 12: -Wrestrict on std::string concatenation (GCC bug 105651), -Wmaybe-uninitialized on
# std::stop_token and std::optional below -O2 (GCC bug 80635).
target_compile_options(promptsales_flags INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
# Boost 1.74's Asio uses std::exchange without including <utility>.
target_compile_options(promptsales_flags INTERFACE -include utility)
target_compile_definitions(promptsales_flags INTERFACE PROMPTSALES_VERSION="${PROJECT_VERSION}")

if(PROMPTSALES_SANITIZE)
  target_compile_options(promptsales_flags INTERFACE -fsanitize=${PROMPTSALES_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(promptsales_flags INTERFACE -fsanitize=${PROMPTSALES_SANITIZE})
  if(PROMPTSALES_SANITIZE STREQUAL "thread")
    target_compile_options(promptsales_flags INTERFACE -Wno-tsan)  # fences in Asio, which the tool cannot see
  endif()
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers are only cacheable when their time stamps do not count, and a second clone finds what the
  # first one compiled when paths are taken relative to the checkout.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;${CCACHE}")
  target_compile_options(promptsales_flags INTERFACE -fpch-preprocess)
endif()
find_program(LLD ld.lld)
if(LLD)
  target_link_options(promptsales_flags INTERFACE -fuse-ld=lld)
endif()

# One link at a time: a link of the tests needs most of a gigabyte.
set_property(GLOBAL PROPERTY JOB_POOLS link=1)
set(CMAKE_JOB_POOL_LINK link)
