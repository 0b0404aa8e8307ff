// Words of 32 bits of rows that lie apart, side by side: how tiles want weights.
#ifndef TRANSPOSE_WORDS_H
#define TRANSPOSE_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t swl_four_words __attribute__((vector_size(16)));

static inline swl_four_words swl_load_words(const uint8_t *from, uint32_t flip) {
  swl_four_words words;
  memcpy(&words, from, sizeof words);
  return words ^ (swl_four_words) { flip, flip, flip, flip };
}

/// Four words of each of four rows, whose starts are `row` bytes apart. Bits set in `flip` are turned over. Of the
/// results, which are `column` bytes apart, each has one word of every row.
static inline void swl_transpose_words(const uint8_t *from, size_t row, uint32_t flip, uint8_t *to, size_t column) {
  const swl_four_words a = swl_load_words(from, flip), b = swl_load_words(from + row, flip),
                       c = swl_load_words(from + 2 * row, flip), d = swl_load_words(from + 3 * row, flip);
  const swl_four_words ac_low = __builtin_shufflevector(a, c, 0, 4, 1, 5),
                       ac_high = __builtin_shufflevector(a, c, 2, 6, 3, 7),
                       bd_low = __builtin_shufflevector(b, d, 0, 4, 1, 5),
                       bd_high = __builtin_shufflevector(b, d, 2, 6, 3, 7);
  const swl_four_words columns[4] = {
      __builtin_shufflevector(ac_low, bd_low, 0, 4, 1, 5), __builtin_shufflevector(ac_low, bd_low, 2, 6, 3, 7),
      __builtin_shufflevector(ac_high, bd_high, 0, 4, 1, 5), __builtin_shufflevector(ac_high, bd_high, 2, 6, 3, 7)};
  for (int i = 0; i < 4; i++)
    memcpy(to + (size_t)i * column, &columns[i], sizeof columns[i]);
}

#endif
