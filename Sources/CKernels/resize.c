#include "isa_variants.h"
#include "swl_resize.h"
#include <string.h>

#define ISA_BODY "resize_variant.inc"
#include "isa_variants.inc"

#define RESIZE(prefix, type)                                                                                           \
  void swl_##prefix##_resize_bilinear(swl_isa isa, const swl_resize_params *p, const swl_resize_tap *rows,             \
                                      const swl_resize_tap *columns, const type *input, type *output, size_t begin,    \
                                      size_t end) {                                                                    \
    typedef void (*function)(const type *const *, const swl_resize_tap *, const swl_resize_tap *, type *, size_t);     \
    static const function variants[VARIANT_COUNT] = ISA_VARIANTS(prefix##_resize);                                     \
    const function interpolate = variants[isa_variant_for(isa)];                                                       \
    const size_t row_stride = p->in_width * p->channels;                                                               \
    for (size_t row = begin; row < end; row++) {                                                                       \
      const swl_resize_tap *y = rows + row % p->out_height;                                                            \
      const type *picture = input + row / p->out_height * p->in_height * row_stride;                                   \
      const type *lower = picture + y->lower * row_stride, *upper = picture + y->upper * row_stride;                   \
      type *out = output + row * p->out_width * p->channels;                                                           \
      for (size_t column = 0; column < p->out_width; column++, out += p->channels) {                                   \
        const swl_resize_tap *x = columns + column;                                                                    \
        const type *const cells[4] = {lower + x->lower * p->channels, upper + x->lower * p->channels,                  \
                                      lower + x->upper * p->channels, upper + x->upper * p->channels};                 \
        interpolate(cells, y, x, out, p->channels);                                                                    \
      }                                                                                                                \
    }                                                                                                                  \
  }

RESIZE(f32, float)
RESIZE(u8, uint8_t)
RESIZE(i8, int8_t)
RESIZE(i16, int16_t)

void swl_resize_nearest(const swl_resize_params *p, const uint32_t *rows, const uint32_t *columns, size_t cell_bytes,
                        const void *input, void *output, size_t begin, size_t end) {
  const size_t in_row = p->in_width * cell_bytes, out_row = p->out_width * cell_bytes;
  for (size_t row = begin; row < end; row++) {
    const size_t y = row % p->out_height;
    unsigned char *out = (unsigned char *)output + row * out_row;
    if (y > 0 && row > begin && rows[y] == rows[y - 1]) {
      memcpy(out, out - out_row, out_row);
      continue;
    }
    const unsigned char *in = (const unsigned char *)input + (row / p->out_height * p->in_height + rows[y]) * in_row;
    for (size_t column = 0; column < p->out_width; column++)
      memcpy(out + column * cell_bytes, in + columns[column] * cell_bytes, cell_bytes);
  }
}
