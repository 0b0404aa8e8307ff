#include "f32_kernels.h"
#include <string.h>

const swl_f32_kernels *swl_f32_kernels_for(swl_isa isa) {
  switch (isa) {
#if defined(__x86_64__)
  case SWL_ISA_SSE41:
    return &swl_f32_kernels__sse41;
  case SWL_ISA_AVX2:
  case SWL_ISA_AVXVNNI:
    return &swl_f32_kernels__avx2;
  case SWL_ISA_AVX512VNNI:
    return &swl_f32_kernels__avx512;
#elif defined(__ARM_NEON)
  case SWL_ISA_NEON:
  case SWL_ISA_DOTPROD:
  case SWL_ISA_I8MM:
    return &swl_f32_kernels__neon;
#endif
  default:
    return &swl_f32_kernels__scalar;
  }
}

size_t swl_f32_padded_columns(const swl_f32_kernels *kernels, size_t columns) {
  size_t padded = 0;
  while (padded < columns)
    padded += kernels->widths[swl_f32_panel(kernels, columns - padded)];
  return padded;
}

/// Elements of depth that are transposed together, so that the rows being written stay in the first-level cache.
enum { PACK_BLOCK = 64 };

static inline float load(const unsigned char *base, size_t index) {
  float value;
  memcpy(&value, base + index * sizeof value, sizeof value);
  return value;
}

static void pack_panel(swl_f32_weight_layout layout, size_t depth, size_t first, size_t columns, size_t width,
                       float *packed) {
  for (size_t n = 0; n < width; n++)
    packed[n] = n < columns && layout.bias ? load(layout.bias, first + n) : 0;
  packed += width;
  for (size_t begin = 0; begin < depth; begin += PACK_BLOCK) {
    size_t end = depth - begin < PACK_BLOCK ? depth : begin + PACK_BLOCK;
    for (size_t n = 0; n < columns; n++) {
      const unsigned char *column = layout.weights + (first + n) * layout.column_stride * sizeof(float);
      for (size_t k = begin; k < end; k++)
        packed[k * width + n] = load(column, k * layout.depth_stride);
    }
    for (size_t k = begin; k < end; k++)
      for (size_t n = columns; n < width; n++)
        packed[k * width + n] = 0;
  }
}

void swl_f32_pack_panels(const swl_f32_kernels *kernels, swl_f32_weight_layout layout, size_t depth, size_t columns,
                         float *packed) {
  for (size_t n = 0; n < columns;) {
    size_t width = kernels->widths[swl_f32_panel(kernels, columns - n)];
    size_t present = columns - n < width ? columns - n : width;
    pack_panel(layout, depth, n, present, width, packed);
    packed += width * (1 + depth);
    n += width;
  }
}
