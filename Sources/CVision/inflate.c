#include "CVision.h"

#include <limits.h>
#include <stdbool.h>
#include <zlib.h>

int swl_inflate(const uint8_t *input, size_t input_count, uint8_t *output, size_t output_count) {
  if (input_count > UINT_MAX || output_count > UINT_MAX) {
    return 1;
  }
  uint8_t nothing = 0; // zlib refuses a null output even when it has no room
  z_stream stream = {
      .next_in = (Bytef *)(uintptr_t)input, // zlib only reads it
      .avail_in = (uInt)input_count,
      .next_out = output_count > 0 ? output : &nothing,
      .avail_out = (uInt)output_count,
  };
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return 2;
  }
  const int status = inflate(&stream, Z_FINISH);
  const bool filled = stream.avail_out == 0;
  inflateEnd(&stream);
  return status == Z_MEM_ERROR ? 2 : status != Z_STREAM_END || !filled;
}

uint32_t swl_crc32(const uint8_t *bytes, size_t count) { return (uint32_t)crc32_z(0, bytes, count); }
