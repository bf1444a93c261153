// The one door to zlib. Debian: zlib1g-dev; macOS: part of the system.
#include <zlib.h>
