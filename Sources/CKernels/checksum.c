// Four lanes, each of two words of every eight: lane = mix(lane xor one word, constant xor the other), where mix folds the 128 bits
// of a product. Every bit of a word reaches about half of the bits of its lane at once, so that no two changes undo each other but
// by chance, which is one in 2^64.
#include "include/checksum.h"
#include <string.h>

static const uint64_t constants[4] = {0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u, 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu};

static inline uint64_t mix(uint64_t a, uint64_t b) {
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline void add(uint64_t lanes[4], const uint64_t words[8]) {
    for (unsigned i = 0; i < 4; i++) lanes[i] = mix(lanes[i] ^ words[2 * i], constants[i] ^ words[2 * i + 1]);
}

uint64_t bw_checksum(const void *bytes, size_t count, uint64_t before) {
    uint64_t lanes[4], words[8];
    for (unsigned i = 0; i < 4; i++) lanes[i] = before ^ constants[3 - i];
    const unsigned char *next = bytes;
    size_t left = count;
    for (; left >= 64; left -= 64, next += 64) {
        memcpy(words, next, 64);
        add(lanes, words);
    }
    memset(words, 0, 64);
    if (left > 0) memcpy(words, next, left);
    add(lanes, words);
    uint64_t sum = mix(before ^ constants[0], count ^ constants[1]);
    for (unsigned i = 0; i < 4; i++) sum = mix(sum ^ lanes[i], constants[i]);
    return sum;
}
