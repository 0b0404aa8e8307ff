#include "png_session.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count;
} png_input;

typedef struct {
  png_structp png;
  png_infop info;
  png_input input;
  swl_codec_result result;
} png_decoder;

static void read_bytes(png_structp png, png_bytep bytes, size_t count) {
  png_input *input = png_get_io_ptr(png);
  if (count > input->count) {
    swl_codec_fail(png_get_error_ptr(png), SWL_CODEC_TRUNCATED, "The bytes end inside a chunk");
    png_error(png, "truncated");
  }
  memcpy(bytes, input->bytes, count);
  input->bytes += count;
  input->count -= count;
}

/// False when out of memory.
static bool create(png_decoder *decoder) {
  decoder->png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder->result, swl_png_exit_with_error, swl_png_ignore_warning);
  decoder->info = decoder->png ? png_create_info_struct(decoder->png) : NULL;
  if (decoder->info == NULL) {
    png_destroy_read_struct(&decoder->png, NULL, NULL);
    swl_codec_fail(&decoder->result, SWL_CODEC_OUT_OF_MEMORY, "Out of memory");
    return false;
  }
  return true;
}

static void read_header(png_decoder *decoder) {
  png_set_read_fn(decoder->png, &decoder->input, read_bytes);
  png_set_user_limits(decoder->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // the caller judges the size
  png_set_keep_unknown_chunks(decoder->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(decoder->png, decoder->info);
}

static void read_rows(png_decoder *decoder, uint8_t *rgb) {
  png_structp png = decoder->png;
  png_set_scale_16(png);
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, decoder->info);
  const size_t stride = (size_t)png_get_image_width(png, decoder->info) * 3;
  if (png_get_rowbytes(png, decoder->info) != stride) {
    png_error(png, "The rows are not 8-bit RGB after conversion");
  }
  const uint32_t height = png_get_image_height(png, decoder->info);
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < height; y++) {
      png_read_row(png, rgb + y * stride, NULL);
    }
  }
  png_read_end(png, NULL);
}

/// Holds the `setjmp`, so that what changes after it is not local to this function. `rgb` is NULL when only the size is
/// wanted.
static void attempt(png_decoder *decoder, swl_picture_size *size, uint8_t *rgb) {
  if (setjmp(png_jmpbuf(decoder->png)) != 0) {
    return;
  }
  read_header(decoder);
  const swl_picture_size found = {png_get_image_width(decoder->png, decoder->info),
                                  png_get_image_height(decoder->png, decoder->info)};
  if (rgb == NULL) {
    *size = found;
  } else if (found.width == size->width && found.height == size->height) {
    read_rows(decoder, rgb);
  } else {
    swl_codec_fail(&decoder->result, SWL_CODEC_CORRUPT, "The size changed between two readings");
  }
}

static swl_codec_result decode(const uint8_t *bytes, size_t count, swl_picture_size *size, uint8_t *rgb) {
  png_decoder decoder = {.input = {bytes, count}};
  if (create(&decoder)) {
    attempt(&decoder, size, rgb);
    png_destroy_read_struct(&decoder.png, &decoder.info, NULL);
  }
  return decoder.result;
}

swl_codec_result swl_png_measure(const uint8_t *bytes, size_t count, swl_picture_size *size) {
  return decode(bytes, count, size, NULL);
}

swl_codec_result swl_png_decode(const uint8_t *bytes, size_t count, swl_picture_size size, uint8_t *rgb) {
  return decode(bytes, count, &size, rgb);
}
