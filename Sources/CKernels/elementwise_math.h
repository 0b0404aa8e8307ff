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
  // v = n * ln 2 + r; adding this leaves n + 254 in the low bits.
  const float rounder = 0x1.8p23f + 254.0f, shifted = v * 1.44269504f + rounder, n = shifted - rounder;
  const float r = (v - n * 0x1.62e4p-1f) - n * 1.42860677e-6f;
  const float p = swl_expm1_near_zero_f32(r) + 1.0f;
  // 2^n in two factors, so that results below the normal range are rounded like any other.
  const uint32_t first = (swl_f32_bits(shifted) << 22) & 0x7f800000u;
  const uint32_t second = (swl_f32_bits(shifted) << 23) - first;
  return p * swl_f32_from_bits(first) * swl_f32_from_bits(second);
}

/// 1 / (1 + exp(-x)).
static inline float swl_logistic_f32(float x) {
  const float low = x < -104.0f ? -104.0f : x;
  const float v = low > 18.0f ? 18.0f : low;
  // -v = n * ln 2 - r; adding this leaves n - 64, with an exponent's bias, in the low bits.
  const float rounder = 0x1.8p23f + 63.0f, shifted = v * -1.44269504f + rounder, n = shifted - rounder;
  const float r = (v + n * 0x1.62e4p-1f) + n * 1.42860677e-6f, z = r * r;
  // exp(-r) = (c - r) / (c + r) with c = r * coth(r / 2), fitted within 6e-10 of the result for |r| <= ln 2 / 2.
  const float c = (z * -0x1.6a8abcp-9f + 0x1.555514p-3f) * z + 2.0f;
  const float above = (c + r) * 0x1p-64f;
  return above / (above + (c - r) * swl_f32_from_bits(swl_f32_bits(shifted) << 23));
}

/// exp(x) - 1 for x <= 0 as the sum of `rest` and `power` - 1; NaN stays.
typedef struct swl_expm1 {
  float rest, power;
} swl_expm1;

static inline swl_expm1 swl_expm1_negative_f32(float x) {
  const float v = x < -24.0f ? -24.0f : x;
  // v = n * ln 2 + r, to what counts beside -1; adding this leaves n, with an exponent's bias, in the low bits.
  const float rounder = 0x1.8p23f + 127.0f, shifted = v * 1.44269504f + rounder;
  const float p = swl_expm1_near_zero_f32(v - (shifted - rounder) * 0x1.62e430p-1f);
  const float power = swl_f32_from_bits(swl_f32_bits(shifted) << 23);
  return (swl_expm1){p * power, power};
}

/// (exp(-2 |x|) - 1) / (exp(-2 |x|) + 1) with the sign of x.
static inline float swl_tanh_f32(float x) {
  const float half = swl_f32_from_bits(swl_f32_bits(x) | 0x80000000u);
  const swl_expm1 e = swl_expm1_negative_f32(half + half);
  return swl_copysign_f32((e.rest + (e.power - 1.0f)) / (e.rest + (e.power + 1.0f)), x);
}

/// The natural logarithm; -infinity of 0, NaN of negative numbers.
static inline float swl_log_f32(float x) {
  const int is_small = x < 0x1p-126f;
  const uint32_t normal = swl_f32_bits(is_small ? x * 0x1p23f : x);
  // x = (1 + f) * 2^e with 1 + f in sqrt(1/2)...sqrt(2); what is added to a float's bits for 2^e is e * 2^23.
  const uint32_t moved = (normal - 0x3f3504f3u) & 0xff800000u;
  const float f = swl_f32_from_bits(normal - moved) - 1.0f;
  const float e = (float)(int32_t)(is_small ? moved - (23u << 23) : moved); // times 2^23
  // log(1 + f) = 2 * atanh(s) = f - (h - s * (h + p(s^2))) with s = f / (2 + f) and h = f^2 / 2, p fitted within 1e-9
  // of the result.
  const float s = f / (f + 2.0f), h = 0.5f * f * f, z = s * s;
  const float p = ((z * 0x1.31e0dep-2f + 0x1.995ed0p-2f) * z + 0x1.55557ap-1f) * z;
  const float result = e * 0x1.62e4p-24f - ((h - (s * (h + p) + e * 0x1.7f7d1cp-43f)) - f);
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

/// An angle less the nearest multiple of pi: -pi/2...pi/2, and whether that multiple is odd, in the highest bit.
typedef struct swl_angle {
  float rest;
  uint32_t sign;
} swl_angle;

/// Below this swl_small_angle serves.
static inline int swl_is_small_angle(float x) { return swl_abs_f32(x) < 65536.0f; }

/// For `shift` 1 of x + pi / 2.
static inline swl_angle swl_small_angle(float x, int32_t shift) {
  const float half = shift ? 0.5f : 0;
  const float shifted = (x * 0x1.45f306p-2f + half) + 0x1.8p23f;
  const double n = (shifted - 0x1.8p23f) - half;
  return (swl_angle){(float)(((double)x - n * 0x1.921fb544p+1) - n * 0x1.0b4611a626331p-33), swl_f32_bits(shifted)
                                                                                                 << 31};
}

static inline swl_angle swl_large_angle(float x, int32_t shift) {
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
    const uint32_t shift_left = (uint32_t)position & 31u;
    const uint64_t left = word >= 0 ? two_over_pi[word] : 0;
    const uint64_t right = word + 1 >= 0 ? two_over_pi[word + 1] : 0;
    words[i] = (uint32_t)(((left << 32 | right) << shift_left) >> 32);
  }
  const uint64_t fixed = m * ((uint64_t)words[0] << 32 | words[1]) + ((m * words[2]) >> 32);
  const uint64_t turned = shift ? fixed + 0x4000000000000000u : fixed;
  const uint64_t nearest = (turned + 0x4000000000000000u) & 0x8000000000000000u;
  const float rest = (float)((double)(int64_t)(turned - nearest) * 0x1p-62 * 1.5707963267948966);
  return (swl_angle){x < 0 && !shift ? -rest : rest, (uint32_t)(nearest >> 32)};
}

/// The sine: r + r^3 p(r^2), fitted within 1.4e-8 of the result and to round to 1 at pi / 2.
static inline float swl_sine_of_angle(swl_angle angle) {
  const float r = angle.rest, z = r * r;
  float p = 0x1.5d833ap-19f;
  p = p * z + -0x1.9f6bbep-13f;
  p = p * z + 0x1.110ec2p-7f;
  p = p * z + -0x1.55554cp-3f;
  return swl_f32_from_bits(swl_f32_bits(p * z * r + r) ^ angle.sign);
}

/// The sine, or for `shift` 1 the cosine, of an angle below 65536, for loops that vectorise.
static inline float swl_small_sine_f32(float x, int32_t shift) { return swl_sine_of_angle(swl_small_angle(x, shift)); }

/// The same of any float; NaN of infinities.
static inline float swl_sine_f32(float x, int32_t shift) {
  if ((swl_f32_bits(x) & 0x7f800000u) == 0x7f800000u)
    return swl_f32_from_bits(0x7fc00000u);
  return swl_sine_of_angle(swl_is_small_angle(x) ? swl_small_angle(x, shift) : swl_large_angle(x, shift));
}

/// C's powf, without branches and inlined, so that loops over it vectorise.
static inline __attribute__((always_inline)) float swl_pow_f32(float x, float y) {
  const float magnitude = swl_abs_f32(x), whole = swl_trunc_f32(y), half = y * 0.5f;
  const float nan = swl_f32_from_bits(0x7fc00000u), infinity = swl_f32_from_bits(0x7f800000u);
  const int is_whole = whole == y;
  const int has_no_root = (x < 0) & !is_whole & (magnitude < infinity);
  const int is_nan = (x != x) | (y != y), is_one = (y == 0) | (x == 1);
  const int is_odd = is_whole & (swl_abs_f32(y) < 0x1p24f) & (swl_trunc_f32(half) != half);
  const float power = (float)swl_exp_f64((double)y * swl_log_f64(magnitude));
  float result = magnitude == 1 ? 1.0f : power;
  result = is_odd ? swl_copysign_f32(result, x) : result;
  result = has_no_root ? nan : result;
  result = is_nan ? x + y : result;
  return is_one ? 1.0f : result;
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
  const swl_expm1 below = swl_expm1_negative_f32(x);
  return x < 0 ? below.rest + (below.power - 1.0f) : x;
}

/// x * Phi(x) with the normal distribution Phi. Phi - 1/2 is a ratio of an odd and an even polynomial fitted within
/// 6e-9. Up to the limit, where it comes out as 1/2, it is not above; with the rounding of its terms the function is
/// within |x| * 2.4e-7.
static inline float swl_gelu_f32(float x) {
  const float limit = 0x1.4d6a54p+2f, low = x < -limit ? -limit : x;
  const float m = low > limit ? limit : low, z = m * m;
  float n = 0x1.3af3ccp-6f;
  n = n * z + 0x1.4e9350p+2f;
  n = n * z + 0x1.0e2294p+7f;
  n = n * z + 0x1.dddb5ep+11f;
  n = n * z + 0x1.ac9bc8p+14f;
  n = n * z + 0x1.403b7ep+18f;
  float d = z + 0x1.dc1614p+5f;
  d = d * z + 0x1.7e01a8p+10f;
  d = d * z + 0x1.6c799cp+14f;
  d = d * z + 0x1.91dcbcp+17f;
  d = d * z + 0x1.915a12p+19f;
  return x * (m * n / d + 0.5f);
}

/// The form with tanh: x * logistic(2 * sqrt(2 / pi) * (x + 0.044715 * x^3)), fitted in the same way, within
/// |x| * 2.6e-7.
static inline float swl_gelu_tanh_f32(float x) {
  const float limit = 0x1.36cc90p+2f, low = x < -limit ? -limit : x;
  const float m = low > limit ? limit : low, z = m * m;
  float n = 0x1.251f60p-6f;
  n = n * z + 0x1.5d0586p+2f;
  n = n * z + 0x1.a8338cp+6f;
  n = n * z + 0x1.677d40p+11f;
  n = n * z + 0x1.7b4206p+14f;
  n = n * z + 0x1.3529b6p+18f;
  float d = z + 0x1.dc0f36p+5f;
  d = d * z + 0x1.0134d0p+10f;
  d = d * z + 0x1.2e9facp+14f;
  d = d * z + 0x1.7a6e42p+17f;
  d = d * z + 0x1.837a6ep+19f;
  return x * (m * n / d + 0.5f);
}

/// x * clamp(x + 3, 0, 6) / 6.
static inline float swl_hard_swish_f32(float x) {
  const float shifted = x + 3.0f;
  const float raised = shifted < 0 ? 0 : shifted;
  return x * ((raised > 6.0f ? 6.0f : raised) * 0x1.555556p-3f);
}

#endif
