// libpng reports errors by a call that must not return. Here it jumps back to the function that set `png_jmpbuf`.
#ifndef SWL_PNG_SESSION_H
#define SWL_PNG_SESSION_H

#include <png.h>

#include "codec.h"

/// The `png_error_ptr`; libpng's error pointer must be a `swl_codec_result`.
void swl_png_exit_with_error(png_structp png, png_const_charp text);
/// The `png_error_ptr` for warnings, which lose no picture data.
void swl_png_ignore_warning(png_structp png, png_const_charp text);

#endif
