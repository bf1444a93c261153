// JPEG through libjpeg, which reports an error by a jump back to where decoding began.
#include "decoding.h"
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>
#include <setjmp.h>
#include <string.h>

// A progressive image with far more passes than usual is made to take long.
enum { MOST_SCANS = 500 };

typedef struct {
    struct jpeg_error_mgr errors; // first: libjpeg hands back its address
    struct jpeg_progress_mgr progress;
    const decoding *image;
    jmp_buf start;
} session;

static session *session_of(j_common_ptr cinfo) { return (session *)cinfo->err; }

static _Noreturn void fail(j_common_ptr cinfo) {
    char message[JMSG_LENGTH_MAX];
    cinfo->err->format_message(cinfo, message);
    session *session = session_of(cinfo);
    say(session->image, message);
    longjmp(session->start, 1);
}
// Any warning but these is about missing or wrong pixels.
static void warn(j_common_ptr cinfo, int level) {
    if (level >= 0) return;
    switch (cinfo->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_TOO_MUCH_DATA: return;
    default: fail(cinfo);
    }
}
static void be_silent(j_common_ptr cinfo) { (void)cinfo; }
static _Noreturn void refuse(j_common_ptr cinfo, const char *reason) {
    session *session = session_of(cinfo);
    say(session->image, reason);
    longjmp(session->start, 1);
}
static void watch(j_common_ptr cinfo) {
    if (((j_decompress_ptr)cinfo)->input_scan_number > MOST_SCANS) refuse(cinfo, "it has too many scans");
}

static int channels_of(j_decompress_ptr cinfo) {
    if (cinfo->data_precision != 8) refuse((j_common_ptr)cinfo, "it has other than 8 bits a channel");
    switch (cinfo->num_components) {
    case 1: cinfo->out_color_space = JCS_GRAYSCALE; return 1;
    case 3: cinfo->out_color_space = JCS_RGB; return 3;
    case 4: cinfo->out_color_space = JCS_CMYK; return 3;
    default: refuse((j_common_ptr)cinfo, "it has neither 1, 3 nor 4 colour channels");
    }
}

// Images of four channels of ink, which Adobe's programs write inverted. Without a colour profile, viewers show them in
// this way.
static void rgb_from_cmyk(const uint8_t *cmyk, uint32_t width, int is_inverted, uint8_t *rgb) {
    const int flip = is_inverted ? 0 : 255;
    for (uint32_t x = 0; x < width; x++, cmyk += 4, rgb += 3)
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(((cmyk[c] ^ flip) * (cmyk[3] ^ flip) + 127) / 255);
}

// The orientation of the first segment of EXIF data.
static int orientation_of(j_decompress_ptr cinfo) {
    for (jpeg_saved_marker_ptr marker = cinfo->marker_list; marker; marker = marker->next)
        if (marker->data_length >= EXIF_NAME && memcmp(marker->data, "Exif\0", EXIF_NAME) == 0)
            return exif_orientation(marker->data, marker->data_length);
    return 1;
}

static void read_rows(j_decompress_ptr cinfo, size_t row_bytes, uint8_t *pixels) {
    if (cinfo->out_color_space != JCS_CMYK) {
        while (cinfo->output_scanline < cinfo->output_height) {
            JSAMPROW row = pixels + cinfo->output_scanline * row_bytes;
            jpeg_read_scanlines(cinfo, &row, 1);
        }
        return;
    }
    JSAMPARRAY ink = cinfo->mem->alloc_sarray((j_common_ptr)cinfo, JPOOL_IMAGE, 4 * cinfo->output_width, 1);
    while (cinfo->output_scanline < cinfo->output_height) {
        uint8_t *row = pixels + cinfo->output_scanline * row_bytes;
        jpeg_read_scanlines(cinfo, ink, 1);
        rgb_from_cmyk(ink[0], cinfo->output_width, cinfo->saw_Adobe_marker, row);
    }
}

static cimages_result decode(j_decompress_ptr cinfo, const decoding *image) {
    // coefficients of a progressive image: two bytes each, at most four channels
    cinfo->mem->max_memory_to_use = 9L * CIMAGES_PIXELS;
    jpeg_mem_src(cinfo, (unsigned char *)image->bytes, (unsigned long)image->count);
    jpeg_save_markers(cinfo, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(cinfo, TRUE);
    const uint32_t height = cinfo->image_height, width = cinfo->image_width;
    const char *reason = refusal(image, height, width, (uint64_t)height * width);
    if (reason) refuse((j_common_ptr)cinfo, reason);
    const int channels = channels_of(cinfo);
    if (!has_shape(image, height, width, channels, orientation_of(cinfo))) return CIMAGES_OTHER_SHAPE;

    jpeg_start_decompress(cinfo);
    if (cinfo->output_height != height || cinfo->output_width != width)
        refuse((j_common_ptr)cinfo, "its rows are of an unknown form");
    read_rows(cinfo, (size_t)width * (size_t)channels, image->pixels);
    jpeg_finish_decompress(cinfo);
    return CIMAGES_OK;
}

cimages_result decode_jpeg(const decoding *image) {
    struct jpeg_decompress_struct cinfo = {0};
    session session = {.image = image, .progress.progress_monitor = watch};
    cinfo.err = jpeg_std_error(&session.errors);
    session.errors.error_exit = fail;
    session.errors.emit_message = warn;
    session.errors.output_message = be_silent;
    if (setjmp(session.start) != 0) {
        jpeg_destroy_decompress(&cinfo);
        return CIMAGES_REFUSED;
    }
    jpeg_create_decompress(&cinfo);
    cinfo.progress = &session.progress;
    const cimages_result result = decode(&cinfo, image);
    jpeg_destroy_decompress(&cinfo);
    return result;
}
