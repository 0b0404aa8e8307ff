// The functions of libm that code for SSE2 and Swift's rounding call, under names of our own: loading libm would take a
// small model a tenth of the time until its first result. Exact, with the sign of zero kept, as C11 annex F says.
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

#define ROUNDING(type, suffix, copysign, fabs, whole)                                                                  \
  /* To the nearest, ties to even. Numbers of at least `whole` have no fraction; NaN becomes quiet. */                 \
  static type nearest##suffix(type x) {                                                                                \
    if (!(fabs(x) < whole))                                                                                            \
      return x + 0;                                                                                                    \
    const type shift = copysign(whole, x);                                                                             \
    volatile type shifted = x + shift;                                                                                 \
    return copysign(shifted - shift, x);                                                                               \
  }                                                                                                                    \
  type swl_floor##suffix(type x) {                                                                                     \
    const type near = nearest##suffix(x);                                                                              \
    return near > x ? copysign(near - 1, x) : near;                                                                    \
  }                                                                                                                    \
  type swl_ceil##suffix(type x) {                                                                                      \
    const type near = nearest##suffix(x);                                                                              \
    return near < x ? copysign(near + 1, x) : near;                                                                    \
  }                                                                                                                    \
  type swl_trunc##suffix(type x) { return copysign(swl_floor##suffix(fabs(x)), x); }                                   \
  type swl_rint##suffix(type x) { return nearest##suffix(x); }                                                         \
  /* Ties away from zero. */                                                                                           \
  type swl_round##suffix(type x) {                                                                                     \
    const type low = swl_trunc##suffix(x);                                                                             \
    return fabs(x - low) >= (type)0.5 ? low + copysign((type)1, x) : low;                                              \
  }

ROUNDING(float, f, __builtin_copysignf, __builtin_fabsf, 0x1p23f)
ROUNDING(double, , __builtin_copysign, __builtin_fabs, 0x1p52)

float swl_sqrtf(float x) { return __builtin_sqrtf(x); }
double swl_sqrt(double x) { return __builtin_sqrt(x); }
