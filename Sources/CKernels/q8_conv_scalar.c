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

/// The sum of (a - za) * (w - zw) over up to SWL_Q8_PRODUCTS_OF_INT32 consecutive bytes.
static int32_t dot_of_bytes(const swl_q8_layer *layer, const uint8_t *a, const uint8_t *w, size_t count) {
  const int32_t za = layer->input_zero_point, zw = layer->weight_zero_point;
  int32_t sum = 0;
  if (layer->is_unsigned) {
    for (size_t i = 0; i < count; i++)
      sum += (int16_t)(a[i] - za) * (int16_t)(w[i] - zw);
  } else {
    for (size_t i = 0; i < count; i++)
      sum += (int16_t)((int8_t)a[i] - za) * (int16_t)((int8_t)w[i] - zw);
  }
  return sum;
}

/// The sum of (a - za) * (w - zw) over `count` consecutive values; `w` is the index of a weight.
static int64_t dot(const swl_q8_layer *layer, const uint8_t *a, const uint8_t *weights, size_t w, size_t count) {
  const int32_t za = layer->input_zero_point;
  int64_t sum = 0;
  if (layer->is_wide) {
    const int16_t *words = (const int16_t *)(const void *)a;
    for (size_t i = 0; i < count; i++)
      sum += words[i] * swl_q8_weight(layer, weights, w + i);
  } else if (swl_q8_weight_bits(layer) == 8) {
    for (size_t i = 0; i < count; i += SWL_Q8_PRODUCTS_OF_INT32) {
      const size_t left = count - i, part = left < SWL_Q8_PRODUCTS_OF_INT32 ? left : SWL_Q8_PRODUCTS_OF_INT32;
      sum += dot_of_bytes(layer, a + i, weights + w + i, part);
    }
  } else {
    for (size_t i = 0; i < count; i++)
      sum += ((int32_t)(int8_t)a[i] - za) * swl_q8_weight(layer, weights, w + i);
  }
  return sum;
}

/// The most values of a window that are gathered before they are multiplied.
enum { WINDOW_VALUES = 512 };

/// Whether windows of bytes are gathered, so that all output channels read them widened and side by side.
static bool gathers(const swl_q8_layer *layer) {
  const size_t taps = swl_q8_product((size_t)layer->kernel_w, (size_t)layer->kernel_h);
  return !layer->is_wide && layer->groups == 1 && swl_q8_weight_bits(layer) == 8 &&
         swl_q8_product(taps, (size_t)layer->in_c) <= WINDOW_VALUES;
}

/// What the window at (top, left) sees without its zero point, 0 outside the picture.
static void gather(const swl_q8_layer *layer, const uint8_t *image, ptrdiff_t top, ptrdiff_t left, int16_t *window) {
  const size_t depth = (size_t)layer->in_c;
  const int32_t zero = layer->input_zero_point;
  for (ptrdiff_t ky = 0; ky < layer->kernel_h; ky++) {
    const ptrdiff_t y = top + ky * layer->dilation_h;
    for (ptrdiff_t kx = 0; kx < layer->kernel_w; kx++, window += depth) {
      const ptrdiff_t x = left + kx * layer->dilation_w;
      if (y < 0 || y >= layer->in_h || x < 0 || x >= layer->in_w) {
        memset(window, 0, depth * sizeof *window);
        continue;
      }
      const uint8_t *pixel = image + ((size_t)y * (size_t)layer->in_w + (size_t)x) * depth;
      for (size_t c = 0; c < depth; c++)
        window[c] = (int16_t)((layer->is_unsigned ? (int32_t)pixel[c] : (int32_t)(int8_t)pixel[c]) - zero);
    }
  }
}

/// The sum of a gathered window times (w - zw).
static int32_t dot_of_window(const swl_q8_layer *layer, const int16_t *window, const uint8_t *w, size_t count) {
  const int32_t zw = layer->weight_zero_point;
  int32_t sum = 0;
  if (layer->is_unsigned) {
    for (size_t i = 0; i < count; i++)
      sum += (int32_t)window[i] * (int16_t)(w[i] - zw);
  } else {
    for (size_t i = 0; i < count; i++)
      sum += (int32_t)window[i] * (int16_t)((int8_t)w[i] - zw);
  }
  return sum;
}

/// The sum of one output channel over its window; `w` is the index of its first weight. Taps side by side that see all
/// input channels are one run of values.
static int64_t window_sum(const swl_q8_layer *layer, const uint8_t *weights, const uint8_t *image, ptrdiff_t top,
                          ptrdiff_t left, size_t group, size_t w) {
  const size_t depth = (size_t)(layer->in_c / layer->groups), element = swl_q8_element_bytes(layer);
  const ptrdiff_t width = layer->kernel_w, together = layer->groups == 1 && layer->dilation_w == 1 ? width : 1;
  int64_t sum = 0;
  for (ptrdiff_t ky = 0; ky < layer->kernel_h; ky++) {
    const ptrdiff_t y = top + ky * layer->dilation_h;
    for (ptrdiff_t kx = 0; kx < width; kx += together, w += depth * (size_t)together) {
      const ptrdiff_t x = left + kx * layer->dilation_w;
      const ptrdiff_t first = x < 0 ? -x : 0, right = layer->in_w - x, last = right < together ? right : together;
      if (y < 0 || y >= layer->in_h || first >= last)
        continue;
      const size_t pixel = (size_t)y * (size_t)layer->in_w + (size_t)(x + first);
      const size_t value = pixel * (size_t)layer->in_c + group * depth;
      sum += dot(layer, image + value * element, weights, w + (size_t)first * depth, (size_t)(last - first) * depth);
    }
  }
  return sum;
}

/// One output pixel: all output channels.
static void run_pixel(const swl_q8_layer *layer, const swl_q8_output *out, const uint8_t *packed, const uint8_t *image,
                      ptrdiff_t y, ptrdiff_t x, uint8_t *output) {
  const size_t channels = (size_t)layer->out_c, group_channels = channels / (size_t)layer->groups;
  const size_t taps = (size_t)layer->kernel_h * (size_t)layer->kernel_w;
  const size_t depth = taps * (size_t)(layer->in_c / layer->groups);
  const ptrdiff_t top = y * layer->stride_h - layer->pad_top, left = x * layer->stride_w - layer->pad_left;
  const uint8_t *const weights = packed + channels * 16;
  const bool is_gathered = gathers(layer);
  int16_t window[WINDOW_VALUES];
  if (is_gathered)
    gather(layer, image, top, left, window);
  for (size_t c = 0; c < channels; c++) {
    const int64_t sum = is_gathered ? dot_of_window(layer, window, weights + c * depth, depth)
                                    : window_sum(layer, weights, image, top, left, c / group_channels, c * depth);
    swl_q8_store_plain(layer, out, packed, sum, c, output);
  }
}

void swl_q8_conv_run__scalar(const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                             size_t begin, size_t end) {
  const swl_q8_output out = swl_q8_output_make(layer, true);
  const size_t element = swl_q8_element_bytes(layer);
  const size_t image_bytes = (size_t)layer->in_h * (size_t)layer->in_w * (size_t)layer->in_c * element;
  const size_t width = (size_t)layer->out_w, channels = (size_t)layer->out_c;
  const size_t pixel = layer->output_pixel > 0 ? layer->output_pixel : channels;
  const size_t pitch = layer->output_row > 0 ? layer->output_row : width * channels;
  for (size_t row = begin; row < end; row++) {
    const size_t image = row / (size_t)layer->out_h, y = row % (size_t)layer->out_h;
    for (size_t x = 0; x < width; x++)
      run_pixel(layer, &out, packed, (const uint8_t *)input + image * image_bytes, (ptrdiff_t)y, (ptrdiff_t)x,
                (uint8_t *)output + (row * pitch + x * pixel) * element);
  }
}
