// What Vision asks of libjpeg-turbo, libpng, zlib and the file system. Pictures are RGB, 8 bits a sample, rows from top
// to bottom without gaps. No function keeps a pointer, and none ends the process: the libraries' own error exits end in
// a result.
#ifndef CVISION_H
#define CVISION_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  SWL_CODEC_OK,
  SWL_CODEC_CORRUPT,
  /// The bytes end before the picture does.
  SWL_CODEC_TRUNCATED,
  /// A variant of the format that the library does not decode.
  SWL_CODEC_UNSUPPORTED,
  SWL_CODEC_OUT_OF_MEMORY,
} swl_codec_status;

typedef struct {
  swl_codec_status status;
  /// The library's own words, terminated by 0; empty on success.
  char detail[200];
} swl_codec_result;

/// `result->detail`, for languages that cannot take the address of an array in a struct.
const char *swl_codec_detail(const swl_codec_result *result);

typedef struct {
  uint32_t width;
  uint32_t height;
} swl_picture_size;

/// Reads the header only. `count` is the length of `bytes`.
swl_codec_result swl_jpeg_measure(const uint8_t *bytes, size_t count, swl_picture_size *size);
/// Decodes into `rgb`, which has room for `size.width * size.height * 3` bytes; `size` is what `swl_jpeg_measure` said.
/// CMYK becomes RGB without a colour profile. Missing or inconsistent picture data is an error, not a gray area.
swl_codec_result swl_jpeg_decode(const uint8_t *bytes, size_t count, swl_picture_size size, uint8_t *rgb);
/// Baseline JPEG; `quality` in 1...100. On success `*bytes` is released with `swl_codec_release`.
swl_codec_result swl_jpeg_encode(const uint8_t *rgb, swl_picture_size size, int quality, uint8_t **bytes,
                                 size_t *count);

swl_codec_result swl_png_measure(const uint8_t *bytes, size_t count, swl_picture_size *size);
/// As `swl_jpeg_decode`. Palette, gray and 1, 2, 4, 16 bit samples become 8-bit RGB (16 bit rounded to the nearest);
/// alpha and every ancillary chunk but tRNS, gamma among them, is dropped.
swl_codec_result swl_png_decode(const uint8_t *bytes, size_t count, swl_picture_size size, uint8_t *rgb);
swl_codec_result swl_png_encode(const uint8_t *rgb, swl_picture_size size, uint8_t **bytes, size_t *count);

void swl_codec_release(uint8_t *bytes);

/// Inflates a raw deflate stream that must fill `output` exactly. 0 on success, 1 when it does not, 2 out of memory.
int swl_inflate(const uint8_t *input, size_t input_count, uint8_t *output, size_t output_count);
/// CRC-32 as in ZIP and PNG.
uint32_t swl_crc32(const uint8_t *bytes, size_t count);

/// Reads a whole file of at most `limit` bytes. 0 on success, else errno's value; EFBIG when it is longer. `*bytes` is
/// released with `swl_codec_release`.
int swl_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *count);
/// Writes a temporary file beside `path`, then renames it: `path` is the old file or the whole new one, never a part.
/// 0 on success, else errno's value; nothing is left behind.
int swl_write_file(const char *path, const uint8_t *bytes, size_t count);
/// What `swl_read_file` returns for a file beyond its limit (EFBIG).
int swl_errno_too_long(void);
/// The system's words for an errno value. `detail` has room for `capacity` bytes.
void swl_errno_text(int code, char *detail, size_t capacity);

#endif
