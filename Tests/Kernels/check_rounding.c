// The functions that stand in for libm's, beside libm's.
#include "../../Sources/CKernels/fused.h"
#include "../../Targets/support/rounding.c"
#include "check.h"

#include <math.h>
#include <stdio.h>

/// Differences in anything but the bits of NaN.
static bool differ(double found, double expected) {
  return isnan(found) ? !isnan(expected) : memcmp(&found, &expected, sizeof found) != 0;
}

static int report(const char *function, double x, double found, double expected) {
  if (!differ(found, expected))
    return 0;
  printf("%s of %a: %a, expected %a\n", function, x, found, expected);
  return 1;
}

static int check_whole(float x, double y) {
  return report("floorf", x, swl_floorf(x), floorf(x)) + report("ceilf", x, swl_ceilf(x), ceilf(x)) +
         report("truncf", x, swl_truncf(x), truncf(x)) + report("rintf", x, swl_rintf(x), rintf(x)) +
         report("roundf", x, swl_roundf(x), roundf(x)) + report("floor", y, swl_floor(y), floor(y)) +
         report("ceil", y, swl_ceil(y), ceil(y)) + report("trunc", y, swl_trunc(y), trunc(y)) +
         report("rint", y, swl_rint(y), rint(y)) + report("round", y, swl_round(y), round(y)) +
         report("sqrtf", fabsf(x), swl_sqrtf(fabsf(x)), sqrtf(fabsf(x)));
}

/// Any float, or one of an exponent in which fractions end.
static float any_float(random_source *source) {
  uint32_t bits = (uint32_t)next_random(source);
  if (bits & 1)
    bits = (bits & 0x807fffffu) | (uint32_t)between(source, 120, 152) << 23;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

int check_rounding(random_source *source, int rounds, uint64_t *digest) {
  static const float special[] = {0.0f, 0.5f, 1.5f, 2.5f, 0x1.fffffep-2f, 0x1p22f + 0.5f, 0x1p23f, INFINITY, NAN};
  int failures = 0;
  for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
    failures += check_whole(special[i], special[i]) + check_whole(-special[i], -(double)special[i]);
  failures += check_whole(0.25f, 0x1p51 + 0.5) + check_whole(0.75f, -0x1p52);
  for (int i = 0; i < rounds; i++) {
    const float a = any_float(source), b = any_float(source), c = any_float(source);
    failures += check_whole(a, (double)b * 0x1p20 + (double)c);
    // Sums that nearly cancel, and halfway cases: what is rounded twice shows there.
    const float near = -(a * b), half = b * 0x1p-24f, fused = swl_fused_f32(a, b, c);
    failures += report("fmaf", a, fused, fmaf(a, b, c));
    if (!isnan(fused))
      digest_bytes(digest, &fused, sizeof fused);
    failures += report("fmaf", a, swl_fused_f32(a, b, near), fmaf(a, b, near));
    failures += report("fmaf", a, swl_fused_f32(half, 1.0f + 0x1p-23f, b), fmaf(half, 1.0f + 0x1p-23f, b));
  }
  return failures;
}
