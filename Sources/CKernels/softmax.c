#include "elementwise_isa.h"
#include "softmax_fixed_point.h"
#include "softmax_math.h"
#include "swl_softmax.h"
#include <float.h>

enum { SOFTMAX_LANES = 16, SOFTMAX_MANY = 4 * SOFTMAX_LANES, SOFTMAX_BYTES = 256 };

/// Halves the lanes until one is left, `expression` of lanes l and l + width.
#define FOLD_LANES(expression)                                                                                         \
  FOLD_TO(8, expression) FOLD_TO(4, expression) FOLD_TO(2, expression) FOLD_TO(1, expression)
#define FOLD_TO(count, expression)                                                                                     \
  for (size_t l = 0, width = count; l < width; l++)                                                                    \
    lane[l] = expression;

/// 1 / sum with 0 integer bits, where `sum` >= 1 has 12 integer bits; the result still has to be divided by 2^bits.
static int32_t reciprocal(int32_t sum, int32_t *bits) {
  const int headroom = __builtin_clz((uint32_t)sum);
  *bits = 12 - headroom;
  return swl_one_over_one_plus((int32_t)(((uint32_t)sum << headroom) - (UINT32_C(1) << 31)));
}

#define ISA_BODY "softmax_variant.inc"
#include "elementwise_isa.inc"

void swl_f32_softmax(swl_isa isa, const float *input, float *output, size_t rows, size_t depth, float beta) {
  typedef void (*function)(const float *, float *, size_t, float);
  static const function variants[] = ELEMENTWISE_VARIANTS(f32_softmax_row);
  const function row = variants[elementwise_variant(isa)];
  for (size_t r = 0; r < rows; r++)
    row(input + r * depth, output + r * depth, depth, beta);
}

void swl_softmax_prepare(swl_softmax_table *table, swl_multiplier multiplier, int32_t farthest) {
  for (int32_t distance = 0; distance < 256; distance++) {
    const int32_t scaled =
        swl_doubling_high_mul(swl_saturating_shift_left(-distance, multiplier.shift), multiplier.multiplier);
    table->exponential[distance] = distance <= farthest ? swl_exp_negative_q5(scaled) : 0;
  }
}

typedef void (*byte_row)(const int32_t *table, const uint8_t *input, uint8_t *output, size_t depth, uint8_t flip);

static void softmax_bytes(swl_isa isa, const swl_softmax_table *table, const uint8_t *input, uint8_t *output,
                          size_t rows, size_t depth, uint8_t flip) {
  static const byte_row variants[] = ELEMENTWISE_VARIANTS(byte_softmax_row);
  const byte_row row = variants[elementwise_variant(isa)];
  for (size_t r = 0; r < rows; r++)
    row(table->exponential, input + r * depth, output + r * depth, depth, flip);
}

void swl_i8_softmax(swl_isa isa, const swl_softmax_table *table, const int8_t *input, int8_t *output, size_t rows,
                    size_t depth) {
  softmax_bytes(isa, table, (const uint8_t *)input, (uint8_t *)output, rows, depth, 0x80);
}

void swl_u8_softmax(swl_isa isa, const swl_softmax_table *table, const uint8_t *input, uint8_t *output, size_t rows,
                    size_t depth) {
  softmax_bytes(isa, table, input, output, rows, depth, 0);
}

/// exp(x) for -10 <= x <= 0 to about 1e-13: the Taylor series of exp(x / 1024), squared ten times.
static double exp_of(double x) {
  const double r = x / 1024;
  double value = 1 + r * (1 + r / 2 * (1 + r / 3 * (1 + r / 4 * (1 + r / 5))));
  for (int i = 0; i < 10; i++)
    value *= value;
  return value;
}

static double reciprocal_of(double x) { return 1 / (1 + x); }

static double rounded(double x) { return x < 0 ? -(double)(int64_t)(0.5 - x) : (double)(int64_t)(x + 0.5); }

static void fill_table16(int16_t *table, double (*of)(double), double first, double last) {
  const double step = (last - first) / 512, one = 32768;
  for (int i = 0; i < 512; i++) {
    const double x = first + i * step, value = rounded(of(x) * one);
    const double middle = rounded((of(x + step) * one + value) / 2);
    const double bias = rounded((middle - rounded(of(x + step / 2) * one)) / 2);
    table[i] = (int16_t)swl_clamp_i32((int32_t)(value - bias), INT16_MIN, INT16_MAX);
  }
  table[512] = (int16_t)swl_clamp_i32((int32_t)rounded(of(last) * one), INT16_MIN, INT16_MAX);
}

void swl_softmax_prepare16(swl_softmax_table16 *table) {
  fill_table16(table->exponential, exp_of, -10, 0);
  fill_table16(table->reciprocal, reciprocal_of, 0, 1);
}

/// The table of 512 intervals at `x`, -32768...32767: linear between the ends of an interval.
static int32_t look_up(const int16_t *table, int32_t x) {
  const int32_t position = x + 32768, index = position >> 7, offset = position & 127;
  const int32_t delta = (table[index + 1] - table[index]) * offset;
  return table[index] + ((delta + 64) >> 7);
}

void swl_i16_softmax(const swl_softmax_table16 *table, swl_multiplier multiplier, const int16_t *input, int16_t *output,
                     size_t rows, size_t depth) {
  for (size_t r = 0; r < rows; r++, input += depth, output += depth) {
    int32_t largest = INT16_MIN;
    for (size_t c = 0; c < depth; c++)
      largest = input[c] > largest ? input[c] : largest;
    int64_t wide_sum = 0;
    for (size_t c = 0; c < depth; c++) {
      const int32_t scaled = swl_multiply_double_rounding(input[c] - largest, multiplier);
      const int32_t exponential =
          look_up(table->exponential, swl_clamp_i32(swl_saturate_i32((int64_t)scaled + 32767), -32768, 32767));
      output[c] = (int16_t)exponential;
      wide_sum += exponential;
    }
    const int32_t sum = swl_saturate_i32(wide_sum);
    const int32_t headroom = __builtin_clz((uint32_t)sum);
    const int32_t shifted = (int32_t)((((int64_t)sum << (headroom - 1)) + (1 << 13)) >> 14);
    const int32_t scale = look_up(table->reciprocal, swl_clamp_i32(shifted - (1 << 15) - (1 << 16), -32768, 32767));
    const int32_t right = 31 - headroom;
    for (size_t c = 0; c < depth; c++) {
      const int64_t product = (int64_t)output[c] * scale + ((int64_t)1 << (right - 1));
      output[c] = (int16_t)swl_clamp_i32(swl_saturate_i32(product >> right), 0, 32767);
    }
  }
}
