// PNG through libpng, which reports an error by a jump back to where decoding began.
#include "decoding.h"
#include <png.h>
#include <string.h>

typedef struct {
    const decoding *image;
    size_t place;
} reader;

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    reader *from = png_get_io_ptr(png);
    if (count > from->image->count - from->place) png_error(png, "it is cut short");
    memcpy(target, from->image->bytes + from->place, count);
    from->place += count;
}
static void fail(png_structp png, png_const_charp message) {
    say(((reader *)png_get_error_ptr(png))->image, message);
    png_longjmp(png, 1);
}
static void ignore(png_structp png, png_const_charp message) { (void)png, (void)message; }

// libpng gives 8 bits of gray or RGB.
static int set_conversions(png_structp png, png_infop info) {
    const int type = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (type == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
    if (depth == 16) png_set_scale_16(png);
    png_set_strip_alpha(png);
    return type & PNG_COLOR_MASK_COLOR ? 3 : 1;
}

// The orientation in the chunk of EXIF data, which may stand before the pixels or behind them; 0 where the bytes in
// memory end before it.
static int orientation_of(const decoding *image) {
    size_t at = 8;
    while (at < image->count && image->count - at >= 12) {
        const uint8_t *chunk = image->bytes + at;
        const size_t length = png_get_uint_32(chunk), rest = image->count - at - 12;
        if (memcmp(chunk + 4, "IEND", 4) == 0) return 1;
        if (length > rest) break;
        if (memcmp(chunk + 4, "eXIf", 4) == 0) return exif_orientation(chunk + 8, length);
        at += length + 12;
    }
    return image->count < image->length ? 0 : 1;
}

static cimages_result decode(png_structp png, png_infop info, const decoding *image) {
    // texts, profiles and other extra chunks are skipped, whatever they claim to hold
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, info);
    const uint32_t height = png_get_image_height(png, info), width = png_get_image_width(png, info);
    const char *reason = refusal(image, height, width, (uint64_t)height * png_get_rowbytes(png, info));
    if (reason) png_error(png, reason);
    const int channels = set_conversions(png, info), orientation = orientation_of(image);
    if (orientation == 0) png_error(png, "it is cut short");
    if (!has_shape(image, height, width, channels, orientation)) return CIMAGES_OTHER_SHAPE;

    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    const size_t row_bytes = (size_t)width * (size_t)channels;
    if (png_get_rowbytes(png, info) != row_bytes) png_error(png, "its rows are of an unknown form");
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t row = 0; row < height; row++) png_read_row(png, image->pixels + row * row_bytes, NULL);
    png_read_end(png, NULL);
    return CIMAGES_OK;
}

cimages_result decode_png(const decoding *image) {
    reader from = {image, 0};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &from, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        say(image, "libpng cannot start");
        return CIMAGES_REFUSED;
    }
    if (setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_read_struct(&png, &info, NULL);
        return CIMAGES_REFUSED;
    }
    png_set_read_fn(png, &from, read_bytes);
    const cimages_result result = decode(png, info, image);
    png_destroy_read_struct(&png, &info, NULL);
    return result;
}
