// a * b + c of floats, rounded once.
#ifndef FUSED_H
#define FUSED_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

/// fmaf, on x86-64 without the instruction by arithmetic of double: the product is exact there, and a sum whose last
/// bit says whether anything was lost rounds to the right float (Boldo and Melquiond, "Emulation of FMA and correctly
/// rounded sums: proved algorithms using rounding to odd", 2008).
static inline float swl_fused_f32(float a, float b, float c) {
#if defined(__x86_64__) && !defined(__FMA__)
  const double product = (double)a * b, addend = c, sum = product + addend;
  const double added = sum - product;
  const double lost = (product - (sum - added)) + (addend - added);
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  if ((lost > 0 || lost < 0) && (bits & 1) == 0) {
    bits += (lost > 0) == (sum > 0) ? 1 : -(uint64_t)1;
    double odd;
    memcpy(&odd, &bits, sizeof odd);
    return (float)odd;
  }
  return (float)sum;
#else
  return fmaf(a, b, c);
#endif
}

#endif
