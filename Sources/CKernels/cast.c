#include "elementwise_math.h"
#include "f32_half.h"
#include "swl_unary.h"

#pragma STDC FP_CONTRACT OFF

/// Truncated and saturated; NaN gives the maximum. `lowest` and `limit`, one past the highest, are exact doubles.
#define SATURATED(T, x, lowest, limit, highest) ((x) < (limit) ? ((x) > (lowest) ? (T)(x) : (T)(lowest)) : (highest))

/// The nearest half-precision number, ties to even; the payload of a NaN is kept as far as it fits.
static uint16_t half_of(float x) {
  const uint32_t bits = swl_f32_bits(x), magnitude = bits & 0x7fffffffu;
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000u);
  if (magnitude > 0x7f800000u)
    return (uint16_t)(sign | 0x7e00u | (magnitude >> 13 & 0x3ffu));
  if (magnitude >= 0x477ff000u)
    return sign | 0x7c00u;
  if (magnitude < 0x38800000u) {
    // Below the normal range an addition moves the last bit to 2^-24 and rounds.
    const uint32_t moved = swl_f32_bits(swl_f32_from_bits(magnitude) + 0.5f);
    return (uint16_t)(sign | (moved - 0x3f000000u));
  }
  const uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u);
  return (uint16_t)(sign | ((rounded - 0x38000000u) >> 13));
}

#define FROM_REAL(name, T, load)                                                                                       \
  static void name##_to(swl_cast_type to, const T *input, void *output, size_t count) {                                \
    for (size_t i = 0; i < count; i++) {                                                                               \
      const double x = load(input[i]);                                                                                 \
      switch (to) {                                                                                                    \
      case SWL_CAST_F32:                                                                                               \
        ((float *)output)[i] = (float)x;                                                                               \
        break;                                                                                                         \
      case SWL_CAST_F64:                                                                                               \
        ((double *)output)[i] = x;                                                                                     \
        break;                                                                                                         \
      case SWL_CAST_F16:                                                                                               \
        ((uint16_t *)output)[i] = half_of((float)x);                                                                   \
        break;                                                                                                         \
      case SWL_CAST_BOOL:                                                                                              \
        ((uint8_t *)output)[i] = x != 0;                                                                               \
        break;                                                                                                         \
      case SWL_CAST_I8:                                                                                                \
        ((int8_t *)output)[i] = SATURATED(int8_t, x, -128.0, 128.0, INT8_MAX);                                         \
        break;                                                                                                         \
      case SWL_CAST_U8:                                                                                                \
        ((uint8_t *)output)[i] = SATURATED(uint8_t, x, 0.0, 256.0, UINT8_MAX);                                         \
        break;                                                                                                         \
      case SWL_CAST_I16:                                                                                               \
        ((int16_t *)output)[i] = SATURATED(int16_t, x, -32768.0, 32768.0, INT16_MAX);                                  \
        break;                                                                                                         \
      case SWL_CAST_U16:                                                                                               \
        ((uint16_t *)output)[i] = SATURATED(uint16_t, x, 0.0, 65536.0, UINT16_MAX);                                    \
        break;                                                                                                         \
      case SWL_CAST_I32:                                                                                               \
        ((int32_t *)output)[i] = SATURATED(int32_t, x, -0x1p31, 0x1p31, INT32_MAX);                                    \
        break;                                                                                                         \
      case SWL_CAST_U32:                                                                                               \
        ((uint32_t *)output)[i] = SATURATED(uint32_t, x, 0.0, 0x1p32, UINT32_MAX);                                     \
        break;                                                                                                         \
      default:                                                                                                         \
        ((int64_t *)output)[i] = SATURATED(int64_t, x, -0x1p63, 0x1p63, INT64_MAX);                                    \
      }                                                                                                                \
    }                                                                                                                  \
  }

FROM_REAL(f32, float, (double))
FROM_REAL(f64, double, )
FROM_REAL(f16, uint16_t, (double)swl_f16_widen)

/// One loop for each pair of integer types would be a hundred; the switch inside costs little beside the memory.
#define FROM_INTEGER(name, T)                                                                                          \
  static void name##_to(swl_cast_type to, const T *input, void *output, size_t count) {                                \
    for (size_t i = 0; i < count; i++) {                                                                               \
      const T x = input[i];                                                                                            \
      switch (to) {                                                                                                    \
      case SWL_CAST_F32:                                                                                               \
        ((float *)output)[i] = (float)x;                                                                               \
        break;                                                                                                         \
      case SWL_CAST_F64:                                                                                               \
        ((double *)output)[i] = (double)x;                                                                             \
        break;                                                                                                         \
      case SWL_CAST_F16:                                                                                               \
        ((uint16_t *)output)[i] = half_of((float)x);                                                                   \
        break;                                                                                                         \
      case SWL_CAST_BOOL:                                                                                              \
        ((uint8_t *)output)[i] = x != 0;                                                                               \
        break;                                                                                                         \
      case SWL_CAST_I8:                                                                                                \
      case SWL_CAST_U8:                                                                                                \
        ((uint8_t *)output)[i] = (uint8_t)x;                                                                           \
        break;                                                                                                         \
      case SWL_CAST_I16:                                                                                               \
      case SWL_CAST_U16:                                                                                               \
        ((uint16_t *)output)[i] = (uint16_t)x;                                                                         \
        break;                                                                                                         \
      case SWL_CAST_I32:                                                                                               \
      case SWL_CAST_U32:                                                                                               \
        ((uint32_t *)output)[i] = (uint32_t)x;                                                                         \
        break;                                                                                                         \
      default:                                                                                                         \
        ((int64_t *)output)[i] = (int64_t)x;                                                                           \
      }                                                                                                                \
    }                                                                                                                  \
  }

FROM_INTEGER(bool, uint8_t)
FROM_INTEGER(i8, int8_t)
FROM_INTEGER(u8, uint8_t)
FROM_INTEGER(i16, int16_t)
FROM_INTEGER(u16, uint16_t)
FROM_INTEGER(i32, int32_t)
FROM_INTEGER(u32, uint32_t)
FROM_INTEGER(i64, int64_t)

void swl_cast(swl_cast_type from, swl_cast_type to, const void *input, void *output, size_t count) {
  switch (from) {
  case SWL_CAST_F32:
    f32_to(to, input, output, count);
    break;
  case SWL_CAST_F16:
    f16_to(to, input, output, count);
    break;
  case SWL_CAST_F64:
    f64_to(to, input, output, count);
    break;
  case SWL_CAST_BOOL:
    bool_to(to, input, output, count);
    break;
  case SWL_CAST_I8:
    i8_to(to, input, output, count);
    break;
  case SWL_CAST_U8:
    u8_to(to, input, output, count);
    break;
  case SWL_CAST_I16:
    i16_to(to, input, output, count);
    break;
  case SWL_CAST_U16:
    u16_to(to, input, output, count);
    break;
  case SWL_CAST_I32:
    i32_to(to, input, output, count);
    break;
  case SWL_CAST_U32:
    u32_to(to, input, output, count);
    break;
  default:
    i64_to(to, input, output, count);
  }
}
