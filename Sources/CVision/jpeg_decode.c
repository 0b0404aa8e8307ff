#include "jpeg_session.h"

#include <jerror.h>
#include <string.h>

/// A progressive file of a few kilobytes may name any number of scans, each a pass over all blocks. Encoders use about
/// ten.
enum { maximum_scans = 200 };

typedef struct {
  struct jpeg_decompress_struct cinfo;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  swl_jpeg_session session;
} jpeg_decoder;

static void source_nothing(j_decompress_ptr cinfo) { (void)cinfo; }

/// Called when the bytes are used up. The decoder gets an end-of-image marker, which lets the last rows of a file
/// without one come out; when picture data is missing it warns, and `judge_message` makes that an error.
static boolean source_end(j_decompress_ptr cinfo) {
  static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};
  ((swl_jpeg_session *)cinfo->err)->ended = true;
  cinfo->src->next_input_byte = end_of_image;
  cinfo->src->bytes_in_buffer = sizeof end_of_image;
  return TRUE;
}

static void source_skip(j_decompress_ptr cinfo, long count) {
  if (count <= 0) {
    return;
  }
  if ((size_t)count > cinfo->src->bytes_in_buffer) {
    source_end(cinfo);
    return;
  }
  cinfo->src->next_input_byte += count;
  cinfo->src->bytes_in_buffer -= (size_t)count;
}

static void limit_scans(j_common_ptr cinfo) {
  if (((j_decompress_ptr)cinfo)->input_scan_number > maximum_scans) {
    ERREXITS(cinfo, JERR_NOTIMPL, "more than 200 scans");
  }
}

static void begin(jpeg_decoder *decoder, const uint8_t *bytes, size_t count) {
  struct jpeg_decompress_struct *cinfo = &decoder->cinfo;
  jpeg_create_decompress(cinfo);
  decoder->source = (struct jpeg_source_mgr){
      .next_input_byte = bytes,
      .bytes_in_buffer = count,
      .init_source = source_nothing,
      .fill_input_buffer = source_end,
      .skip_input_data = source_skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = source_nothing,
  };
  decoder->progress = (struct jpeg_progress_mgr){.progress_monitor = limit_scans};
  cinfo->src = &decoder->source;
  cinfo->progress = &decoder->progress;
  jpeg_read_header(cinfo, TRUE);
}

static uint8_t scaled(unsigned ink, unsigned black) { return (uint8_t)((ink * black + 127) / 255); }

/// Adobe writes CMYK inverted, as amounts of light; other writers as amounts of ink.
static void convert_cmyk(const uint8_t *cmyk, uint8_t *rgb, size_t width, bool inverted) {
  const unsigned flip = inverted ? 0 : 255;
  for (size_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
    const unsigned black = cmyk[3] ^ flip;
    rgb[0] = scaled(cmyk[0] ^ flip, black);
    rgb[1] = scaled(cmyk[1] ^ flip, black);
    rgb[2] = scaled(cmyk[2] ^ flip, black);
  }
}

/// Whether a file of several scans ended early or left out a component: libjpeg says nothing of either.
static bool lacks_scans(const jpeg_decoder *decoder) {
  const struct jpeg_decompress_struct *cinfo = &decoder->cinfo;
  if (cinfo->coef_bits != NULL) {
    for (int component = 0; component < cinfo->num_components; component++) {
      if (cinfo->coef_bits[component][0] < 0) {
        return true;
      }
    }
  }
  return decoder->session.ended;
}

static void read_rows(jpeg_decoder *decoder, uint8_t *rgb) {
  struct jpeg_decompress_struct *cinfo = &decoder->cinfo;
  const bool cmyk = cinfo->jpeg_color_space == JCS_CMYK || cinfo->jpeg_color_space == JCS_YCCK;
  cinfo->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  const bool several_scans = jpeg_has_multiple_scans(cinfo);
  jpeg_start_decompress(cinfo);
  if (several_scans && lacks_scans(decoder)) {
    decoder->session.ended = true;
    ERREXIT(cinfo, JERR_INPUT_EOF);
  }
  const size_t width = cinfo->output_width;
  JSAMPARRAY inks =
      cmyk ? cinfo->mem->alloc_sarray((j_common_ptr)cinfo, JPOOL_IMAGE, cinfo->output_width * 4, 1) : NULL;
  while (cinfo->output_scanline < cinfo->output_height) {
    JSAMPROW row = rgb + (size_t)cinfo->output_scanline * width * 3;
    jpeg_read_scanlines(cinfo, cmyk ? inks : &row, 1);
    if (cmyk) {
      convert_cmyk(inks[0], row, width, cinfo->saw_Adobe_marker);
    }
  }
  jpeg_finish_decompress(cinfo);
}

/// Holds the `setjmp`, so that what changes after it is not local to this function. `rgb` is NULL when only the size is
/// wanted.
static void attempt(jpeg_decoder *decoder, const uint8_t *bytes, size_t count, swl_picture_size *size, uint8_t *rgb) {
  if (setjmp(decoder->session.escape) != 0) {
    return;
  }
  begin(decoder, bytes, count);
  const swl_picture_size found = {decoder->cinfo.image_width, decoder->cinfo.image_height};
  if (rgb == NULL) {
    *size = found;
  } else if (found.width == size->width && found.height == size->height) {
    read_rows(decoder, rgb);
  } else {
    swl_codec_fail(&decoder->session.result, SWL_CODEC_CORRUPT, "The size changed between two readings");
  }
}

static swl_codec_result decode(const uint8_t *bytes, size_t count, swl_picture_size *size, uint8_t *rgb) {
  jpeg_decoder decoder;
  memset(&decoder.cinfo, 0, sizeof decoder.cinfo);
  decoder.cinfo.err = swl_jpeg_session_begin(&decoder.session);
  attempt(&decoder, bytes, count, size, rgb);
  jpeg_destroy_decompress(&decoder.cinfo);
  return decoder.session.result;
}

swl_codec_result swl_jpeg_measure(const uint8_t *bytes, size_t count, swl_picture_size *size) {
  return decode(bytes, count, size, NULL);
}

swl_codec_result swl_jpeg_decode(const uint8_t *bytes, size_t count, swl_picture_size size, uint8_t *rgb) {
  return decode(bytes, count, &size, rgb);
}
