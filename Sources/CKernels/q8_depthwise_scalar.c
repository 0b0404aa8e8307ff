// The specification of 8-bit depthwise convolution in plain C. Packed: biases, scales, the weights as they were.
#include "q8_kernels.h"

static size_t weight_count(const swl_q8_layer *layer) {
  return swl_q8_product(swl_q8_product((size_t)layer->kernel_h, (size_t)layer->kernel_w), (size_t)layer->out_c);
}

size_t swl_q8_depthwise_packed_bytes__scalar(const swl_q8_layer *layer) {
  return swl_q8_sum(swl_q8_product((size_t)layer->out_c, 8), weight_count(layer));
}

void swl_q8_depthwise_pack__scalar(const swl_q8_layer *layer, const void *weights, const void *bias,
                                   const float *scales, void *packed) {
  const size_t channels = (size_t)layer->out_c;
  uint8_t *out = packed;
  if (channels == 0)
    return;
  if (bias != NULL)
    memcpy(out, bias, channels * 4);
  else
    memset(out, 0, channels * 4);
  memcpy(out + channels * 4, scales, channels * 4);
  memcpy(out + channels * 8, weights, weight_count(layer));
}

static uint32_t product(const swl_q8_layer *layer, uint8_t a, uint8_t w) {
  const int32_t activation = layer->is_unsigned ? (int32_t)a : (int32_t)(int8_t)a;
  const int32_t weight = layer->is_unsigned ? (int32_t)w : (int32_t)(int8_t)w;
  return (uint32_t)((activation - layer->input_zero_point) * (weight - layer->weight_zero_point));
}

/// One output pixel: all output channels.
static void run_pixel(const swl_q8_layer *layer, const swl_q8_output *out, const uint8_t *packed, const uint8_t *image,
                      ptrdiff_t top, ptrdiff_t left, uint8_t *output) {
  const size_t channels = (size_t)layer->out_c, multiplier = channels / (size_t)layer->in_c;
  const uint8_t *const weights = packed + channels * 8;
  for (size_t c = 0; c < channels; c++) {
    uint32_t sum = (uint32_t)swl_q8_load32(packed + c * 4);
    const uint8_t *w = weights + c;
    for (ptrdiff_t ky = 0; ky < layer->kernel_h; ky++) {
      const ptrdiff_t y = top + ky * layer->dilation_h;
      for (ptrdiff_t kx = 0; kx < layer->kernel_w; kx++, w += channels) {
        const ptrdiff_t x = left + kx * layer->dilation_w;
        if (y < 0 || y >= layer->in_h || x < 0 || x >= layer->in_w)
          continue;
        const size_t pixel = (size_t)y * (size_t)layer->in_w + (size_t)x;
        sum += product(layer, image[pixel * (size_t)layer->in_c + c / multiplier], *w);
      }
    }
    float scale;
    memcpy(&scale, packed + channels * 4 + c * 4, sizeof scale);
    output[c] = (uint8_t)swl_q8_requantize(sum, scale, out) ^ out->flip;
  }
}

void swl_q8_depthwise_run__scalar(const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                                  size_t begin, size_t end) {
  const swl_q8_output out = swl_q8_output_make(layer, true);
  const size_t image_bytes = (size_t)layer->in_h * (size_t)layer->in_w * (size_t)layer->in_c;
  const size_t width = (size_t)layer->out_w;
  for (size_t row = begin; row < end; row++) {
    const size_t image = row / (size_t)layer->out_h;
    const ptrdiff_t top = (ptrdiff_t)(row % (size_t)layer->out_h) * layer->stride_h - layer->pad_top;
    for (size_t x = 0; x < width; x++)
      run_pixel(layer, &out, packed, (const uint8_t *)input + image * image_bytes, top,
                (ptrdiff_t)x * layer->stride_w - layer->pad_left,
                (uint8_t *)output + (row * width + x) * (size_t)layer->out_c);
  }
}
