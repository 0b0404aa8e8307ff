#include "codec.h"

#include <stdlib.h>
#include <string.h>

const char *swl_codec_detail(const swl_codec_result *result) { return result->detail; }

void swl_codec_release(uint8_t *bytes) { free(bytes); }

void swl_codec_fail(swl_codec_result *result, swl_codec_status status, const char *detail) {
  size_t length = strlen(detail);
  if (length >= sizeof result->detail) {
    length = sizeof result->detail - 1;
  }
  result->status = status;
  memcpy(result->detail, detail, length);
  result->detail[length] = 0;
}
