// The two loops of every reduction, by element, accumulator and way of combining.
//
// name_rows combines `count` neighbouring elements of each of `positions`, `stride` apart, with as many accumulators;
// name_runs combines each of `runs` contiguous runs, `stride` apart, with one accumulator, in 16 lanes that are then
// combined pairwise; of few elements the other lanes would not matter. The first call for accumulators sets them.
#ifndef REDUCE_BODY_H
#define REDUCE_BODY_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef void (*reduce_loop)(const void *input, size_t stride, size_t number, void *into, size_t count, bool is_first);

typedef struct reduce_kernel {
  reduce_loop rows, runs;
  unsigned char element_bytes, sum_bytes;
} reduce_kernel;

/// Accumulators that are kept in registers, and lanes of a run.
enum { WIDE = 64, LANES = 16 };

#define ADD(a, b) ((a) + (b))
#define ADD_WRAPPING(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define MAX(a, b) ((a) < (b) ? (b) : (a))
#define MIN(a, b) ((b) < (a) ? (b) : (a))
#define MUL(a, b) ((a) * (b))
#define MUL_I32(a, b) ((int32_t)((uint32_t)(a) * (uint32_t)(b)))
#define MUL_I64(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))

#define FEW _Pragma("clang loop vectorize(disable) unroll(disable)") for
#define PART static inline __attribute__((always_inline))

#define REDUCE_ROWS(name, type, sum, neutral, combine)                                                                 \
  PART void VARIANT(name##_part)(const type *input, size_t stride, size_t positions, sum *into, size_t count,          \
                                 bool is_first) {                                                                      \
    sum total[WIDE];                                                                                                   \
    for (size_t i = 0; i < count; i++)                                                                                 \
      total[i] = is_first ? neutral : into[i];                                                                         \
    for (size_t p = 0; p < positions; p++, input += stride)                                                            \
      for (size_t i = 0; i < count; i++)                                                                               \
        total[i] = (sum)combine(total[i], (sum)input[i]);                                                              \
    for (size_t i = 0; i < count; i++)                                                                                 \
      into[i] = total[i];                                                                                              \
  }

/// Whole parts have a constant count, so that their accumulators stay in registers.
#define REDUCE_IN_PARTS(name, type, sum)                                                                               \
  static void VARIANT(name##_rows)(const void *elements, size_t stride, size_t positions, void *totals, size_t count,  \
                                   bool is_first) {                                                                    \
    const type *input = elements;                                                                                      \
    sum *into = totals;                                                                                                \
    for (size_t first = 0, width; first < count; first += width) {                                                     \
      width = count - first < WIDE ? count - first : WIDE;                                                             \
      if (!VARIANT_FOR_SIZE && width == WIDE)                                                                          \
        VARIANT(name##_part)(input + first, stride, positions, into + first, WIDE, is_first);                          \
      else if (!VARIANT_FOR_SIZE && width >= LANES)                                                                    \
        VARIANT(name##_part)(input + first, stride, positions, into + first, width = LANES, is_first);                 \
      else                                                                                                             \
        VARIANT(name##_part)(input + first, stride, positions, into + first, width, is_first);                         \
    }                                                                                                                  \
  }

/// A lane of a vector in registers: one that is written to memory in pieces is slow to read.
#define LANE(l)                                                                                                        \
  case l + 1:                                                                                                          \
    next[l] = input[i + l];                                                                                            \
    __attribute__((fallthrough))
#define THREE_LANES(l)                                                                                                 \
  LANE(l + 2);                                                                                                         \
  LANE(l + 1);                                                                                                         \
  LANE(l)

/// Of what is the same in any order and with elements repeated, the last lanes may overlap those before.
#define REDUCE_LANES(name, type, neutral, combine, may_overlap)                                                        \
  typedef type VARIANT(name##_lanes) __attribute__((ext_vector_type(LANES)));                                          \
  PART type VARIANT(name##_few)(const type *input, size_t count) {                                                     \
    const type a = count > 0 ? (type)combine(neutral, input[0]) : neutral;                                             \
    const type b = count > 1 ? (type)combine(neutral, input[1]) : neutral;                                             \
    const type c = count > 2 ? (type)combine(neutral, input[2]) : neutral;                                             \
    const type d = count > 3 ? (type)combine(neutral, input[3]) : neutral;                                             \
    const type even = (type)combine(a, c), odd = (type)combine(b, d);                                                  \
    return (type)combine(even, odd);                                                                                   \
  }                                                                                                                    \
  PART type VARIANT(name##_run)(const type *input, size_t count) {                                                     \
    VARIANT(name##_lanes) lane = neutral, next;                                                                        \
    size_t i = 0;                                                                                                      \
    for (; count - i >= LANES; i += LANES) {                                                                           \
      memcpy(&next, input + i, sizeof next);                                                                           \
      lane = combine(lane, next);                                                                                      \
    }                                                                                                                  \
    if (may_overlap && i == 0) {                                                                                       \
      type total = neutral;                                                                                            \
      FEW(; i < count; i++) total = combine(total, input[i]);                                                          \
      return total;                                                                                                    \
    }                                                                                                                  \
    if (may_overlap && i < count) {                                                                                    \
      memcpy(&next, input + count - LANES, sizeof next);                                                               \
      lane = combine(lane, next);                                                                                      \
    } else if (i < count) {                                                                                            \
      next = neutral;                                                                                                  \
      switch (count - i) {                                                                                             \
        THREE_LANES(12);                                                                                               \
        THREE_LANES(9);                                                                                                \
        THREE_LANES(6);                                                                                                \
        THREE_LANES(3);                                                                                                \
        THREE_LANES(0);                                                                                                \
      default:;                                                                                                        \
      }                                                                                                                \
      lane = combine(lane, next);                                                                                      \
    }                                                                                                                  \
    const __auto_type eight = combine(lane.lo, lane.hi);                                                               \
    const __auto_type four = combine(eight.lo, eight.hi);                                                              \
    const __auto_type two = combine(four.lo, four.hi);                                                                 \
    return (type)combine(two.lo, two.hi);                                                                              \
  }                                                                                                                    \
  static void VARIANT(name##_runs)(const void *elements, size_t stride, size_t runs, void *totals, size_t count,       \
                                   bool is_first) {                                                                    \
    const type *input = elements;                                                                                      \
    type *into = totals;                                                                                               \
    for (size_t r = 0; r < runs; r++, input += stride) {                                                               \
      const type run = count <= 4 ? VARIANT(name##_few)(input, count) : VARIANT(name##_run)(input, count);             \
      into[r] = (type)combine(is_first ? neutral : into[r], run);                                                      \
    }                                                                                                                  \
  }

/// Runs of what is the same in any order.
#define REDUCE_RUNS(name, type, sum, neutral, combine)                                                                 \
  static void VARIANT(name##_runs)(const void *elements, size_t stride, size_t runs, void *totals, size_t count,       \
                                   bool is_first) {                                                                    \
    const type *input = elements;                                                                                      \
    sum *into = totals;                                                                                                \
    for (size_t r = 0; r < runs; r++, input += stride) {                                                               \
      sum total = is_first ? neutral : into[r];                                                                        \
      for (size_t i = 0; i < count; i++)                                                                               \
        total = (sum)combine(total, (sum)input[i]);                                                                    \
      into[r] = total;                                                                                                 \
    }                                                                                                                  \
  }

#define REDUCE_KERNEL(name, type, sum)                                                                                 \
  static const reduce_kernel VARIANT(name)[1] = {                                                                      \
      {VARIANT(name##_rows), VARIANT(name##_runs), sizeof(type), sizeof(sum)}};

#define REDUCE(name, type, neutral, combine, may_overlap)                                                              \
  REDUCE_ROWS(name, type, type, neutral, combine)                                                                      \
  REDUCE_IN_PARTS(name, type, type)                                                                                    \
  REDUCE_LANES(name, type, neutral, combine, may_overlap)                                                              \
  REDUCE_KERNEL(name, type, type)

#define REDUCE_INTEGERS(name, type, sum, neutral, combine)                                                             \
  REDUCE_ROWS(name, type, sum, neutral, combine)                                                                       \
  REDUCE_IN_PARTS(name, type, sum)                                                                                     \
  REDUCE_RUNS(name, type, sum, neutral, combine)                                                                       \
  REDUCE_KERNEL(name, type, sum)

#endif
