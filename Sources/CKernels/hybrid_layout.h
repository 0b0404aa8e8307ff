// Where the quantized activations of a layer lie: an array of groups, then the stored numbers of each.
#ifndef HYBRID_LAYOUT_H
#define HYBRID_LAYOUT_H

#include "f32_geometry.h"
#include "hybrid_kernels.h"

typedef struct swl_hybrid_layout {
  /// Bytes before the stored numbers.
  size_t group_bytes;
  /// Numbers of a group, bytes of one, and bytes of the group: those of a pixel fill whole words.
  size_t count, element_bytes, bytes_per_group;
} swl_hybrid_layout;

static inline swl_hybrid_layout swl_hybrid_layout_of(const swl_hybrid_kernels *kernels,
                                                     const swl_f32_conv_params *params) {
  bool pointwise = swl_is_pointwise(params);
  size_t pixels = params->in_height * params->in_width, groups = params->batches * (pointwise ? pixels : 1);
  swl_hybrid_layout layout;
  layout.group_bytes = (groups * sizeof(swl_hybrid_group) + 63) & ~(size_t)63;
  layout.count = params->in_channels * (pointwise ? 1 : pixels);
  layout.element_bytes = sizeof(uint32_t) / swl_hybrid_step(kernels);
  layout.bytes_per_group = swl_hybrid_words(kernels, layout.count) * sizeof(uint32_t);
  return layout;
}

#endif
