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
    *shape = (cimages_shape){0, 0, 0};
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

int has_shape(const decoding *image, uint32_t height, uint32_t width, int channels) {
    const cimages_shape expected = *image->shape, found = {(int32_t)height, (int32_t)width, channels};
    *image->shape = found;
    return image->pixels && found.height == expected.height && found.width == expected.width &&
           found.channels == expected.channels;
}

void say(const decoding *image, const char *message) {
    strncpy(image->message, message, CIMAGES_MESSAGE - 1);
    image->message[CIMAGES_MESSAGE - 1] = 0;
}
