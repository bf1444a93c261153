// Decodes small PNG and JPEG images of every orientation whole, cut at every length, and with every byte changed. It asserts only that whole
// images are read and cut ones are not; the sanitizers that it is built with find everything else. See
// scripts/sanitize.
#include "CImages.h"
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum { HEIGHT = 9, WIDTH = 13, ROOM = 1 << 16 };

typedef struct {
    uint8_t *bytes;
    size_t count;
} file;

// EXIF data of one entry, which tells an orientation.
enum { EXIF = 26, ORIENTATION_AT = 18 };
static const uint8_t exif[EXIF] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1};
static void write_exif(uint8_t *to, int orientation) {
    memcpy(to, exif, EXIF);
    to[ORIENTATION_AT] = (uint8_t)orientation;
}

static void require(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

// A buffer of exactly so many bytes, so that one more is seen.
static void read_image(const uint8_t *bytes, size_t count, int expected, int orientation) {
    uint8_t *exact = malloc(count ? count : 1);
    require(exact != NULL, "no memory");
    memcpy(exact, bytes, count);
    char message[CIMAGES_MESSAGE];
    cimages_shape shape = {0, 0, 0, 0};
    cimages_result result = cimages_read_shape(exact, count, count, &shape, message);
    if (result == CIMAGES_OK && (int64_t)shape.height * shape.width <= 1 << 20) {
        const size_t size = (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
        uint8_t *pixels = malloc(size), *upright = malloc(size);
        require(pixels != NULL && upright != NULL, "no memory");
        result = cimages_decode(exact, count, &shape, pixels, message);
        if (result == CIMAGES_OK) cimages_turn(pixels, shape, upright);
        free(pixels), free(upright);
    }
    free(exact);
    if (expected == 1) require(shape.orientation == orientation, "another orientation");
    if (expected >= 0) require((result == CIMAGES_OK) == expected, expected ? message : "a cut image is read");
}

static void exercise(file image, int orientation) {
    read_image(image.bytes, image.count, 1, orientation);
    for (size_t length = 0; length < image.count; length++) read_image(image.bytes, length, 0, 0);
    for (size_t at = 0; at < image.count; at++)
        for (int bit = 0; bit < 8; bit++) {
            image.bytes[at] ^= (uint8_t)(1 << bit);
            read_image(image.bytes, image.count, -1, 0);
            image.bytes[at] ^= (uint8_t)(1 << bit);
        }
    free(image.bytes);
}

static void append(png_structp png, png_bytep bytes, size_t count) {
    file *to = png_get_io_ptr(png);
    require(to->count + count <= ROOM, "no room");
    memcpy(to->bytes + to->count, bytes, count);
    to->count += count;
}
static file write_png(int type, int depth, int interlace, int orientation) {
    file to = {malloc(ROOM), 0};
    require(to.bytes != NULL, "no memory");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &to, append, NULL);
    png_set_IHDR(png, info, WIDTH, HEIGHT, depth, type, interlace, 0, 0);
    png_color palette[256];
    for (int i = 0; i < 256; i++) palette[i] = (png_color){(png_byte)i, (png_byte)(7 * i), (png_byte)(255 - i)};
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette, 1 << depth);
    uint8_t told[EXIF];
    write_exif(told, orientation);
    png_set_eXIf_1(png, info, EXIF, told);
    png_write_info(png, info);
    uint8_t rows[HEIGHT][8 * WIDTH];
    png_bytep places[HEIGHT];
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < 8 * WIDTH; x++) rows[y][x] = (uint8_t)(31 * x + 77 * y);
        places[y] = rows[y];
    }
    png_write_image(png, places);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return to;
}

static file write_jpeg(int channels, int progressive, int orientation) {
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    unsigned char *bytes = NULL;
    unsigned long count = 0;
    jpeg_mem_dest(&cinfo, &bytes, &count);
    cinfo.image_width = WIDTH, cinfo.image_height = HEIGHT, cinfo.input_components = channels;
    cinfo.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&cinfo);
    if (progressive) jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    uint8_t told[6 + EXIF] = "Exif";
    write_exif(told + 6, orientation);
    jpeg_write_marker(&cinfo, JPEG_APP0 + 1, told, sizeof told);
    for (int y = 0; y < HEIGHT; y++) {
        uint8_t row[4 * WIDTH];
        for (int x = 0; x < 4 * WIDTH; x++) row[x] = (uint8_t)(3 * x + 20 * y);
        JSAMPROW place = row;
        jpeg_write_scanlines(&cinfo, &place, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    return (file){bytes, count};
}

int main(void) {
    int turn = 0; // every file has the orientation after the one before
    for (int interlace = 0; interlace < 2; interlace++) {
        for (int depth = 1; depth <= 16; depth *= 2) {
            for (int type = 0; type < 7; type++) {
                const int is_type = type == PNG_COLOR_TYPE_GRAY || (type == PNG_COLOR_TYPE_PALETTE && depth <= 8) ||
                                    (depth >= 8 && (type == PNG_COLOR_TYPE_GRAY_ALPHA || type == PNG_COLOR_TYPE_RGB ||
                                                    type == PNG_COLOR_TYPE_RGB_ALPHA));
                if (!is_type) continue;
                turn = turn % 8 + 1;
                exercise(write_png(type, depth, interlace, turn), turn);
            }
        }
        for (int channels = 1; channels <= 4; channels++) {
            if (channels == 2) continue;
            turn = turn % 8 + 1;
            exercise(write_jpeg(channels, interlace, turn), turn);
        }
    }
    return 0;
}
