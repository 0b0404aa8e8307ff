#include "elementwise_broadcast.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

swl_broadcast swl_broadcast_make(size_t rank, size_t operands, const size_t *dimensions) {
  swl_broadcast result = {0};
  size_t products[SWL_MAXIMUM_OPERANDS] = {1, 1, 1};
  unsigned previous = ~0u;
  for (size_t d = rank; d-- > 0;) {
    size_t count = 1;
    for (size_t k = 0; k < operands; k++)
      if (dimensions[k * rank + d] != 1)
        count = dimensions[k * rank + d];
    if (count == 1)
      continue;
    unsigned repeats = 0;
    for (size_t k = 0; k < operands; k++)
      repeats |= (unsigned)(dimensions[k * rank + d] == 1) << k;
    if (result.rank > 0 && repeats == previous)
      result.counts[result.rank - 1] *= count;
    else {
      for (size_t k = 0; k < operands; k++)
        result.strides[k][result.rank] = repeats >> k & 1 ? 0 : products[k];
      result.counts[result.rank++] = count;
    }
    previous = repeats;
    for (size_t k = 0; k < operands; k++)
      products[k] *= dimensions[k * rank + d];
  }
  if (result.rank == 0) {
    result.rank = 1;
    result.counts[0] = 1;
    for (size_t k = 0; k < operands; k++)
      result.strides[k][0] = 1;
  }
  return result;
}

/// Filling a tile word by word takes time that a row of some thousand elements does not pay back.
enum { TILE_BYTES = 4096, WORD_TILE_BYTES = 1024 };

typedef struct walk_state {
  const swl_broadcast *shape;
  binary_row row;
  binary_sizes sizes;
  const void *params;
} walk_state;

static inline size_t size_of_operand(const walk_state *state, size_t k) {
  return k == 0 ? state->sizes.a : state->sizes.b;
}

/// Fills a tile with `copies` of `bytes` bytes.
static void fill_tile(unsigned char *tile, const unsigned char *source, size_t bytes, size_t copies) {
  if (bytes == 1) {
    memset(tile, *source, copies);
    return;
  }
  uint32_t word;
  if (bytes == sizeof word) {
    memcpy(&word, source, sizeof word);
    for (size_t i = 0; i < copies; i++)
      memcpy(tile + i * sizeof word, &word, sizeof word);
    return;
  }
  memcpy(tile, source, bytes);
  for (size_t filled = 1; filled < copies;) {
    const size_t more = copies - filled < filled ? copies - filled : filled;
    memcpy(tile + filled * bytes, tile, more * bytes);
    filled += more;
  }
}

/// `count` groups of `width` elements of which operand `repeated` has one for all: as many at a time as fit a tile that
/// holds copies of it.
static void walk_repeated(const walk_state *state, size_t repeated, size_t width, const unsigned char *a,
                          const unsigned char *b, unsigned char *output, size_t count) {
  _Alignas(64) unsigned char tile[TILE_BYTES];
  const unsigned char *source = repeated == 0 ? a : b;
  const size_t bytes = width * size_of_operand(state, repeated);
  const size_t fitting = (bytes == sizeof(uint32_t) ? WORD_TILE_BYTES : TILE_BYTES) / bytes;
  const size_t copies = fitting < count ? fitting : count;
  fill_tile(tile, source, bytes, copies);
  for (size_t i = 0; i < count; i += copies) {
    const size_t first = i * width;
    const size_t elements = (count - i < copies ? count - i : copies) * width;
    state->row(state->params, repeated == 0 ? tile : a + first * state->sizes.a,
               repeated == 1 ? tile : b + first * state->sizes.b, output + first * state->sizes.output, elements);
  }
}

/// `count` rows of `width` elements of which one operand has one element for each, copied into a tile, and operand
/// `row` all elements, or one row for all, which is copied into a tile too.
static void walk_crossed(const walk_state *state, size_t row, size_t width, const unsigned char *a,
                         const unsigned char *b, unsigned char *output, size_t count) {
  _Alignas(64) unsigned char copied[TILE_BYTES], elements[TILE_BYTES];
  const unsigned char *source = row == 0 ? b : a, *rows = row == 0 ? a : b;
  const size_t element = size_of_operand(state, 1 - row), bytes = width * size_of_operand(state, row);
  const size_t fitting = TILE_BYTES / (width * element > bytes ? width * element : bytes);
  const size_t copies = fitting < count ? fitting : count;
  const bool repeats = state->shape->strides[row][1] == 0;
  if (repeats) {
    fill_tile(copied, rows, bytes, copies);
    rows = copied;
  }
  for (size_t i = 0; i < count; i += copies) {
    const size_t here = count - i < copies ? count - i : copies;
    for (size_t r = 0; r < here; r++, source += element)
      fill_tile(elements + r * width * element, source, element, width);
    state->row(state->params, row == 0 ? rows : elements, row == 1 ? rows : elements,
               output + i * width * state->sizes.output, here * width);
    if (!repeats)
      rows += here * bytes;
  }
}

/// The operand that repeats one element along a row; 2 when both advance.
static inline size_t repeated_element(const swl_broadcast *shape) {
  return shape->strides[0][0] == 0 ? 0 : shape->strides[1][0] == 0 ? 1 : 2;
}

/// The operand that repeats one row, short enough to be copied into a tile, while the other lies densely; 2 when none.
static inline size_t repeated_row(const walk_state *state) {
  const swl_broadcast *shape = state->shape;
  for (size_t k = 0; k < 2; k++) {
    const size_t *own = shape->strides[k], *other = shape->strides[1 - k];
    if (own[0] == 1 && own[1] == 0 && other[0] == 1 && other[1] == shape->counts[0] &&
        shape->counts[0] * size_of_operand(state, k) <= TILE_BYTES / 8)
      return k;
  }
  return 2;
}

/// The operand of short rows, dense or one repeated, while the other repeats one element along each; 2 when none.
static inline size_t crossed_row(const walk_state *state) {
  const swl_broadcast *shape = state->shape;
  for (size_t k = 0; k < 2; k++) {
    const size_t *own = shape->strides[k], *other = shape->strides[1 - k];
    const size_t bytes = shape->counts[0] * (state->sizes.a > state->sizes.b ? state->sizes.a : state->sizes.b);
    if (own[0] == 1 && (own[1] == 0 || own[1] == shape->counts[0]) && other[0] == 0 && other[1] == 1 &&
        bytes <= TILE_BYTES / 8)
      return k;
  }
  return 2;
}

/// Items `begin` up to `end` of dimension `dimension`; the pointers stand at its item 0.
static void walk(const walk_state *state, size_t dimension, const unsigned char *a, const unsigned char *b,
                 unsigned char *output, size_t begin, size_t end) {
  const swl_broadcast *shape = state->shape;
  size_t inner = 1;
  for (size_t d = 0; d < dimension; d++)
    inner *= shape->counts[d];
  const size_t a_step = shape->strides[0][dimension] * state->sizes.a;
  const size_t b_step = shape->strides[1][dimension] * state->sizes.b;
  const size_t output_step = inner * state->sizes.output;
  a += begin * a_step;
  b += begin * b_step;
  output += begin * output_step;
  if (dimension == 0) {
    const size_t repeated = repeated_element(shape);
    if (repeated == 2)
      state->row(state->params, a, b, output, end - begin);
    else
      walk_repeated(state, repeated, 1, a, b, output, end - begin);
    return;
  }
  const size_t repeated = dimension == 1 ? repeated_row(state) : 2;
  if (repeated != 2) {
    walk_repeated(state, repeated, shape->counts[0], a, b, output, end - begin);
    return;
  }
  const size_t crossed = dimension == 1 ? crossed_row(state) : 2;
  if (crossed != 2) {
    walk_crossed(state, crossed, shape->counts[0], a, b, output, end - begin);
    return;
  }
  for (size_t i = begin; i < end; i++, a += a_step, b += b_step, output += output_step)
    walk(state, dimension - 1, a, b, output, 0, shape->counts[dimension - 1]);
}

void elementwise_walk(const swl_broadcast *shape, binary_row row, binary_sizes sizes, const void *params, const void *a,
                      const void *b, void *output, size_t begin, size_t end) {
  const walk_state state = {shape, row, sizes, params};
  for (size_t d = 0; d < shape->rank; d++)
    if (shape->counts[d] == 0)
      return;
  if (begin < end)
    walk(&state, shape->rank - 1, a, b, output, begin, end);
}
