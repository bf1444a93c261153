// The parts that the decoders of both formats share.
#ifndef DECODING_H
#define DECODING_H
#include "include/CImages.h"

typedef struct {
    const uint8_t *bytes;
    size_t count;          // the bytes in memory
    size_t length;         // the length of the whole file
    cimages_shape *shape;  // the expected shape on entry, the shape that was found afterwards
    uint8_t *pixels;       // NULL where only the shape is wanted
    char *message;
} decoding;

cimages_result decode_png(const decoding *image);
cimages_result decode_jpeg(const decoding *image);

// The reason why an image of this size may not be decoded, or NULL. `cost` is the number that CIMAGES_RATIO limits.
const char *refusal(const decoding *image, uint32_t height, uint32_t width, uint64_t cost);
// Whether the image has the expected shape; if not, the expected shape becomes the one that was found.
int has_shape(const decoding *image, uint32_t height, uint32_t width, int channels, int orientation);
// The orientation that EXIF data tell, from 1 to 8; 1 where they tell none, or are damaged.
enum { EXIF_NAME = 6 }; // the length of "Exif" and two zeros
int exif_orientation(const uint8_t *bytes, size_t count);
void say(const decoding *image, const char *message);
#endif
