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

/// Bytes whose sum fits 16 bits.
enum { MOST_BYTES = 257 };

#define ADD(a, b) ((a) + (b))
#define ADD_WRAPPING(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define MAX(a, b) ((a) < (b) ? (b) : (a))
#define MIN(a, b) ((b) < (a) ? (b) : (a))
#define MUL(a, b) ((a) * (b))
#define MUL_I32(a, b) ((int32_t)((uint32_t)(a) * (uint32_t)(b)))
#define MUL_I64(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))

/// Whether there are vectors, and whether they are worth some code.
#if defined(__SSE2__) || defined(__ARM_NEON)
#define HAS_VECTORS true
#else
#define HAS_VECTORS false
#endif
#define HAS_LONG_VECTORS (HAS_VECTORS && !VARIANT_FOR_SIZE)

#define FEW _Pragma("clang loop vectorize(disable) unroll(disable)") for
#define PART static inline __attribute__((always_inline))

#define REDUCE_ROWS(name, type, sum, neutral, combine)                                                                 \
  PART void VARIANT(name##_part)(const type *input, size_t stride, size_t positions, sum *into, size_t count,          \
                                 bool is_first) {                                                                      \
    sum total[WIDE];                                                                                                   \
    FEW(size_t i = 0; i < count; i++)                                                                                  \
    total[i] = is_first ? neutral : into[i];                                                                           \
    for (size_t p = 0; p < positions; p++, input += stride)                                                            \
      FEW(size_t i = 0; i < count; i++)                                                                                \
    total[i] = (sum)combine(total[i], (sum)input[i]);                                                                  \
    FEW(size_t i = 0; i < count; i++)                                                                                  \
    into[i] = total[i];                                                                                                \
  }

/// The same for a constant count: the accumulators stay in registers.
#define REDUCE_VECTOR(name, type, neutral, combine, count)                                                             \
  typedef type VARIANT(name##_vector_##count) __attribute__((ext_vector_type(count)));                                 \
  PART void VARIANT(name##_part_##count)(const type *input, size_t stride, size_t positions, type *into,               \
                                         bool is_first) {                                                              \
    VARIANT(name##_vector_##count) total = neutral, next;                                                              \
    if (!is_first)                                                                                                     \
      memcpy(&total, into, sizeof total);                                                                              \
    for (size_t p = 0; p < positions; p++, input += stride) {                                                          \
      memcpy(&next, input, sizeof next);                                                                               \
      total = combine(total, next);                                                                                    \
    }                                                                                                                  \
    memcpy(into, &total, sizeof total);                                                                                \
  }

/// `Vectors` are the calls for constant counts.
#define REDUCE_IN_PARTS(name, type, sum, Vectors)                                                                      \
  static void VARIANT(name##_rows)(const void *elements, size_t stride, size_t positions, void *totals, size_t count,  \
                                   bool is_first) {                                                                    \
    const type *input = elements;                                                                                      \
    sum *into = totals;                                                                                                \
    size_t first = 0;                                                                                                  \
    Vectors;                                                                                                           \
    for (size_t width; first < count; first += width) {                                                                \
      width = count - first < WIDE ? count - first : WIDE;                                                             \
      VARIANT(name##_part)(input + first, stride, positions, into + first, width, is_first);                           \
    }                                                                                                                  \
  }

#define NO_VECTORS (void)0
#define PARTS_OF(name, width, condition)                                                                               \
  for (; (condition) && count - first >= width; first += width)                                                        \
  VARIANT(name##_part_##width)(input + first, stride, positions, into + first, is_first)

/// A lane of a vector in registers: one that is written to memory in pieces is slow to read.
#define LANE(l)                                                                                                        \
  case l + 1:                                                                                                          \
    next[l] = input[i + l];                                                                                            \
    __attribute__((fallthrough))
#define THREE_LANES(l)                                                                                                 \
  LANE(l + 2);                                                                                                         \
  LANE(l + 1);                                                                                                         \
  LANE(l)

/// What vectors of four runs are combined of, so that each run is combined as name_run does it: halves of two runs of
/// 16 lanes, halves of two times two runs of 8, of four runs of 4.
#define LOW_EIGHTS(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define HIGH_EIGHTS(a, b) __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define LOW_FOURS(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define HIGH_FOURS(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)
#define LOW_TWOS(a) __builtin_shufflevector(a, a, 0, 1, 4, 5, 8, 9, 12, 13)
#define HIGH_TWOS(a) __builtin_shufflevector(a, a, 2, 3, 6, 7, 10, 11, 14, 15)

/// Of what is the same in any order and with elements repeated, the last lanes may overlap those before.
#define REDUCE_LANES(name, type, neutral, combine, may_overlap)                                                        \
  typedef type VARIANT(name##_lanes) __attribute__((ext_vector_type(LANES)));                                          \
  typedef type VARIANT(name##_four_lanes) __attribute__((ext_vector_type(4)));                                         \
  typedef type VARIANT(name##_eight) __attribute__((ext_vector_type(8)));                                              \
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
  PART void VARIANT(name##_four_runs)(const type *input, size_t stride, type *into, size_t count, bool is_first) {     \
    VARIANT(name##_lanes) a = neutral, b = neutral, c = neutral, d = neutral, next;                                    \
    for (size_t i = 0; i < count; i += LANES, input += LANES) {                                                        \
      memcpy(&next, input, sizeof next);                                                                               \
      a = combine(a, next);                                                                                            \
      memcpy(&next, input + stride, sizeof next);                                                                      \
      b = combine(b, next);                                                                                            \
      memcpy(&next, input + 2 * stride, sizeof next);                                                                  \
      c = combine(c, next);                                                                                            \
      memcpy(&next, input + 3 * stride, sizeof next);                                                                  \
      d = combine(d, next);                                                                                            \
    }                                                                                                                  \
    const __auto_type eights_ab = combine(LOW_EIGHTS(a, b), HIGH_EIGHTS(a, b));                                        \
    const __auto_type eights_cd = combine(LOW_EIGHTS(c, d), HIGH_EIGHTS(c, d));                                        \
    const __auto_type fours = combine(LOW_FOURS(eights_ab, eights_cd), HIGH_FOURS(eights_ab, eights_cd));              \
    VARIANT(name##_eight) low = LOW_TWOS(fours), high = HIGH_TWOS(fours), twos = combine(low, high);                   \
    VARIANT(name##_four_lanes) totals = neutral;                                                                       \
    if (!is_first)                                                                                                     \
      memcpy(&totals, into, sizeof totals);                                                                            \
    totals = combine(totals, combine(twos.even, twos.odd));                                                            \
    memcpy(into, &totals, sizeof totals);                                                                              \
  }                                                                                                                    \
  static void VARIANT(name##_runs)(const void *elements, size_t stride, size_t runs, void *totals, size_t count,       \
                                   bool is_first) {                                                                    \
    const type *input = elements;                                                                                      \
    type *into = totals;                                                                                               \
    size_t r = 0;                                                                                                      \
    for (; HAS_LONG_VECTORS && runs - r >= 4 && count % LANES == 0; r += 4, input += 4 * stride)                       \
      VARIANT(name##_four_runs)(input, stride, into + r, count, is_first);                                             \
    for (; r < runs; r++, input += stride) {                                                                           \
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
  REDUCE_VECTOR(name, type, neutral, combine, 64)                                                                      \
  REDUCE_VECTOR(name, type, neutral, combine, 16)                                                                      \
  REDUCE_VECTOR(name, type, neutral, combine, 4)                                                                       \
  REDUCE_IN_PARTS(name, type, type, PARTS_OF(name, 64, HAS_LONG_VECTORS); PARTS_OF(name, 16, HAS_VECTORS);             \
                  PARTS_OF(name, 4, HAS_LONG_VECTORS))                                                                 \
  REDUCE_LANES(name, type, neutral, combine, may_overlap)                                                              \
  REDUCE_KERNEL(name, type, type)

#define REDUCE_INTEGERS(name, type, sum, neutral, combine)                                                             \
  REDUCE_ROWS(name, type, sum, neutral, combine)                                                                       \
  REDUCE_IN_PARTS(name, type, sum, NO_VECTORS)                                                                         \
  REDUCE_RUNS(name, type, sum, neutral, combine)                                                                       \
  REDUCE_KERNEL(name, type, sum)

#endif
