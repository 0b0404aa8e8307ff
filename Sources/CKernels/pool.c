#include "isa_variants.h"
#include "swl_pool.h"
#include <float.h>

/// The cells of one window that lie inside the picture.
typedef struct pool_window {
  size_t rows, columns, channels;
  /// Elements from one row of the picture to the next.
  size_t row_stride;
} pool_window;

#define ISA_BODY "pool_variant.inc"
#include "isa_variants.inc"

/// Indices of a window inside an axis of `size` cells: [begin, end).
typedef struct pool_range {
  size_t begin, end;
} pool_range;

static pool_range inside(size_t index, size_t stride, size_t pad, size_t filter, size_t size) {
  const size_t start = index * stride; // counted from the first cell of padding
  pool_range range;
  range.begin = start > pad ? start - pad : 0;
  range.end = start + filter > pad ? start + filter - pad : 0;
  if (range.end > size)
    range.end = size;
  return range;
}

#define POOL(prefix, operation, type, bound)                                                                           \
  void swl_##prefix##_##operation##_pool(swl_isa isa, const swl_pool_params *p, const type *input, type *output,       \
                                         size_t begin, size_t end, bound low, bound high) {                            \
    typedef void (*function)(const pool_window *, const type *, type *, type, type);                                   \
    static const function variants[VARIANT_COUNT] = ISA_VARIANTS(prefix##_##operation);                                \
    const function pool = variants[isa_variant_for(isa)];                                                              \
    const size_t row_stride = p->in_width * p->channels;                                                               \
    pool_window window = {.channels = p->channels, .row_stride = row_stride};                                          \
    for (size_t row = begin; row < end; row++) {                                                                       \
      const type *picture = input + row / p->out_height * p->in_height * row_stride;                                   \
      const pool_range y = inside(row % p->out_height, p->stride_height, p->pad_top, p->filter_height, p->in_height);  \
      window.rows = y.end - y.begin;                                                                                   \
      type *out = output + row * p->out_width * p->channels;                                                           \
      for (size_t column = 0; column < p->out_width; column++, out += p->channels) {                                   \
        const pool_range x = inside(column, p->stride_width, p->pad_left, p->filter_width, p->in_width);               \
        window.columns = x.end - x.begin;                                                                              \
        pool(&window, picture + y.begin * row_stride + x.begin * p->channels, out, (type)low, (type)high);             \
      }                                                                                                                \
    }                                                                                                                  \
  }

POOL(f32, max, float, float)
POOL(f32, average, float, float)
POOL(i8, max, int8_t, int32_t)
POOL(i8, average, int8_t, int32_t)
POOL(u8, max, uint8_t, int32_t)
POOL(u8, average, uint8_t, int32_t)
POOL(i16, max, int16_t, int32_t)
POOL(i16, average, int16_t, int32_t)

void swl_f32_l2_pool(const swl_pool_params *p, const float *input, float *output, size_t begin, size_t end, float low,
                     float high) {
  const size_t row_stride = p->in_width * p->channels;
  for (size_t row = begin; row < end; row++) {
    const float *picture = input + row / p->out_height * p->in_height * row_stride;
    const pool_range y = inside(row % p->out_height, p->stride_height, p->pad_top, p->filter_height, p->in_height);
    for (size_t i = 0; i < p->out_width * p->channels; i++) {
      const pool_range x = inside(i / p->channels, p->stride_width, p->pad_left, p->filter_width, p->in_width);
      float sum = 0;
      for (size_t line = y.begin; line < y.end; line++)
        for (size_t cell = x.begin; cell < x.end; cell++) {
          const float value = picture[line * row_stride + cell * p->channels + i % p->channels];
          sum += value * value;
        }
      const float root = __builtin_elementwise_sqrt(sum / (float)((y.end - y.begin) * (x.end - x.begin)));
      const float raised = root < low ? low : root;
      output[row * p->out_width * p->channels + i] = high < raised ? high : raised;
    }
  }
}
