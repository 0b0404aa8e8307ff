#include "swl_copy.h"
#include <string.h>

typedef unsigned char byte;

// Runs of a constant size compile to a few moves, short ones are copied in pieces; longer ones are worth a call.
enum { PIECE = 16, SHORT = 256 };
#define RUNS(RUN)                                                                                                      \
  RUN(1) RUN(2) RUN(3) RUN(4) RUN(5) RUN(6) RUN(7) RUN(8) RUN(9) RUN(10) RUN(11) RUN(12) RUN(13) RUN(14) RUN(15) RUN(16)

/// At least one piece; the last one ends with the run.
static inline void copy_pieces(const byte *source, byte *destination, size_t run) {
  for (size_t i = 0; i + PIECE <= run; i += PIECE)
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

// Square tiles: both sides stay in the cache when rows of one are columns of the other.
enum { TILE = 32 };

static void copy_tiled(const byte *source, byte *destination, const swl_copy_axis *axes, size_t run) {
  for (size_t row = 0; row < axes[0].count; row += TILE) {
    const size_t rows = axes[0].count - row < TILE ? axes[0].count - row : TILE;
    for (size_t column = 0; column < axes[1].count; column += TILE) {
      swl_copy_axis line = axes[1];
      if (line.count - column < TILE)
        line.count -= column;
      else
        line.count = TILE;
      const byte *from = source + (ptrdiff_t)row * axes[0].source_stride + (ptrdiff_t)column * line.source_stride;
      byte *to =
          destination + (ptrdiff_t)row * axes[0].destination_stride + (ptrdiff_t)column * line.destination_stride;
      for (size_t i = 0; i < rows; i++, from += axes[0].source_stride, to += axes[0].destination_stride)
        copy_row(from, to, &line, run);
    }
  }
}

static void copy_axes(const byte *source, byte *destination, const swl_copy_axis *axes, size_t rank, size_t run) {
  if (rank == 1) {
    copy_row(source, destination, axes, run);
  } else if (rank == 2 && axes[0].source_stride == (ptrdiff_t)run && axes[1].destination_stride == (ptrdiff_t)run) {
    copy_tiled(source, destination, axes, run);
  } else {
    for (size_t i = 0; i < axes[0].count; i++) {
      copy_axes(source, destination, axes + 1, rank - 1, run);
      source += axes[0].source_stride;
      destination += axes[0].destination_stride;
    }
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
