#include "decoding.h"
#include <string.h>

static int is_png(const uint8_t *bytes, size_t count) {
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    return count >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}
static int is_jpeg(const uint8_t *bytes, size_t count) {
    return count >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF;
}
int cimages_recognises(const uint8_t *bytes, size_t count) { return is_png(bytes, count) || is_jpeg(bytes, count); }

static cimages_result decode(const decoding *image) {
    if (is_png(image->bytes, image->count)) return decode_png(image);
    if (is_jpeg(image->bytes, image->count)) return decode_jpeg(image);
    say(image, "it is neither PNG nor JPEG");
    return CIMAGES_REFUSED;
}

cimages_result cimages_read_shape(const uint8_t *bytes, size_t count, size_t length, cimages_shape *shape,
                                  char *message) {
    *shape = (cimages_shape){0, 0, 0, 0};
    const decoding image = {bytes, count, length, shape, NULL, message};
    const cimages_result result = decode(&image);
    return result == CIMAGES_OTHER_SHAPE ? CIMAGES_OK : result;
}

cimages_result cimages_decode(const uint8_t *bytes, size_t count, cimages_shape *shape, uint8_t *pixels,
                              char *message) {
    const decoding image = {bytes, count, count, shape, pixels, message};
    return decode(&image);
}

const char *refusal(const decoding *image, uint32_t height, uint32_t width, uint64_t cost) {
    if (height == 0 || width == 0) return "it has no pixels";
    if (height > CIMAGES_SIDE || width > CIMAGES_SIDE || (uint64_t)height * width > CIMAGES_PIXELS)
        return "it is too large: at most 65500 pixels a side and 67108864 in all are read";
    if (cost / CIMAGES_RATIO > image->length) return "it claims more pixels than so small a file can hold";
    return NULL;
}

int has_shape(const decoding *image, uint32_t height, uint32_t width, int channels, int orientation) {
    const cimages_shape expected = *image->shape, found = {(int32_t)height, (int32_t)width, channels, orientation};
    *image->shape = found;
    return image->pixels && found.height == expected.height && found.width == expected.width &&
           found.channels == expected.channels && found.orientation == expected.orientation;
}

void cimages_turn(const uint8_t *pixels, cimages_shape shape, uint8_t *upright) {
    enum { STRIP = 64 }; // pixels of a line: their sources, each in another line of the file, stay in the cache
    const int turn = shape.orientation;
    const int is_upside_down = turn == 3 || turn == 4 || turn == 6 || turn == 7;
    const int is_mirrored = turn == 2 || turn == 3 || turn == 7 || turn == 8;
    const int lies = turn >= 5;
    const ptrdiff_t pixel = shape.channels, line = pixel * shape.width;
    // the source of the first upright pixel, and the way from there to the sources of those below and beside it
    const uint8_t *first = pixels + (is_upside_down ? line * (shape.height - 1) : 0) +
                           (is_mirrored ? pixel * (shape.width - 1) : 0);
    const ptrdiff_t vertical = is_upside_down ? -line : line, horizontal = is_mirrored ? -pixel : pixel;
    const ptrdiff_t below = lies ? horizontal : vertical, beside = lies ? vertical : horizontal;
    const ptrdiff_t height = lies ? shape.width : shape.height, width = lies ? shape.height : shape.width;
    for (ptrdiff_t left = 0; left < width; left += STRIP) {
        const ptrdiff_t right = left + STRIP < width ? left + STRIP : width;
        for (ptrdiff_t y = 0; y < height; y++)
            for (ptrdiff_t x = left; x < right; x++)
                for (ptrdiff_t c = 0; c < pixel; c++)
                    upright[(y * width + x) * pixel + c] = first[y * below + x * beside + c];
    }
}

void say(const decoding *image, const char *message) {
    strncpy(image->message, message, CIMAGES_MESSAGE - 1);
    image->message[CIMAGES_MESSAGE - 1] = 0;
}
