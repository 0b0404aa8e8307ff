// Three-dimensional convolution on float32.
#ifndef SWL_CONV3D_H
#define SWL_CONV3D_H

#include <stddef.h>

/// How windows slide along one axis.
typedef struct {
  ptrdiff_t input, output, window, stride, dilation;
  /// Positions before the input that windows reach.
  ptrdiff_t padding;
} swl_conv3d_axis;

typedef struct {
  swl_conv3d_axis depth, height, width;
  size_t in_channels, out_channels;
  float minimum, maximum;
} swl_conv3d_params;

/// Computes output rows `begin` to below `end`, counted through batches, depths and heights, from an input of (batch,
/// depth, height, width, channels) and weights of (depth, height, width, input channels, output channels). `bias` is
/// NULL or has a number for each output channel. Nothing is copied: each output is summed where it stands.
void swl_f32_conv3d(const swl_conv3d_params *params, const float *input, const float *weights, const float *bias,
                    float *output, size_t begin, size_t end);

#endif
