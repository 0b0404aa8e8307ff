// The specification of 8-bit convolution in plain C. Packed: a flag word, biases, scales, the weights as they were.
#include "q8_kernels.h"

size_t swl_q8_conv_packed_bytes__scalar(const swl_q8_layer *layer) {
  const size_t channels = (size_t)layer->out_c;
  const size_t taps = swl_q8_product((size_t)layer->kernel_h, (size_t)layer->kernel_w);
  const size_t depth = swl_q8_product(taps, (size_t)(layer->in_c / layer->groups));
  return swl_q8_sum(swl_q8_product(channels, 8), swl_q8_product(channels, depth));
}

void swl_q8_conv_pack__scalar(const swl_q8_layer *layer, const void *weights, const void *bias, const float *scales,
                              void *packed) {
  const size_t channels = (size_t)layer->out_c;
  const size_t depth = (size_t)layer->kernel_h * (size_t)layer->kernel_w * (size_t)(layer->in_c / layer->groups);
  uint8_t *out = packed;
  if (bias != NULL)
    memcpy(out, bias, channels * 4);
  else
    memset(out, 0, channels * 4);
  if (channels > 0)
    memcpy(out + channels * 4, scales, channels * 4);
  if (channels * depth > 0)
    memcpy(out + channels * 8, weights, channels * depth);
}

/// The sum of (a - za) * (w - zw) over `count` consecutive values.
static uint32_t dot(const swl_q8_layer *layer, const uint8_t *a, const uint8_t *w, size_t count) {
  const int32_t za = layer->input_zero_point, zw = layer->weight_zero_point;
  int32_t sum = 0;
  if (layer->is_unsigned) {
    for (size_t i = 0; i < count; i++)
      sum = (int32_t)((uint32_t)sum + (uint32_t)(((int32_t)a[i] - za) * ((int32_t)w[i] - zw)));
  } else {
    for (size_t i = 0; i < count; i++)
      sum = (int32_t)((uint32_t)sum + (uint32_t)(((int32_t)(int8_t)a[i] - za) * ((int32_t)(int8_t)w[i] - zw)));
  }
  return (uint32_t)sum;
}

/// One output pixel: all output channels.
static void run_pixel(const swl_q8_layer *layer, const swl_q8_output *out, const uint8_t *packed, const uint8_t *image,
                      ptrdiff_t y, ptrdiff_t x, uint8_t *output) {
  const size_t channels = (size_t)layer->out_c, group_channels = channels / (size_t)layer->groups;
  const size_t depth = (size_t)(layer->in_c / layer->groups);
  const ptrdiff_t top = y * layer->stride_h - layer->pad_top, left = x * layer->stride_w - layer->pad_left;
  const uint8_t *w = packed + channels * 8;
  for (size_t c = 0; c < channels; c++) {
    uint32_t sum = (uint32_t)swl_q8_load32(packed + c * 4);
    for (ptrdiff_t ky = 0; ky < layer->kernel_h; ky++) {
      const ptrdiff_t in_y = top + ky * layer->dilation_h;
      for (ptrdiff_t kx = 0; kx < layer->kernel_w; kx++, w += depth) {
        const ptrdiff_t in_x = left + kx * layer->dilation_w;
        if (in_y < 0 || in_y >= layer->in_h || in_x < 0 || in_x >= layer->in_w)
          continue;
        const size_t pixel = (size_t)in_y * (size_t)layer->in_w + (size_t)in_x;
        sum += dot(layer, image + pixel * (size_t)layer->in_c + c / group_channels * depth, w, depth);
      }
    }
    float scale;
    memcpy(&scale, packed + channels * 4 + c * 4, sizeof scale);
    output[c] = (uint8_t)swl_q8_requantize(sum, scale, out) ^ out->flip;
  }
}

void swl_q8_conv_run__scalar(const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                             size_t begin, size_t end) {
  const swl_q8_output out = swl_q8_output_make(layer, true);
  const size_t image_bytes = (size_t)layer->in_h * (size_t)layer->in_w * (size_t)layer->in_c;
  const size_t width = (size_t)layer->out_w, channels = (size_t)layer->out_c;
  for (size_t row = begin; row < end; row++) {
    const size_t image = row / (size_t)layer->out_h, y = row % (size_t)layer->out_h;
    for (size_t x = 0; x < width; x++)
      run_pixel(layer, &out, packed, (const uint8_t *)input + image * image_bytes, (ptrdiff_t)y, (ptrdiff_t)x,
                (uint8_t *)output + (row * width + x) * channels);
  }
}
