// The largest and smallest byte of a row, sixteen at a time.
#ifndef GATHER_ROW_LIMIT_H
#define GATHER_ROW_LIMIT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int8_t i8x16 __attribute__((vector_size(16)));

// `count` is at least 1. From 16 elements on, the last load overlaps the one before it.
#define DEFINE_ROW_LIMIT(NAME, TYPE, VECTOR, PICK, REDUCE, PRECEDES)                                                   \
  static inline TYPE NAME(const unsigned char *row, size_t count) {                                                    \
    if (count < 16) {                                                                                                  \
      TYPE best = (TYPE)row[0];                                                                                        \
      for (size_t i = 1; i < count; i++) {                                                                             \
        const TYPE value = (TYPE)row[i];                                                                               \
        best = value PRECEDES best ? value : best;                                                                     \
      }                                                                                                                \
      return best;                                                                                                     \
    }                                                                                                                  \
    VECTOR best, next;                                                                                                 \
    memcpy(&best, row, sizeof best);                                                                                   \
    for (size_t i = 16; i + 16 <= count; i += 16) {                                                                    \
      memcpy(&next, row + i, sizeof next);                                                                             \
      best = PICK(best, next);                                                                                         \
    }                                                                                                                  \
    memcpy(&next, row + count - 16, sizeof next);                                                                      \
    return REDUCE(PICK(best, next));                                                                                   \
  }

DEFINE_ROW_LIMIT(row_max_u8, uint8_t, u8x16, __builtin_elementwise_max, __builtin_reduce_max, >)
DEFINE_ROW_LIMIT(row_min_u8, uint8_t, u8x16, __builtin_elementwise_min, __builtin_reduce_min, <)
DEFINE_ROW_LIMIT(row_max_i8, int8_t, i8x16, __builtin_elementwise_max, __builtin_reduce_max, >)
DEFINE_ROW_LIMIT(row_min_i8, int8_t, i8x16, __builtin_elementwise_min, __builtin_reduce_min, <)

#endif
