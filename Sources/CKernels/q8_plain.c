// What the scalar 8-bit kernels share.
#include "q8_internal.h"

void swl_q8_pack_plain(const swl_q8_layer *layer, const void *weights, size_t weight_bytes, const void *bias,
                       const void *scales, void *packed) {
  const size_t channels = (size_t)layer->out_c;
  uint8_t *out = packed;
  for (size_t c = 0; c < channels; c++) {
    const int64_t value = swl_q8_bias(layer, bias, c);
    double scale;
    if (layer->is_wide)
      memcpy(&scale, (const double *)scales + c, sizeof scale);
    else
      scale = (double)((const float *)scales)[c];
    memcpy(out + 8 * c, &value, 8);
    memcpy(out + 8 * (channels + c), &scale, 8);
  }
  if (weight_bytes > 0)
    memcpy(out + 16 * channels, weights, weight_bytes);
}

void swl_q8_store_plain(const swl_q8_layer *layer, const swl_q8_output *output, const void *packed, int64_t sum,
                        size_t c, void *pixel) {
  int64_t bias;
  double scale;
  memcpy(&bias, (const uint8_t *)packed + 8 * c, sizeof bias);
  memcpy(&scale, (const uint8_t *)packed + 8 * ((size_t)layer->out_c + c), sizeof scale);
  sum = (int64_t)((uint64_t)sum + (uint64_t)bias);
  if (layer->is_wide)
    ((int16_t *)pixel)[c] = swl_q8_requantize_wide((double)sum, scale, output);
  else
    ((uint8_t *)pixel)[c] = (uint8_t)swl_q8_requantize((uint32_t)sum, (float)scale, output) ^ output->flip;
}
