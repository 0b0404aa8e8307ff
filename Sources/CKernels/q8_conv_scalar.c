// The specification of 8-bit convolution in plain C.
#include "q8_kernels.h"

static size_t weight_bytes(const swl_q8_layer *layer) {
  const size_t taps = swl_q8_product((size_t)layer->kernel_h, (size_t)layer->kernel_w);
  const size_t depth = swl_q8_product(taps, (size_t)(layer->in_c / layer->groups));
  return swl_q8_weight_bytes(layer, swl_q8_product((size_t)layer->out_c, depth));
}

size_t swl_q8_conv_packed_bytes__scalar(const swl_q8_layer *layer) {
  return swl_q8_plain_bytes(layer, weight_bytes(layer));
}

void swl_q8_conv_pack__scalar(const swl_q8_layer *layer, const void *weights, const void *bias, const void *scales,
                              void *packed) {
  swl_q8_pack_plain(layer, weights, weight_bytes(layer), bias, scales, packed);
}

/// The sum of (a - za) * (w - zw) over `count` consecutive values; `w` is the index of a weight.
static int64_t dot(const swl_q8_layer *layer, const uint8_t *a, const uint8_t *weights, size_t w, size_t count) {
  const int32_t za = layer->input_zero_point, zw = layer->weight_zero_point;
  const uint8_t *bytes = weights + w;
  int64_t sum = 0;
  if (layer->is_wide) {
    const int16_t *words = (const int16_t *)(const void *)a;
    for (size_t i = 0; i < count; i++)
      sum += words[i] * swl_q8_weight(layer, weights, w + i);
  } else if (layer->is_unsigned) {
    for (size_t i = 0; i < count; i++)
      sum += ((int32_t)a[i] - za) * ((int32_t)bytes[i] - zw);
  } else if (swl_q8_weight_bits(layer) == 8) {
    for (size_t i = 0; i < count; i++)
      sum += ((int32_t)(int8_t)a[i] - za) * ((int32_t)(int8_t)bytes[i] - zw);
  } else {
    for (size_t i = 0; i < count; i++)
      sum += ((int32_t)(int8_t)a[i] - za) * swl_q8_weight(layer, weights, w + i);
  }
  return sum;
}

/// One output pixel: all output channels.
static void run_pixel(const swl_q8_layer *layer, const swl_q8_output *out, const uint8_t *packed, const uint8_t *image,
                      ptrdiff_t y, ptrdiff_t x, uint8_t *output) {
  const size_t channels = (size_t)layer->out_c, group_channels = channels / (size_t)layer->groups;
  const size_t depth = (size_t)(layer->in_c / layer->groups), element = swl_q8_element_bytes(layer);
  const ptrdiff_t top = y * layer->stride_h - layer->pad_top, left = x * layer->stride_w - layer->pad_left;
  size_t w = 0;
  for (size_t c = 0; c < channels; c++) {
    int64_t sum = 0;
    for (ptrdiff_t ky = 0; ky < layer->kernel_h; ky++) {
      const ptrdiff_t in_y = top + ky * layer->dilation_h;
      for (ptrdiff_t kx = 0; kx < layer->kernel_w; kx++, w += depth) {
        const ptrdiff_t in_x = left + kx * layer->dilation_w;
        if (in_y < 0 || in_y >= layer->in_h || in_x < 0 || in_x >= layer->in_w)
          continue;
        const size_t pixel = (size_t)in_y * (size_t)layer->in_w + (size_t)in_x;
        const size_t first = pixel * (size_t)layer->in_c + c / group_channels * depth;
        sum += dot(layer, image + first * element, packed + channels * 16, w, depth);
      }
    }
    swl_q8_store_plain(layer, out, packed, sum, c, output);
  }
}

void swl_q8_conv_run__scalar(const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                             size_t begin, size_t end) {
  const swl_q8_output out = swl_q8_output_make(layer, true);
  const size_t element = swl_q8_element_bytes(layer);
  const size_t image_bytes = (size_t)layer->in_h * (size_t)layer->in_w * (size_t)layer->in_c * element;
  const size_t width = (size_t)layer->out_w, channels = (size_t)layer->out_c;
  for (size_t row = begin; row < end; row++) {
    const size_t image = row / (size_t)layer->out_h, y = row % (size_t)layer->out_h;
    for (size_t x = 0; x < width; x++)
      run_pixel(layer, &out, packed, (const uint8_t *)input + image * image_bytes, (ptrdiff_t)y, (ptrdiff_t)x,
                (uint8_t *)output + (row * width + x) * channels * element);
  }
}
