// The two loops of every reduction, by element, accumulator and way of combining.
//
// name_rows combines `count` neighbouring elements of one position of the reduced axes with as many accumulators;
// name_run combines a contiguous run with one accumulator, in 16 lanes that are then combined pairwise; of few elements
// the other lanes would not matter.
#ifndef REDUCE_BODY_H
#define REDUCE_BODY_H

#include <float.h>
#include <stddef.h>
#include <stdint.h>

#define LANES 16

#define ADD(a, b) ((a) + (b))
#define ADD_WRAPPING(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define MAX(a, b) ((a) < (b) ? (b) : (a))
#define MIN(a, b) ((b) < (a) ? (b) : (a))
#define MUL(a, b) ((a) * (b))
#define MUL_I32(a, b) ((int32_t)((uint32_t)(a) * (uint32_t)(b)))
#define MUL_I64(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))

#define REDUCE(name, type, sum, neutral, combine)                                                                      \
  static void VARIANT(name##_rows)(const type *input, sum *into, size_t count) {                                       \
    for (size_t i = 0; i < count; i++)                                                                                 \
      into[i] = (sum)combine(into[i], (sum)input[i]);                                                                  \
  }                                                                                                                    \
  static sum VARIANT(name##_run)(const type *input, sum start, size_t count) {                                         \
    if (count <= 4) {                                                                                                  \
      sum few[4] = {neutral, neutral, neutral, neutral};                                                               \
      for (size_t l = 0; l < count; l++)                                                                               \
        few[l] = (sum)combine(few[l], (sum)input[l]);                                                                  \
      const sum even = (sum)combine(few[0], few[2]), odd = (sum)combine(few[1], few[3]);                               \
      return (sum)combine(start, (sum)combine(even, odd));                                                             \
    }                                                                                                                  \
    sum lane[LANES];                                                                                                   \
    for (size_t l = 0; l < LANES; l++)                                                                                 \
      lane[l] = neutral;                                                                                               \
    size_t i = 0;                                                                                                      \
    for (; count - i >= LANES; i += LANES)                                                                             \
      for (size_t l = 0; l < LANES; l++)                                                                               \
        lane[l] = (sum)combine(lane[l], (sum)input[i + l]);                                                            \
    for (size_t l = 0; i + l < count; l++)                                                                             \
      lane[l] = (sum)combine(lane[l], (sum)input[i + l]);                                                              \
    for (size_t width = LANES / 2; width > 0; width /= 2)                                                              \
      for (size_t l = 0; l < width; l++)                                                                               \
        lane[l] = (sum)combine(lane[l], lane[l + width]);                                                              \
    return (sum)combine(start, lane[0]);                                                                               \
  }

#endif
