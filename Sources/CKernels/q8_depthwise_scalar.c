// The specification of 8-bit depthwise convolution in plain C.
#include "q8_kernels.h"

static size_t weight_bytes(const swl_q8_layer *layer) {
  const size_t taps = swl_q8_product((size_t)layer->kernel_h, (size_t)layer->kernel_w);
  return swl_q8_weight_bytes(layer, swl_q8_product(taps, (size_t)layer->out_c));
}

size_t swl_q8_depthwise_packed_bytes__scalar(const swl_q8_layer *layer) {
  return swl_q8_plain_bytes(layer, weight_bytes(layer));
}

void swl_q8_depthwise_pack__scalar(const swl_q8_layer *layer, const void *weights, const void *bias, const void *scales,
                                   void *packed) {
  swl_q8_pack_plain(layer, weights, weight_bytes(layer), bias, scales, packed);
}

static int32_t activation(const swl_q8_layer *layer, const uint8_t *image, size_t index) {
  int16_t word;
  if (layer->is_wide) {
    memcpy(&word, image + 2 * index, sizeof word);
    return word;
  }
  return (layer->is_unsigned ? (int32_t)image[index] : (int32_t)(int8_t)image[index]) - layer->input_zero_point;
}

static void store(const swl_q8_layer *layer, const swl_q8_output *out, const swl_q8_float_output *floats,
                  const uint8_t *packed, int64_t sum, size_t c, uint8_t *output) {
  if (floats != NULL)
    ((float *)(void *)output)[c] = swl_q8_float_result(floats, (uint32_t)sum, c);
  else
    swl_q8_store_plain(layer, out, packed, sum, c, output);
}

/// The channels of which sums lie side by side.
enum { BLOCK = 32 };

/// One output pixel of bytes without multiplied channels: a block of channels from `first` on.
static void run_block(const swl_q8_layer *layer, const uint8_t *weights, const uint8_t *image, ptrdiff_t top,
                      ptrdiff_t left, size_t first, size_t count, int32_t sums[BLOCK]) {
  const size_t channels = (size_t)layer->out_c;
  const int32_t za = layer->input_zero_point, zw = layer->weight_zero_point;
  memset(sums, 0, BLOCK * sizeof *sums);
  const uint8_t *w = weights + first;
  for (ptrdiff_t ky = 0; ky < layer->kernel_h; ky++) {
    const ptrdiff_t y = top + ky * layer->dilation_h;
    for (ptrdiff_t kx = 0; kx < layer->kernel_w; kx++, w += channels) {
      const ptrdiff_t x = left + kx * layer->dilation_w;
      if (y < 0 || y >= layer->in_h || x < 0 || x >= layer->in_w)
        continue;
      const uint8_t *a = image + ((size_t)y * (size_t)layer->in_w + (size_t)x) * channels + first;
      if (layer->is_unsigned) {
        for (size_t c = 0; c < count; c++)
          sums[c] += (int16_t)(a[c] - za) * (int16_t)(w[c] - zw);
      } else {
        for (size_t c = 0; c < count; c++)
          sums[c] += (int16_t)((int8_t)a[c] - za) * (int16_t)((int8_t)w[c] - zw);
      }
    }
  }
}

/// One output pixel: all output channels.
static void run_pixel(const swl_q8_layer *layer, const swl_q8_output *out, const swl_q8_float_output *floats,
                      const uint8_t *packed, const uint8_t *image, ptrdiff_t top, ptrdiff_t left, uint8_t *output) {
  const size_t channels = (size_t)layer->out_c, multiplier = channels / (size_t)layer->in_c;
  const uint8_t *const weights = packed + channels * 16;
  const size_t taps = (size_t)layer->kernel_h * (size_t)layer->kernel_w;
  const bool in_blocks =
      multiplier == 1 && !layer->is_wide && swl_q8_weight_bits(layer) == 8 && taps <= SWL_Q8_PRODUCTS_OF_INT32;
  int32_t sums[BLOCK];
  for (size_t c = 0; c < channels; c++) {
    int64_t sum = 0;
    if (in_blocks) {
      if (c % BLOCK == 0)
        run_block(layer, weights, image, top, left, c, channels - c < BLOCK ? channels - c : BLOCK, sums);
      store(layer, out, floats, packed, sums[c % BLOCK], c, output);
      continue;
    }
    size_t w = c;
    for (ptrdiff_t ky = 0; ky < layer->kernel_h; ky++) {
      const ptrdiff_t y = top + ky * layer->dilation_h;
      for (ptrdiff_t kx = 0; kx < layer->kernel_w; kx++, w += channels) {
        const ptrdiff_t x = left + kx * layer->dilation_w;
        if (y < 0 || y >= layer->in_h || x < 0 || x >= layer->in_w)
          continue;
        const size_t pixel = (size_t)y * (size_t)layer->in_w + (size_t)x;
        const int32_t weight = swl_q8_weight(layer, weights, w) - layer->weight_zero_point;
        sum += activation(layer, image, pixel * (size_t)layer->in_c + c / multiplier) * weight;
      }
    }
    store(layer, out, floats, packed, sum, c, output);
  }
}

void swl_q8_depthwise_run__scalar(const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                                  const swl_q8_float_output *floats, size_t begin, size_t end) {
  const swl_q8_output out = swl_q8_output_make(layer, true);
  const size_t element = swl_q8_element_bytes(layer), out_element = floats == NULL ? element : sizeof(float);
  const size_t image_bytes = (size_t)layer->in_h * (size_t)layer->in_w * (size_t)layer->in_c * element;
  const size_t width = (size_t)layer->out_w;
  for (size_t row = begin; row < end; row++) {
    const size_t image = row / (size_t)layer->out_h;
    const ptrdiff_t top = (ptrdiff_t)(row % (size_t)layer->out_h) * layer->stride_h - layer->pad_top;
    for (size_t x = 0; x < width; x++)
      run_pixel(layer, &out, floats, packed, (const uint8_t *)input + image * image_bytes, top,
                (ptrdiff_t)x * layer->stride_w - layer->pad_left,
                (uint8_t *)output + (row * width + x) * (size_t)layer->out_c * out_element);
  }
}
