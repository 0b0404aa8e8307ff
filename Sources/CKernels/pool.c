#include "isa_variants.h"
#include "swl_pool.h"
#include <float.h>

/// Windows along an axis of `size` cells.
typedef struct pool_axis {
  size_t stride, pad, filter, size;
} pool_axis;

/// Indices of a window inside an axis: [begin, end).
typedef struct pool_range {
  size_t begin, end;
} pool_range;

static inline pool_range inside(size_t index, pool_axis axis) {
  const size_t start = index * axis.stride; // counted from the first cell of padding
  pool_range range;
  range.begin = start > axis.pad ? start - axis.pad : 0;
  range.end = start + axis.filter > axis.pad ? start + axis.filter - axis.pad : 0;
  if (range.end > axis.size)
    range.end = axis.size;
  return range;
}

static pool_axis rows_of(const swl_pool_params *p) {
  return (pool_axis){p->stride_height, p->pad_top, p->filter_height, p->in_height};
}

static pool_axis columns_of(const swl_pool_params *p) {
  return (pool_axis){p->stride_width, p->pad_left, p->filter_width, p->in_width};
}

/// The cells of one window that lie inside the picture.
typedef struct pool_window {
  size_t rows, columns, channels;
  /// Elements from one row of the picture to the next.
  size_t row_stride;
} pool_window;

/// Windows side by side; their first rows begin where the elements do.
typedef struct pool_row {
  pool_window window;
  pool_axis columns;
  size_t outputs;
} pool_row;

// A choice between vectors by a vector is no conversion to bool.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wconversion"
#define ISA_BODY "pool_variant.inc"
#include "isa_variants.inc"
#pragma clang diagnostic pop

typedef void (*pool_function)(const pool_row *row, const void *elements, void *outputs, const void *limits);

static __attribute__((noinline)) void pool(pool_function function, size_t element_bytes, const swl_pool_params *p,
                                           const char *input, char *output, size_t begin, size_t end,
                                           const void *limits) {
  pool_row row = {.window = {.channels = p->channels, .row_stride = p->in_width * p->channels},
                  .columns = columns_of(p),
                  .outputs = p->out_width};
  const size_t row_bytes = row.window.row_stride * element_bytes;
  for (size_t r = begin; r < end; r++) {
    const pool_range y = inside(r % p->out_height, rows_of(p));
    row.window.rows = y.end - y.begin;
    function(&row, input + (r / p->out_height * p->in_height + y.begin) * row_bytes,
             output + r * p->out_width * p->channels * element_bytes, limits);
  }
}

#define POOL(prefix, operation, type, bound)                                                                           \
  void swl_##prefix##_##operation##_pool(swl_isa isa, const swl_pool_params *params, const type *input, type *output,  \
                                         size_t begin, size_t end, bound low, bound high) {                            \
    static const pool_function variants[VARIANT_COUNT] = ISA_VARIANTS(prefix##_##operation);                           \
    const bound limits[] = {low, high};                                                                                \
    pool(variants[isa_variant_for(isa)], sizeof(type), params, (const char *)input, (char *)output, begin, end,        \
         limits);                                                                                                      \
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
    const pool_range y = inside(row % p->out_height, rows_of(p));
    for (size_t i = 0; i < p->out_width * p->channels; i++) {
      const pool_range x = inside(i / p->channels, columns_of(p));
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
