#include "f32_kernels.h"
#include "isa_selection.h"
#include "transpose_words.h"
#include <string.h>

const swl_f32_kernels *swl_f32_kernels_for(swl_isa isa) {
  switch (isa) {
#if SWL_HAS_SSE41
  case SWL_ISA_SSE41:
    return &swl_f32_kernels__sse41;
#endif
#if SWL_HAS_AVX2 || SWL_HAS_AVXVNNI
  case SWL_ISA_AVX2:
  case SWL_ISA_AVXVNNI:
    return &swl_f32_kernels__avx2;
#endif
#if SWL_HAS_AVX512VNNI
  case SWL_ISA_AVX512VNNI:
    return &swl_f32_kernels__avx512;
  case SWL_ISA_AMX:
    return &swl_f32_kernels__amx;
#endif
#if SWL_HAS_NEON || SWL_HAS_DOTPROD || SWL_HAS_I8MM
  case SWL_ISA_NEON:
  case SWL_ISA_DOTPROD:
  case SWL_ISA_I8MM:
    return &swl_f32_kernels__neon;
#endif
  default:
    return &swl_f32_kernels__scalar;
  }
}

static inline float load(const unsigned char *base, size_t index) {
  float value;
  memcpy(&value, base + index * sizeof value, sizeof value);
  return value;
}

/// Weights of consecutive columns lie side by side: copies rows.
static void copy_rows(swl_f32_weight_layout layout, size_t depth, size_t first, size_t columns, size_t width,
                      float *packed) {
  for (size_t k = 0; k < depth; k++, packed += width)
    memcpy(packed, layout.weights + (k * layout.depth_stride + first) * sizeof *packed, columns * sizeof *packed);
}

/// Each column lies by itself: transposes it in blocks that stay in the first-level cache while they are written.
static void transpose(swl_f32_weight_layout layout, size_t depth, size_t first, size_t columns, size_t width,
                      float *packed) {
  enum { BLOCK = 64 };
  for (size_t begin = 0; begin < depth; begin += BLOCK, packed += BLOCK * width) {
    const size_t count = depth - begin < BLOCK ? depth - begin : BLOCK;
    const size_t stride = layout.column_stride * sizeof(float);
    const unsigned char *column = layout.weights + (first * layout.column_stride + begin) * sizeof(float);
    size_t n = 0;
    for (; n + 4 <= columns; n += 4, column += 4 * stride) {
      size_t k = 0;
      for (; k + 4 <= count; k += 4)
        swl_transpose_words(column + k * sizeof(float), stride, 0, (unsigned char *)(packed + k * width + n),
                            width * sizeof(float));
      for (; k < count; k++)
        for (size_t i = 0; i < 4; i++)
          packed[k * width + n + i] = load(column + i * stride, k);
    }
    for (; n < columns; n++, column += stride)
      for (size_t k = 0; k < count; k++)
        packed[k * width + n] = load(column, k);
  }
}

static void pack_panel(swl_f32_weight_layout layout, size_t depth, size_t first, size_t columns, size_t width,
                       float *packed) {
  if (columns < width)
    memset(packed, 0, width * (1 + depth) * sizeof *packed);
  for (size_t n = 0; n < columns; n++)
    packed[n] = layout.bias ? load(layout.bias, first + n) : 0;
  if (layout.column_stride == 1)
    copy_rows(layout, depth, first, columns, width, packed + width);
  else
    transpose(layout, depth, first, columns, width, packed + width);
}

void swl_f32_pack_panels(const swl_f32_kernels *kernels, swl_f32_weight_layout layout, size_t depth, size_t columns,
                         float *packed) {
  for (size_t n = 0; n < columns;) {
    size_t width = kernels->widths[swl_panel(kernels->widths, columns - n)];
    size_t present = columns - n < width ? columns - n : width;
    pack_panel(layout, depth, n, present, width, packed);
    packed += width * (1 + depth);
    n += width;
  }
}
