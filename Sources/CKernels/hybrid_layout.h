// Where the quantized activations of a layer lie: an array of groups, then the stored numbers of each. A picture stands
// there with its padding, so that windows are read where they lie.
#ifndef HYBRID_LAYOUT_H
#define HYBRID_LAYOUT_H

#include "f32_geometry.h"
#include "hybrid_kernels.h"
#include "q8_internal.h"

/// Sizes in bytes saturate at SIZE_MAX.
typedef struct swl_hybrid_layout {
  /// Bytes before the stored numbers.
  size_t group_bytes;
  /// Input numbers of a group, bytes of one stored, bytes of a stored group.
  size_t count, element_bytes, bytes_per_group;
  /// A stored picture, which reaches from the first window's first tap to the last one's last tap. Of a pointwise
  /// layer, where a group is one pixel, one by one.
  size_t height, width, row_bytes;
  /// The depth of a window as runs of neighbouring numbers: rows of the kernel, or single taps under dilation and with
  /// groups. The last word of a run reaches over its end, where weights are 0.
  size_t segments, segment_values, segment_words;
} swl_hybrid_layout;

/// From the first tap of the first of `outputs` windows to behind the last tap of the last one.
static inline size_t swl_window_reach(size_t outputs, size_t stride, size_t taps, size_t dilation) {
  return (outputs > 0 ? outputs - 1 : 0) * stride + (taps - 1) * dilation + 1;
}

static inline bool swl_reads_whole_rows(const swl_f32_conv_params *p) {
  return p->dilation_width == 1 && p->groups == 1;
}

static inline swl_hybrid_layout swl_hybrid_layout_of(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p) {
  const bool pointwise = swl_is_pointwise(p), whole_rows = swl_reads_whole_rows(p);
  const size_t pixels = p->in_height * p->in_width, groups = p->batches * (pointwise ? pixels : 1);
  swl_hybrid_layout layout;
  layout.group_bytes = swl_q8_align(swl_q8_product(groups, sizeof(swl_hybrid_group)));
  layout.count = p->in_channels * (pointwise ? 1 : pixels);
  layout.element_bytes = swl_hybrid_element(kernels);
  layout.height =
      pointwise ? 1 : swl_window_reach(p->out_height, p->stride_height, p->kernel_height, p->dilation_height);
  layout.width = pointwise ? 1 : swl_window_reach(p->out_width, p->stride_width, p->kernel_width, p->dilation_width);
  layout.segments = p->kernel_height * (whole_rows ? 1 : p->kernel_width);
  layout.segment_values = p->in_channels / p->groups * (whole_rows ? p->kernel_width : 1);
  layout.segment_words = swl_hybrid_words(kernels, layout.segment_values);
  layout.row_bytes = swl_q8_product(swl_q8_product(layout.width, p->in_channels), layout.element_bytes);
  const size_t bytes = swl_q8_product(layout.height, layout.row_bytes), slack = pointwise ? 3 : 7;
  layout.bytes_per_group = bytes > SIZE_MAX - slack ? SIZE_MAX : (bytes + slack) / sizeof(uint32_t) * sizeof(uint32_t);
  return layout;
}

#endif
