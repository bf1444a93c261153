// Eight lanes, each of every eighth word: lane = rotate((lane xor word) * odd), which maps different words to different lanes, so
// that a word that has changed alone is always found. The rotation takes the highest bits, which a product leaves where they
// are, down to where the next product spreads them.
#include "include/checksum.h"
#include <string.h>

static inline uint64_t mix(uint64_t lane, uint64_t word) {
    const uint64_t product = (lane ^ word) * 0x9e3779b97f4a7c15u;
    return product << 29 | product >> 35;
}

uint64_t bw_checksum(const void *bytes, size_t count, uint64_t before) {
    uint64_t lanes[8], words[8];
    for (unsigned i = 0; i < 8; i++) lanes[i] = mix(before, i + 1);
    const unsigned char *next = bytes;
    size_t left = count;
    for (; left >= 64; left -= 64, next += 64) {
        memcpy(words, next, 64);
        for (unsigned i = 0; i < 8; i++) lanes[i] = mix(lanes[i], words[i]);
    }
    memset(words, 0, 64);
    if (left > 0) memcpy(words, next, left);
    uint64_t sum = mix(before, count);
    for (unsigned i = 0; i < 8; i++) sum = mix(sum, mix(lanes[i], words[i]));
    sum = (sum ^ sum >> 32) * 0xd6e8feb86659fd93u;
    return sum ^ sum >> 32;
}
