#include "png_session.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} png_output;

typedef struct {
  png_structp png;
  png_infop info;
  png_output output;
  swl_codec_result result;
} png_encoder;

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  png_output *output = png_get_io_ptr(png);
  if (count > output->capacity - output->count) {
    size_t capacity = output->capacity + output->capacity / 2 + 4096;
    if (capacity - output->count < count) {
      capacity = output->count + count;
    }
    uint8_t *grown = realloc(output->bytes, capacity);
    if (grown == NULL) {
      png_error(png, "Out of memory");
    }
    output->bytes = grown;
    output->capacity = capacity;
  }
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static void write_rows(png_encoder *encoder, const uint8_t *rgb, swl_picture_size size) {
  png_structp png = encoder->png;
  png_set_write_fn(png, &encoder->output, write_bytes, flush_nothing);
  png_set_IHDR(png, encoder->info, size.width, size.height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, 3); // a third of the default's time; photographs stay as small
  png_write_info(png, encoder->info);
  const size_t stride = (size_t)size.width * 3;
  for (uint32_t y = 0; y < size.height; y++) {
    png_write_row(png, rgb + y * stride);
  }
  png_write_end(png, NULL);
}

/// Holds the `setjmp`, so that what changes after it is not local to this function.
static bool attempt(png_encoder *encoder, const uint8_t *rgb, swl_picture_size size) {
  if (setjmp(png_jmpbuf(encoder->png)) != 0) {
    return false;
  }
  write_rows(encoder, rgb, size);
  return true;
}

swl_codec_result swl_png_encode(const uint8_t *rgb, swl_picture_size size, uint8_t **bytes, size_t *count) {
  png_encoder encoder = {.output = {NULL, 0, 0}};
  encoder.png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoder.result, swl_png_exit_with_error, swl_png_ignore_warning);
  encoder.info = encoder.png ? png_create_info_struct(encoder.png) : NULL;
  if (encoder.info == NULL) {
    png_destroy_write_struct(&encoder.png, NULL);
    swl_codec_fail(&encoder.result, SWL_CODEC_OUT_OF_MEMORY, "Out of memory");
    return encoder.result;
  }
  if (attempt(&encoder, rgb, size)) {
    *bytes = encoder.output.bytes;
    *count = encoder.output.count;
  } else {
    free(encoder.output.bytes);
  }
  png_destroy_write_struct(&encoder.png, &encoder.info);
  return encoder.result;
}
