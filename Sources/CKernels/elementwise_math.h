// Elementary functions that give the same bits on every machine: additions, multiplications, divisions and bit
// manipulation only, no contraction, no C library. Round to nearest is assumed.
//
// The functions of float that inner loops call are computed in float, within 2.5 units in the last place (GELU of the
// argument, see there); the others in double from series of more than 40 good bits, which after rounding are within 1
// unit. Special values follow C11 annex F.
#ifndef ELEMENTWISE_MATH_H
#define ELEMENTWISE_MATH_H

#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

static inline uint32_t swl_f32_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float swl_f32_from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint64_t swl_f64_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double swl_f64_from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline float swl_abs_f32(float x) { return swl_f32_from_bits(swl_f32_bits(x) & 0x7fffffffu); }

static inline float swl_copysign_f32(float magnitude, float sign) {
  return swl_f32_from_bits((swl_f32_bits(magnitude) & 0x7fffffffu) | (swl_f32_bits(sign) & 0x80000000u));
}

/// Correctly rounded, as IEEE 754 demands of every implementation.
static inline float swl_sqrt_f32(float x) { return __builtin_elementwise_sqrt(x); }

// MARK: Rounding. From 2^23 on every float is an integer.

static inline float swl_trunc_f32(float x) {
  const float magnitude = swl_abs_f32(x);
  const float within = magnitude < 0x1p23f ? x : 0;
  return magnitude < 0x1p23f ? swl_copysign_f32((float)(int32_t)within, x) : x;
}

static inline float swl_floor_f32(float x) {
  const float whole = swl_trunc_f32(x);
  return whole > x ? whole - 1 : whole;
}

static inline float swl_ceil_f32(float x) {
  const float whole = swl_trunc_f32(x);
  return whole < x ? swl_copysign_f32(whole + 1, x) : whole;
}

/// Ties to even.
static inline float swl_round_even_f32(float x) {
  const float magnitude = swl_abs_f32(x);
  return magnitude < 0x1p23f ? swl_copysign_f32((magnitude + 0x1p23f) - 0x1p23f, x) : x;
}

/// Ties away from zero.
static inline float swl_round_away_f32(float x) {
  const float whole = swl_trunc_f32(x);
  return swl_abs_f32(x - whole) >= 0.5f ? whole + swl_copysign_f32(1, x) : whole;
}

/// C's fmodf, exactly: the remainder of the quotient truncated, with the sign of `x`.
static inline float swl_remainder_f32(float x, float y) {
  const uint32_t x_bits = swl_f32_bits(x) & 0x7fffffffu, y_bits = swl_f32_bits(y) & 0x7fffffffu;
  if (x_bits >= 0x7f800000u || y_bits > 0x7f800000u || y_bits == 0)
    return swl_f32_from_bits(0x7fc00000u);
  if (x_bits < y_bits)
    return x;
  // |x| = a * 2^ea and |y| = b * 2^eb in integers, ea >= eb.
  const int32_t ea = (x_bits >> 23) ? (int32_t)(x_bits >> 23) : 1, eb = (y_bits >> 23) ? (int32_t)(y_bits >> 23) : 1;
  uint64_t a = (x_bits & 0x7fffffu) | (x_bits >> 23 ? 0x800000u : 0);
  const uint64_t b = (y_bits & 0x7fffffu) | (y_bits >> 23 ? 0x800000u : 0);
  a %= b;
  for (int32_t left = ea - eb; left > 0; left -= 40)
    a = (a << (left < 40 ? left : 40)) % b;
  // a * 2^(eb - 150) is representable; its factors are split so that each is normal.
  const int32_t half = (eb - 150) / 2;
  const float first = swl_f32_from_bits((uint32_t)(half + 127) << 23);
  const float second = swl_f32_from_bits((uint32_t)(eb - 150 - half + 127) << 23);
  return swl_copysign_f32((float)(int32_t)a * first * second, x);
}

// MARK: Float

/// exp(r) - 1 for |r| <= ln 2 / 2.
static inline float swl_expm1_near_zero_f32(float r) {
  float p = 1.3934544986e-3f;
  p = p * r + 8.363776840e-3f;
  p = p * r + 4.166645557e-2f;
  p = p * r + 1.6666573286e-1f;
  p = p * r + 0.5f;
  return p * (r * r) + r;
}

/// The exponential; 0 below -104, infinity above 89.
static inline float swl_exp_f32(float x) {
  const float low = x < -104.0f ? -104.0f : x;
  const float v = low > 89.0f ? 89.0f : low;
  // v = n * ln 2 + r; adding 1.5 * 2^23 leaves n in the low bits.
  const float shifted = v * 1.44269504f + 0x1.8p23f;
  const float n = shifted - 0x1.8p23f;
  const float r = (v - n * 0x1.62e4p-1f) - n * 1.42860677e-6f;
  const float p = swl_expm1_near_zero_f32(r) + 1.0f;
  // 2^n in two factors, so that results below the normal range are rounded like any other.
  const int32_t exponent = (int32_t)(swl_f32_bits(shifted) & 0x3ffu) - ((swl_f32_bits(shifted) & 0x200u) ? 0x400 : 0);
  const int32_t half = exponent >> 1;
  const float first = swl_f32_from_bits((uint32_t)(half + 127) << 23);
  const float second = swl_f32_from_bits((uint32_t)(exponent - half + 127) << 23);
  return p * first * second;
}

/// 1 / (1 + exp(-x)).
static inline float swl_logistic_f32(float x) {
  const float e = swl_exp_f32(-swl_abs_f32(x));
  const float numerator = x < 0 ? e : 1.0f;
  return x != x ? x : numerator / (1.0f + e);
}

/// exp(x) - 1 for x <= 0; NaN stays.
static inline float swl_expm1_negative_f32(float x) {
  const float v = x < -24.0f ? -24.0f : x;
  const float shifted = v * 1.44269504f + 0x1.8p23f;
  const float n = shifted - 0x1.8p23f;
  const float p = swl_expm1_near_zero_f32((v - n * 0x1.62e4p-1f) - n * 1.42860677e-6f);
  const float power = swl_f32_from_bits((swl_f32_bits(shifted) + 127u) << 23);
  return p * power + (power - 1.0f);
}

static inline float swl_tanh_f32(float x) {
  const float magnitude = swl_abs_f32(x);
  const float e = swl_expm1_negative_f32(-(magnitude + magnitude));
  return swl_copysign_f32(e / (e + 2.0f), x);
}

/// The natural logarithm; -infinity of 0, NaN of negative numbers.
static inline float swl_log_f32(float x) {
  const int is_small = x < 0x1p-126f;
  const float normal = is_small ? x * 0x1p23f : x;
  // normal = m * 2^e with m in sqrt(1/2)...sqrt(2).
  const uint32_t moved = swl_f32_bits(normal) - 0x3f3504f3u;
  const int32_t e = (int32_t)moved >> 23;
  const float f = swl_f32_from_bits((moved & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  const float z = f * f, power = (float)(is_small ? e - 23 : e);
  // log(1 + f) = f - f^2 / 2 + f^3 p(f), p fitted within 6e-9 of the result.
  float p = -0x1.38b51ep-4f;
  p = p * f + 0x1.055b58p-3f;
  p = p * f + -0x1.0d854cp-3f;
  p = p * f + 0x1.22da20p-3f;
  p = p * f + -0x1.547244p-3f;
  p = p * f + 0x1.99a008p-3f;
  p = p * f + -0x1.000226p-2f;
  p = p * f + 0x1.555554p-2f;
  const float log_m = f - (0.5f * z - f * z * p - power * 1.42860677e-6f);
  const float result = power * 0x1.62e4p-1f + log_m;
  const float infinity = swl_f32_from_bits(0x7f800000u);
  const float above_zero = x < infinity ? result : infinity;
  return x > 0 ? above_zero : x == 0 ? -infinity : swl_f32_from_bits(0x7fc00000u);
}

// MARK: Double, for arguments that are floats

/// The exponential. Below -110, where it vanishes as a float, it is that of -110; above 100, where it overflows, it is
/// infinite.
static inline double swl_exp_f64(double x) {
  const double low = x < -110.0 ? -110.0 : x;
  const double v = low > 100.0 ? 100.0 : low;
  const double shifted = v * 1.4426950408889634 + 0x1.8p52;
  const double n = shifted - 0x1.8p52;
  const double r = (v - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
  double p = 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * (r * r) + r;
  const uint64_t exponent = (swl_f64_bits(shifted) + 1023u) & 0x7ffu;
  const double scale = swl_f64_from_bits(exponent << 52);
  const double result = scale * p + scale;
  return x > 100.0 ? swl_f64_from_bits(0x7ff0000000000000u) : result;
}

/// The natural logarithm of a float; -infinity of 0, NaN of negative numbers.
static inline double swl_log_f64(float x) {
  const double value = x;
  const uint64_t bits = swl_f64_bits(value);
  // value = m * 2^e with m in sqrt(1/2)...sqrt(2).
  const uint64_t moved = bits - 0x3fe6a09e667f3bcdu;
  const int64_t e = (int64_t)moved >> 52;
  const double m = swl_f64_from_bits(bits - ((uint64_t)e << 52));
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;
  double p = 1.0 / 17.0;
  p = p * z + 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z + 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z + 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z + 1.0 / 3.0;
  const double log_m = 2.0 * s + 2.0 * s * (z * p);
  const double result = log_m + (double)(int32_t)e * 0.6931471805599453;
  const double nan = swl_f64_from_bits(0x7ff8000000000000u), infinity = swl_f64_from_bits(0x7ff0000000000000u);
  return x > 0 ? (value < infinity ? result : infinity) : x == 0 ? -infinity : nan;
}

/// An angle as the nearest multiple of pi / 2, modulo 4, and the rest in -pi/4...pi/4.
typedef struct swl_angle {
  double rest;
  int32_t quadrant;
} swl_angle;

/// Below this swl_small_angle serves.
static inline int swl_is_small_angle(float x) { return swl_abs_f32(x) < 65536.0f; }

static inline swl_angle swl_small_angle(float x) {
  const double n = ((double)x * 0.6366197723675814 + 0x1.8p52) - 0x1.8p52;
  return (swl_angle){(((double)x - n * 0x1.921fb544p+0) - n * 0x1.0b4611a6p-34) - n * 0x1.3198a2e037073p-69,
                     (int32_t)n & 3};
}

static inline swl_angle swl_large_angle(float x) {
  const uint32_t bits = swl_f32_bits(x) & 0x7fffffffu;
  // After Payne and Hanek: |x| = m * 2^e; the product of m with the bits of 2 / pi that matter modulo 4, in fixed point
  // with 62 bits of fraction.
  static const uint32_t two_over_pi[] = {0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0,
                                         0xDB629599, 0x3C439041, 0xFE5163AB, 0xDEBBC561};
  const uint32_t e = (bits >> 23) - 150; // modulo 2^32; -7...104 in truth
  const uint64_t m = (bits & 0x7fffffu) | 0x800000u;
  const int32_t first = (int32_t)e - 2; // position of the bit with weight 2^1, counting from 0 after the point
  uint32_t words[3];
  for (int32_t i = 0; i < 3; i++) {
    const int32_t position = first + 32 * i;
    const int32_t word = position >> 5;
    const uint32_t shift = (uint32_t)position & 31u;
    const uint64_t left = word >= 0 ? two_over_pi[word] : 0;
    const uint64_t right = word + 1 >= 0 ? two_over_pi[word + 1] : 0;
    words[i] = (uint32_t)(((left << 32 | right) << shift) >> 32);
  }
  const uint64_t fixed = m * ((uint64_t)words[0] << 32 | words[1]) + ((m * words[2]) >> 32);
  const uint64_t nearest = (fixed + 0x2000000000000000u) >> 62;
  const double fraction = (double)(int64_t)(fixed - (nearest << 62)) * 0x1p-62 * 1.5707963267948966;
  const int32_t negative = x < 0;
  return (swl_angle){negative ? -fraction : fraction, (int32_t)(negative ? (4 - nearest) & 3 : nearest)};
}

/// The cosine of an angle in -pi/4...pi/4 with the square `z`.
static inline double swl_cosine_near_zero(double z) {
  double p = -1.0 / 87178291200.0;
  p = p * z + 1.0 / 479001600.0;
  p = p * z + -1.0 / 3628800.0;
  p = p * z + 1.0 / 40320.0;
  p = p * z + -1.0 / 720.0;
  p = p * z + 1.0 / 24.0;
  p = p * z + -0.5;
  return p * z + 1.0;
}

/// The sine of such an angle `r`.
static inline double swl_sine_near_zero(double r, double z) {
  double p = 1.0 / 6227020800.0;
  p = p * z + -1.0 / 39916800.0;
  p = p * z + 1.0 / 362880.0;
  p = p * z + -1.0 / 5040.0;
  p = p * z + 1.0 / 120.0;
  p = p * z + -1.0 / 6.0;
  return p * z * r + r;
}

/// The sine, or for `shift` 1 the cosine, of an angle below 65536, for loops that vectorise.
static inline float swl_small_sine_f32(float x, int32_t shift) {
  const swl_angle angle = swl_small_angle(x);
  const double z = angle.rest * angle.rest;
  const double even = swl_cosine_near_zero(z), odd = swl_sine_near_zero(angle.rest, z);
  const int32_t quadrant = angle.quadrant + shift;
  const float value = (float)(quadrant & 1 ? even : odd);
  return quadrant & 2 ? -value : value;
}

/// The same of any float; NaN of infinities.
static inline float swl_sine_f32(float x, int32_t shift) {
  if ((swl_f32_bits(x) & 0x7f800000u) == 0x7f800000u)
    return swl_f32_from_bits(0x7fc00000u);
  const swl_angle angle = swl_is_small_angle(x) ? swl_small_angle(x) : swl_large_angle(x);
  const double r = angle.rest, z = r * r;
  const int32_t quadrant = angle.quadrant + shift;
  const float value = (float)(quadrant & 1 ? swl_cosine_near_zero(z) : swl_sine_near_zero(r, z));
  return quadrant & 2 ? -value : value;
}

/// C's powf.
static inline float swl_pow_f32(float x, float y) {
  const float magnitude = swl_abs_f32(x);
  if (y == 0 || x == 1)
    return 1;
  if (x != x || y != y)
    return x + y;
  const float whole = swl_trunc_f32(y);
  const int is_odd = whole == y && swl_abs_f32(y) < 0x1p24f && swl_trunc_f32(y * 0.5f) != y * 0.5f;
  if (magnitude == 1)
    return is_odd || (whole != y) ? (whole != y ? swl_f32_from_bits(0x7fc00000u) : x) : 1;
  if (x < 0 && whole != y && swl_f32_bits(magnitude) < 0x7f800000u)
    return swl_f32_from_bits(0x7fc00000u);
  const float result = (float)swl_exp_f64((double)y * swl_log_f64(magnitude));
  return is_odd ? swl_copysign_f32(result, x) : result;
}

/// The arc tangent of a value in 0...1.
static inline double swl_atan_unit_f64(double t) {
  const int is_large = t > 0.4142135623730951;
  const double s = is_large ? (t - 1.0) / (t + 1.0) : t;
  const double z = s * s;
  double p = 0;
  for (int k = 18; k >= 0; k--)
    p = (k % 2 ? -1.0 : 1.0) / (double)(2 * k + 1) + p * z;
  return p * s + (is_large ? 0.7853981633974483 : 0.0);
}

/// C's atan2f.
static inline float swl_atan2_f32(float y, float x) {
  if (x != x || y != y)
    return x + y;
  const double ax = swl_abs_f32(x), ay = swl_abs_f32(y);
  const int is_negative = (swl_f32_bits(x) >> 31) != 0;
  double angle;
  if (ax == ay)
    angle = ax == 0 ? 0 : 0.7853981633974483;
  else if (ax > ay)
    angle = swl_atan_unit_f64(ay / ax);
  else
    angle = 1.5707963267948966 - swl_atan_unit_f64(ax / ay);
  return swl_copysign_f32((float)(is_negative ? 3.141592653589793 - angle : angle), y);
}

// MARK: Activations

/// x for x > 0, else exp(x) - 1.
static inline float swl_elu_f32(float x) {
  const float below = swl_expm1_negative_f32(x);
  return x < 0 ? below : x;
}

/// x times a probability that is `x * n / d` away from a half: from 0 at -infinity to 1 at infinity.
static inline float swl_times_probability_f32(float x, float magnitude, float n, float d) {
  const float ratio = magnitude * n / d;
  const float distance = ratio > 0.5f ? 0.5f : ratio;
  return x * (x < 0 ? 0.5f - distance : 0.5f + distance);
}

/// x * Phi(x) with the normal distribution Phi. Phi - 1/2 is a ratio of polynomials fitted for 0...5.4, where it
/// reaches 6e-9; with the rounding of its terms the function is within |x| * 2.4e-7.
static inline float swl_gelu_f32(float x) {
  const float magnitude = swl_abs_f32(x), m = magnitude > 5.4f ? 5.4f : magnitude, z = m * m;
  float n = 0x1.91c88cp-26f;
  n = n * z + 0x1.aacfeap-18f;
  n = n * z + 0x1.589a42p-13f;
  n = n * z + 0x1.30cc18p-8f;
  n = n * z + 0x1.116228p-5f;
  n = n * z + 0x1.988450p-2f;
  float d = 0x1.4693a8p-20f;
  d = d * z + 0x1.2faa3ep-14f;
  d = d * z + 0x1.e7513ep-10f;
  d = d * z + 0x1.d0f44ap-6f;
  d = d * z + 0x1.00532cp-2f;
  d = d * z + 1.0f;
  return swl_times_probability_f32(x, m, n, d);
}

/// The form with tanh: x * logistic(2 * sqrt(2 / pi) * (x + 0.044715 * x^3)), fitted in the same way for 0...5, within
/// |x| * 2.6e-7.
static inline float swl_gelu_tanh_f32(float x) {
  const float magnitude = swl_abs_f32(x), m = magnitude > 5.0f ? 5.0f : magnitude, z = m * m;
  float n = 0x1.83531ep-26f;
  n = n * z + 0x1.cd2fc4p-18f;
  n = n * z + 0x1.184368p-13f;
  n = n * z + 0x1.db0452p-9f;
  n = n * z + 0x1.f52370p-6f;
  n = n * z + 0x1.988456p-2f;
  float d = 0x1.524568p-20f;
  d = d * z + 0x1.3a866ep-14f;
  d = d * z + 0x1.53dd32p-10f;
  d = d * z + 0x1.8fe06ap-6f;
  d = d * z + 0x1.f40b8ap-3f;
  d = d * z + 1.0f;
  return swl_times_probability_f32(x, m, n, d);
}

/// x * clamp(x + 3, 0, 6) / 6.
static inline float swl_hard_swish_f32(float x) {
  const float shifted = x + 3.0f;
  const float raised = shifted < 0 ? 0 : shifted;
  return x * (raised > 6.0f ? 6.0f : raised) / 6.0f;
}

#endif
