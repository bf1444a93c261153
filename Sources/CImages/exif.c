// The orientation in EXIF data, which are laid out as a TIFF file: a header, the place of the first directory, and
// there entries of twelve bytes. Every number in them may be wrong.
#include "decoding.h"
#include <string.h>

typedef struct {
    const uint8_t *bytes;
    size_t count;
    int is_little;
} tiff;

// The number of so many bytes at a place; 0 where the data end before.
static uint32_t number(const tiff *data, uint64_t at, int size) {
    if (at + (uint64_t)size > data->count) return 0;
    uint32_t value = 0;
    for (int i = 0; i < size; i++) value = value << 8 | data->bytes[at + (uint64_t)(data->is_little ? size - 1 - i : i)];
    return value;
}

int exif_orientation(const uint8_t *bytes, size_t count) {
    enum { SHORT = 3, LONG = 4, ORIENTATION = 0x0112 };
    // JPEG requires this name in front of the data, and some programs write it into PNG as well
    while (count >= EXIF_NAME && memcmp(bytes, "Exif\0", EXIF_NAME) == 0) bytes += EXIF_NAME, count -= EXIF_NAME;
    if (count < 8 || bytes[0] != bytes[1] || (bytes[0] != 'I' && bytes[0] != 'M')) return 1;
    const tiff data = {bytes, count, bytes[0] == 'I'};
    if (number(&data, 2, 2) != 42) return 1;

    const uint64_t directory = number(&data, 4, 4), entries = number(&data, directory, 2);
    for (uint64_t i = 0; i < entries; i++) {
        const uint64_t entry = directory + 2 + 12 * i;
        if (entry + 12 > count) return 1;
        if (number(&data, entry, 2) != ORIENTATION) continue;
        const uint32_t type = number(&data, entry + 2, 2), values = number(&data, entry + 4, 4);
        if (values != 1 || (type != SHORT && type != LONG)) return 1;
        const uint32_t orientation = number(&data, entry + 8, type == SHORT ? 2 : 4);
        return orientation >= 1 && orientation <= 8 ? (int)orientation : 1;
    }
    return 1;
}
