// What the decoders of both formats share.
#ifndef DECODING_H
#define DECODING_H
#include "include/CImages.h"

typedef struct {
    const uint8_t *bytes;
    size_t count;          // bytes that are here
    size_t length;         // bytes of the whole file
    cimages_shape *shape;  // the shape that is expected, and then the one that was found
    uint8_t *pixels;       // NULL: only the shape is wanted
    char *message;
} decoding;

cimages_result decode_png(const decoding *image);
cimages_result decode_jpeg(const decoding *image);

// Why an image of this size may not be decoded, or NULL. `cost` is what CIMAGES_RATIO limits.
const char *refusal(const decoding *image, uint32_t height, uint32_t width, uint64_t cost);
// Whether the image is of the expected shape; else it becomes the found one.
int has_shape(const decoding *image, uint32_t height, uint32_t width, int channels);
void say(const decoding *image, const char *message);
#endif
