// The one door to Zstandard. Debian: libzstd-dev; macOS: brew install zstd.
#include <zstd.h>
#include <zstd_errors.h>
