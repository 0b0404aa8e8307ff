// What a float32 kernel variant provides, and the geometry that its tiles work on.
#ifndef F32_KERNELS_H
#define F32_KERNELS_H

#include "f32_panels.h"
#include "swl_f32.h"

/// Before a loop of constant length over register tiles: without it they stay in memory. ROLLED saves code where the
/// body is long enough.
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define ROLLED _Pragma("clang loop unroll(disable) vectorize(disable)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define ROLLED _Pragma("GCC unroll 1")
#endif

/// A run of output pixels (matrix rows) whose windows lie at a constant distance, against one panel of weights. A
/// window is `outer_count` x `inner_count` stretches of `length` contiguous elements.
typedef struct swl_f32_run {
  const float *input;
  size_t row_stride;
  size_t outer_count, outer_stride;
  size_t inner_count, inner_stride;
  size_t length;
  /// `bias` holds one panel width of elements; `weights` one panel width for each element of the window.
  const float *bias, *weights;
  float *output;
  size_t output_stride;
  /// Columns of the panel that exist: at least 1, at most the panel's width.
  size_t columns;
  float minimum, maximum;
} swl_f32_run;

/// A run of output pixels of a depthwise convolution, over all channels. `packed` holds, for each panel of channels,
/// the bias and then the taps, column by column; the window uses column_taps columns of row_taps taps from `first_tap`
/// on.
typedef struct swl_f32_depthwise_run {
  const float *input;
  size_t pixel_stride;
  size_t column_taps, column_stride;
  size_t row_taps, row_stride;
  const float *packed;
  size_t kernel_height, kernel_area, first_tap;
  float *output;
  size_t channels;
  float minimum, maximum;
} swl_f32_depthwise_run;

/// A run of output pixels of a convolution with few output channels. Element (ky, kx, c) of the window of pixel i
/// stands at planes[ky * row_pitch + (kx * dilation) % stride * phase_pitch + c * channel_pitch + (kx * dilation) /
/// stride + i]; what lies behind the last pixel, up to the next multiple of a vector, may be read.
typedef struct swl_f32_narrow_run {
  const float *planes;
  size_t row_taps, row_pitch;
  size_t column_taps, stride, dilation, phase_pitch;
  size_t channels, channel_pitch;
  /// Of a panel of `width` output channels, `columns` of which exist: the bias, and a row for each element of the
  /// window.
  const float *bias, *weights;
  size_t columns, width;
  float *output;
  float minimum, maximum;
} swl_f32_narrow_run;

typedef struct swl_f32_kernels {
  /// Rows that the tiles below handle at once; runs of a multiple of it are fastest.
  size_t rows;
  /// Panel widths, falling; the last may repeat.
  size_t widths[3];
  void (*tile[3])(const swl_f32_run *run, size_t rows);
  /// The only row of a run of one stretch against some of the next `panels` panels of the widest kind, which lie one
  /// behind the other and exist to their last column; returns how many, 0 where the tile does as well. May be NULL.
  size_t (*row)(const swl_f32_run *run, size_t panels);
  /// Channels per panel of the depthwise kernel: `depthwise_width`, and half of it where that suffices for the rest.
  size_t depthwise_width, depthwise_narrow;
  void (*depthwise)(const swl_f32_depthwise_run *run, size_t pixels);
  /// Up to so many output channels are few; 0 without `narrow`.
  size_t narrow_columns;
  void (*narrow)(const swl_f32_narrow_run *run, size_t pixels);
  void (*half)(const void *input, float *output, size_t count);
} swl_f32_kernels;

const swl_f32_kernels *swl_f32_kernels_for(swl_isa isa);

extern const swl_f32_kernels swl_f32_kernels__scalar;
#if defined(__x86_64__)
extern const swl_f32_kernels swl_f32_kernels__sse41;
extern const swl_f32_kernels swl_f32_kernels__avx2;
extern const swl_f32_kernels swl_f32_kernels__avx512;
extern const swl_f32_kernels swl_f32_kernels__amx;
#elif defined(__ARM_NEON)
extern const swl_f32_kernels swl_f32_kernels__neon;
#endif

/// Where the weight of column n and depth index k stands, in elements: n * column_stride + k * depth_stride. One of the
/// strides is 1.
typedef struct swl_f32_weight_layout {
  const unsigned char *weights;
  const unsigned char *bias;
  size_t column_stride, depth_stride;
} swl_f32_weight_layout;

/// Writes padded_columns * (1 + depth) elements: for each panel the bias and then `depth` rows of one panel width.
void swl_f32_pack_panels(const swl_f32_kernels *kernels, swl_f32_weight_layout layout, size_t depth, size_t columns,
                         float *packed);

#endif
