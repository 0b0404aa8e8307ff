#ifndef SWL_CODEC_H
#define SWL_CODEC_H

#include "CVision.h"

/// Sets `result`; a long `detail` is cut.
void swl_codec_fail(swl_codec_result *result, swl_codec_status status, const char *detail);

#endif
