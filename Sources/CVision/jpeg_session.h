// libjpeg reports errors by a call that must not return. Here it jumps back to the function that set `escape`.
#ifndef SWL_JPEG_SESSION_H
#define SWL_JPEG_SESSION_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

#include "codec.h"

typedef struct {
  struct jpeg_error_mgr manager; // first, so that libjpeg's pointer to it is also a pointer to the session
  jmp_buf escape;
  swl_codec_result result;
  /// The decoder asked for bytes behind the last one.
  bool ended;
} swl_jpeg_session;

/// Prepares `session` and returns what `cinfo.err` is to be set to.
struct jpeg_error_mgr *swl_jpeg_session_begin(swl_jpeg_session *session);

#endif
