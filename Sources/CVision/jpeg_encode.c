#include "jpeg_session.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  struct jpeg_compress_struct cinfo;
  swl_jpeg_session session;
  unsigned char *bytes;
  unsigned long count;
} jpeg_encoder;

static void write_rows(jpeg_encoder *encoder, const uint8_t *rgb, swl_picture_size size, int quality) {
  struct jpeg_compress_struct *cinfo = &encoder->cinfo;
  jpeg_create_compress(cinfo);
  jpeg_mem_dest(cinfo, &encoder->bytes, &encoder->count);
  cinfo->image_width = size.width;
  cinfo->image_height = size.height;
  cinfo->input_components = 3;
  cinfo->in_color_space = JCS_RGB;
  jpeg_set_defaults(cinfo);
  jpeg_set_quality(cinfo, quality, TRUE);
  jpeg_start_compress(cinfo, TRUE);
  const size_t stride = (size_t)size.width * 3;
  while (cinfo->next_scanline < size.height) {
    JSAMPROW row = (JSAMPROW)(uintptr_t)(rgb + cinfo->next_scanline * stride); // libjpeg only reads it
    jpeg_write_scanlines(cinfo, &row, 1);
  }
  jpeg_finish_compress(cinfo);
}

/// Holds the `setjmp`, so that what changes after it is not local to this function.
static bool attempt(jpeg_encoder *encoder, const uint8_t *rgb, swl_picture_size size, int quality) {
  if (setjmp(encoder->session.escape) != 0) {
    return false;
  }
  write_rows(encoder, rgb, size, quality);
  return true;
}

swl_codec_result swl_jpeg_encode(const uint8_t *rgb, swl_picture_size size, int quality, uint8_t **bytes,
                                 size_t *count) {
  jpeg_encoder encoder = {.bytes = NULL, .count = 0};
  memset(&encoder.cinfo, 0, sizeof encoder.cinfo);
  encoder.cinfo.err = swl_jpeg_session_begin(&encoder.session);
  if (attempt(&encoder, rgb, size, quality)) {
    *bytes = encoder.bytes;
    *count = encoder.count;
  } else {
    free(encoder.bytes);
  }
  jpeg_destroy_compress(&encoder.cinfo);
  return encoder.session.result;
}
