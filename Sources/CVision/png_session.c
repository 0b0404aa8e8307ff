#include "png_session.h"

#include <string.h>

void swl_png_exit_with_error(png_structp png, png_const_charp text) {
  swl_codec_result *result = png_get_error_ptr(png);
  if (result->status == SWL_CODEC_OK) {
    const swl_codec_status status = strstr(text, "memory") ? SWL_CODEC_OUT_OF_MEMORY : SWL_CODEC_CORRUPT;
    swl_codec_fail(result, status, text);
  }
  png_longjmp(png, 1);
}

void swl_png_ignore_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}
