// PNG and JPEG images from memory into 8-bit gray or RGB: the one door to libpng and libjpeg.
//
// Debian: libpng-dev, libjpeg62-turbo-dev; macOS: brew install libpng jpeg-turbo.
//
// Every bit depth, palette, alpha (dropped), interlacing and JPEG colour space becomes one byte a channel. The bytes
// may be hostile: an image that is damaged, cut short, larger than the limits here, or claims more pixels than its
// bytes can hold is refused with a line that says why. Nothing is printed, and nothing is kept between calls: any
// thread may call.
#ifndef CIMAGES_H
#define CIMAGES_H
#include <stddef.h>
#include <stdint.h>

enum {
    CIMAGES_SIDE = 65500,       // the largest height and width
    CIMAGES_PIXELS = 1 << 26,   // the most pixels
    CIMAGES_RATIO = 1100,       // the most raw bytes (PNG) or pixels (JPEG) that one byte of a file may claim
    CIMAGES_MESSAGE = 200       // bytes of a message with its NUL
};

typedef struct {
    int32_t height, width; // of the pixels as they are stored
    int32_t channels;      // 1 for gray, 3 for RGB
    int32_t orientation;   // from 1 to 8, as EXIF numbers them; pixels of 1 are upright, those of 5 to 8 lie on a side
} cimages_shape;

typedef enum { CIMAGES_OK, CIMAGES_OTHER_SHAPE, CIMAGES_REFUSED } cimages_result;

// Whether a file that begins with these bytes is a PNG or JPEG image.
int cimages_recognises(const uint8_t *bytes, size_t count);

// The shape of the image in a file of `length` bytes, whose first `count` bytes are in memory. CIMAGES_REFUSED leaves
// the reason in message; with more bytes the answer may be another.
cimages_result cimages_read_shape(const uint8_t *bytes, size_t count, size_t length, cimages_shape *shape,
                                  char message[CIMAGES_MESSAGE]);

// Decodes an image of this shape, as it is stored, into height * width * channels bytes. An image of another shape is not decoded: the
// result is CIMAGES_OTHER_SHAPE, and *shape is the image's shape.
cimages_result cimages_decode(const uint8_t *bytes, size_t count, cimages_shape *shape, uint8_t *pixels,
                              char message[CIMAGES_MESSAGE]);

// Writes the pixels of an image of this shape in the order in which they are seen: upright, not mirrored.
void cimages_turn(const uint8_t *pixels, cimages_shape shape, uint8_t *upright);
#endif
