#include "swl_copy.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef unsigned char byte;

/// Lines of the cache are fetched and written in pairs.
enum { LINE_BYTES = 128 };

static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }

// Runs of a constant size compile to a few moves, short ones are copied in pieces; longer ones are worth a call.
enum { PIECE = 32, SHORT = 256 };
#define RUNS(RUN)                                                                                                      \
  RUN(1) RUN(2) RUN(3) RUN(4) RUN(5) RUN(6) RUN(7) RUN(8) RUN(9) RUN(10) RUN(11) RUN(12) RUN(13) RUN(14) RUN(15) RUN(16)

/// At least half a piece; the last one ends with the run.
static inline void copy_pieces(const byte *source, byte *destination, size_t run) {
  if (run < PIECE) {
    memcpy(destination, source, PIECE / 2);
    memcpy(destination + run - PIECE / 2, source + run - PIECE / 2, PIECE / 2);
    return;
  }
  for (size_t i = 0; i + PIECE < run; i += PIECE)
    memcpy(destination + i, source + i, PIECE);
  memcpy(destination + run - PIECE, source + run - PIECE, PIECE);
}

static void copy_row(const byte *source, byte *destination, const swl_copy_axis *axis, size_t run) {
  const size_t count = axis->count;
  const ptrdiff_t from = axis->source_stride, to = axis->destination_stride;
  if (from == 0 && to == 1 && run == 1) {
    memset(destination, *source, count);
    return;
  }
  switch (run) {
#define RUN(SIZE)                                                                                                      \
  case SIZE:                                                                                                           \
    for (size_t i = 0; i < count; i++, source += from, destination += to)                                              \
      memcpy(destination, source, SIZE);                                                                               \
    return;
    RUNS(RUN)
#undef RUN
  default:
    if (run <= SHORT)
      for (size_t i = 0; i < count; i++, source += from, destination += to)
        copy_pieces(source, destination, run);
    else
      for (size_t i = 0; i < count; i++, source += from, destination += to)
        memcpy(destination, source, run);
  }
}

#if defined(__SSE2__) || defined(__ARM_NEON)
enum { VECTOR_BYTES = 16 };

/// Transposes `count` rows of as many elements as fill a vector, in blocks of as many rows; the last block ends with
/// the rows. Each step puts the rows of one half of a block between those of the other, element by element.
#define TRANSPOSE(T, COUNT, LOW, HIGH)                                                                                 \
  static void transpose_##T(const byte *source, ptrdiff_t from, byte *destination, ptrdiff_t to, size_t count) {       \
    typedef T vector __attribute__((vector_size(VECTOR_BYTES)));                                                       \
    vector rows[COUNT], mixed[COUNT];                                                                                  \
    for (size_t left = count; left > 0;) {                                                                             \
      const ptrdiff_t back = left < COUNT ? (ptrdiff_t)(COUNT - left) : 0;                                             \
      const byte *row = source - back * from;                                                                          \
      _Pragma("clang loop unroll(full)") for (size_t i = 0; i < COUNT; i++, row += from)                               \
          memcpy(&rows[i], row, sizeof rows[i]);                                                                       \
      _Pragma("clang loop unroll(full)") for (size_t step = 1; step < COUNT; step *= 2) {                              \
        _Pragma("clang loop unroll(full)") for (size_t i = 0; i < COUNT / 2; i++) {                                    \
          mixed[2 * i] = __builtin_shufflevector(rows[i], rows[i + COUNT / 2], LOW);                                   \
          mixed[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + COUNT / 2], HIGH);                              \
        }                                                                                                              \
        memcpy(rows, mixed, sizeof rows);                                                                              \
      }                                                                                                                \
      byte *column = destination - back * (ptrdiff_t)sizeof(T);                                                        \
      _Pragma("clang loop unroll(full)") for (size_t i = 0; i < COUNT; i++, column += to)                              \
          memcpy(column, &rows[i], sizeof rows[i]);                                                                    \
      source = row;                                                                                                    \
      destination += VECTOR_BYTES;                                                                                     \
      left -= left < COUNT ? left : COUNT;                                                                             \
    }                                                                                                                  \
  }
#define LIST(...) __VA_ARGS__
TRANSPOSE(uint8_t, 16, LIST(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
          LIST(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31))
TRANSPOSE(uint16_t, 8, LIST(0, 8, 1, 9, 2, 10, 3, 11), LIST(4, 12, 5, 13, 6, 14, 7, 15))
TRANSPOSE(uint32_t, 4, LIST(0, 4, 1, 5), LIST(2, 6, 3, 7))
TRANSPOSE(uint64_t, 2, LIST(0, 2), LIST(1, 3))
#undef LIST
#undef TRANSPOSE

/// Transposes elements of `run` bytes where both axes fill a vector at least, as many rows at a time as fill lines of
/// the cache: each line of the destination is written once.
static bool transpose_blocks(const byte *source, byte *destination, const swl_copy_axis *axes, size_t run) {
  static void (*const transposes[])(const byte *, ptrdiff_t, byte *, ptrdiff_t, size_t) = {
      [1] = transpose_uint8_t, [2] = transpose_uint16_t, [4] = transpose_uint32_t, [8] = transpose_uint64_t};
  if (run > 8 || !transposes[run])
    return false;
  const size_t block = VECTOR_BYTES / run, columns = axes[0].count, rows = axes[1].count;
  const ptrdiff_t from = axes[1].source_stride, to = axes[0].destination_stride;
  if (columns < block || rows < block)
    return false;
  for (size_t strip = 0; strip < rows; strip += LINE_BYTES / run) {
    const size_t row = least(strip, rows - block), count = least(LINE_BYTES / run, rows - row);
    for (size_t i = 0; i < columns; i += block) {
      const size_t column = least(i, columns - block);
      transposes[run](source + (ptrdiff_t)row * from + (ptrdiff_t)(column * run), from,
                      destination + (ptrdiff_t)column * to + (ptrdiff_t)(row * run), to, count);
    }
  }
  return true;
}
#else
static bool transpose_blocks(const byte *source, byte *destination, const swl_copy_axis *axes, size_t run) {
  (void)source, (void)destination, (void)axes, (void)run;
  return false;
}
#endif

enum { TILE = 32, FEW = 8 };

/// In tiles along the longer axis, square ones unless the other is short: both sides stay in the cache when rows of one
/// are columns of the other.
static void copy_tiled(const byte *source, byte *destination, const swl_copy_axis *axes, size_t run) {
  const bool is_tall = axes[1].count < axes[0].count;
  const swl_copy_axis outer = axes[is_tall], inner = axes[!is_tall];
  if (outer.count == 0)
    return;
  const size_t length = TILE * TILE / least(outer.count, TILE);
  for (size_t row = 0; row < outer.count; row += TILE) {
    const size_t rows = least(outer.count - row, TILE);
    for (size_t column = 0; column < inner.count; column += length) {
      const swl_copy_axis line = {least(inner.count - column, length), inner.source_stride, inner.destination_stride};
      const byte *from = source + (ptrdiff_t)row * outer.source_stride + (ptrdiff_t)column * line.source_stride;
      byte *to = destination + (ptrdiff_t)row * outer.destination_stride + (ptrdiff_t)column * line.destination_stride;
      for (size_t i = 0; i < rows; i++, from += outer.source_stride, to += outer.destination_stride)
        copy_row(from, to, &line, run);
    }
  }
}

static void copy_axes(const byte *source, byte *destination, const swl_copy_axis *axes, size_t rank, size_t run) {
  if (rank == 1) {
    copy_row(source, destination, axes, run);
    return;
  }
  if (rank == 2) {
    const bool crosses = axes[0].source_stride == (ptrdiff_t)run && axes[1].destination_stride == (ptrdiff_t)run;
    if (crosses && transpose_blocks(source, destination, axes, run))
      return;
    if ((crosses && run < LINE_BYTES) || (axes[1].count < FEW && axes[1].count < axes[0].count)) {
      copy_tiled(source, destination, axes, run);
      return;
    }
  }
  for (size_t i = 0; i < axes[0].count; i++) {
    copy_axes(source, destination, axes + 1, rank - 1, run);
    source += axes[0].source_stride;
    destination += axes[0].destination_stride;
  }
}

void swl_copy_strided(const void *source, void *destination, const swl_copy_axis *axes, size_t rank, size_t run_bytes,
                      size_t begin, size_t end) {
  if (rank == 0) {
    memcpy(destination, source, run_bytes);
    return;
  }
  swl_copy_axis loops[SWL_COPY_RANK_MAX];
  memcpy(loops, axes, rank * sizeof *axes);
  loops[0].count = end - begin;
  copy_axes((const byte *)source + (ptrdiff_t)begin * axes[0].source_stride,
            (byte *)destination + (ptrdiff_t)begin * axes[0].destination_stride, loops, rank, run_bytes);
}
