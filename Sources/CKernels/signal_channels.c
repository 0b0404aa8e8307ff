#include "swl_signal.h"

static int32_t bit_count(uint32_t x) { return x == 0 ? 0 : 32 - __builtin_clz(x); }

void swl_signal_filter_bank(const swl_filter_bank *bank, const uint32_t *input, uint64_t *output) {
  uint64_t carried = 0;
  for (size_t channel = 0; channel <= bank->channels; channel++) {
    const int32_t frequency = bank->frequency_starts[channel], weight = bank->weight_starts[channel];
    uint64_t weighted = carried, unweighted = 0;
    for (int32_t j = 0; j < bank->widths[channel]; j++) {
      const int32_t f = frequency + j, w = weight + j;
      if (f < 0 || w < 0 || (size_t)f >= bank->frequencies || (size_t)w >= bank->weight_count)
        continue;
      weighted += (uint64_t)bank->weights[w] * input[f];
      unweighted += (uint64_t)bank->unweights[w] * input[f];
    }
    if (channel > 0)
      output[channel - 1] = weighted;
    carried = unweighted;
  }
}

/// The root of `x`, rounded to nearest but never to more than `limit`, bit by bit.
static uint64_t root(uint64_t x, uint64_t limit) {
  uint64_t result = 0;
  for (uint64_t bit = (uint64_t)1 << 62; bit != 0; bit >>= 2) {
    const bool fits = x >= result + bit;
    if (fits)
      x -= result + bit;
    result = (result >> 1) + (fits ? bit : 0);
  }
  return x > result && result != limit ? result + 1 : result;
}

void swl_signal_square_root(const uint64_t *input, size_t count, int32_t shift, uint32_t *output) {
  const int32_t distance = shift < 0 ? 0 : shift > 31 ? 31 : shift;
  for (size_t i = 0; i < count; i++)
    output[i] = (uint32_t)root(input[i], input[i] >> 32 == 0 ? UINT16_MAX : UINT32_MAX) >> distance;
}

void swl_signal_subtract_noise(const swl_spectral_subtraction *p, const uint32_t *input, size_t count,
                               uint32_t *estimate, uint32_t *output) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t signal = input[i] << p->smoothing_bits;
    uint32_t noise =
        (uint32_t)(((uint64_t)signal * p->smoothing[i & 1] + (uint64_t)estimate[i] * p->one_minus_smoothing[i & 1]) >>
                   p->bits);
    estimate[i] = noise;
    if (noise > signal) {
      noise = signal;
      if (p->clamps)
        estimate[i] = noise;
    }
    const uint32_t floor = (uint32_t)(((uint64_t)input[i] * p->minimum_remaining) >> p->bits);
    const uint32_t rest = (signal - noise) >> p->smoothing_bits;
    output[i] = rest < floor ? floor : rest;
  }
}

/// The gain for `noise`: two numbers, then quadratic pieces, each for the numbers of one count of bits.
static int16_t gain_for(uint32_t noise, const int16_t *gains) {
  if (noise <= 2)
    return gains[noise];
  const int32_t bits = bit_count(noise);
  const int16_t *piece = gains + 4 * bits - 6;
  const int32_t fraction = (int32_t)(bits < 11 ? noise << (11 - bits) : noise >> (bits - 11)) & 0x3FF;
  int64_t value = ((int64_t)piece[2] * fraction) >> 5;
  value = (int32_t)(uint32_t)((value + (int64_t)piece[1] * 32) * fraction);
  return (int16_t)(((value + (1 << 14)) >> 15) + piece[0]);
}

void swl_signal_gain(const uint32_t *input, const uint32_t *noise, const int16_t *gains, size_t count, int32_t shift,
                     uint32_t *output) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t gain = (uint32_t)gain_for(noise[i], gains);
    const uint32_t ratio = (uint32_t)(((uint64_t)input[i] * gain) >> shift);
    output[i] = ratio < 2u << 12 ? (ratio * ratio) >> 20 : (ratio >> 6) - 64;
  }
}

/// ln(x) for x above 1, in 16 fraction bits.
static uint32_t natural_log(uint32_t x, const uint16_t *table) {
  const uint32_t whole = (uint32_t)bit_count(x) - 1;
  const uint32_t rest = x - ((uint32_t)1 << whole);
  const int32_t fraction = (int32_t)(whole < 16 ? rest << (16 - whole) : rest >> (whole - 16));
  const int32_t segment = fraction >> 9;
  const int32_t slope = (int32_t)table[segment + 1] - table[segment];
  const int32_t correction = table[segment] + ((slope * (fraction - segment * 512)) >> 16);
  const uint32_t log2 = (whole << 16) + (uint32_t)(fraction + correction);
  return (uint32_t)(((uint64_t)45426 * log2 + 32768) >> 16); // ln(2) in 16 fraction bits
}

void swl_signal_log(const uint32_t *input, size_t count, int32_t shift, uint32_t scale, const uint16_t *table,
                    int16_t *output) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t x = input[i] << shift;
    const uint32_t value = x > 1 ? (scale * natural_log(x, table) + 32768) >> 16 : 0;
    output[i] = (int16_t)(value < INT16_MAX ? value : INT16_MAX);
  }
}
