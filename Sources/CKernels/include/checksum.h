// A checksum of bytes, to find data that have changed by mistake: fast, the same on every instruction set, not secret.
#ifndef CKERNELS_CHECKSUM_H
#define CKERNELS_CHECKSUM_H
#include <stddef.h>
#include <stdint.h>

// The checksum of the bytes behind others whose checksum is `before`; 0 begins.
uint64_t bw_checksum(const void *bytes, size_t count, uint64_t before);
#endif
