// The body of the 8-bit depthwise kernels for one width of vectors, written over operations that the including file
// defines, all suffixed through NAME():
//
//   TARGET, LANES               function attribute; 32-bit lanes of a vector
//   TAPS                        vertical taps of a lane, 4 or 2
//   HOLD_COLUMNS                whether registers hold three columns of one group
//   vector, scales              vectors of int32 and of float32
//   NAME(load), NAME(load_some), NAME(splat), NAME(xor), NAME(dot), NAME(scale_load)
//   NAME(interleave)(rows, columns)   turns TAPS vectors of bytes into four vectors of lanes
//   NAME(narrow), NAME(store)
//
// Interleaving works within blocks of 128 bits, so vector v of a chunk holds, in block i, the channels 16 * i + 4 * v
// and the three after it; narrowing four vectors to bytes undoes exactly this.

#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

typedef struct NAME(column) {
  vector v[4];
} NAME(column);

/// The four vectors of one group of a column.
INLINE void NAME(fill_column)(const swl_q8_depthwise_row *r, ptrdiff_t x, size_t group, size_t channel,
                              const bool whole, vector column[4]) {
  const vector flip = NAME(splat)((int32_t)(r->activation_flip * 0x01010101u));
  const bool inside = x >= 0 && x < r->in_w;
  vector rows[TAPS];
  UNROLL for (size_t t = 0; t < TAPS; t++) {
    const size_t tap = group * TAPS + t;
    if (tap < r->tap_count) {
      const uint8_t *p = inside ? r->taps[tap] + (size_t)x * r->tap_pitches[tap] : r->zeros;
      rows[t] = NAME(xor)(whole ? NAME(load)(p + channel) : NAME(load_some)(p + channel, r->channels - channel), flip);
    } else {
      rows[t] = flip;
    }
  }
  NAME(interleave)(rows, column);
}

/// Where a group's rows start, held apart from the row so that stores to the output cannot change them.
typedef struct NAME(taps) {
  const uint8_t *rows[TAPS];
  size_t pitches[TAPS];
} NAME(taps);

/// The same for a kernel of one group.
INLINE void NAME(held_column)(const swl_q8_depthwise_row *r, const NAME(taps) * taps, ptrdiff_t x, size_t channel,
                              const bool whole, const size_t tap_count, vector column[4]) {
  const vector flip = NAME(splat)((int32_t)(r->activation_flip * 0x01010101u));
  const bool inside = x >= 0 && x < r->in_w;
  vector rows[TAPS];
  UNROLL for (size_t t = 0; t < TAPS; t++) {
    if (t < tap_count) {
      const uint8_t *p = inside ? taps->rows[t] + (size_t)x * taps->pitches[t] : r->zeros + channel;
      rows[t] = NAME(xor)(whole ? NAME(load)(p) : NAME(load_some)(p, r->channels - channel), flip);
    } else {
      rows[t] = flip;
    }
  }
  NAME(interleave)(rows, column);
}

INLINE void NAME(finish)(const swl_q8_depthwise_row *r, const uint8_t *packed, ptrdiff_t x, size_t channel,
                         const bool whole, vector sums[4]) {
  const uint8_t *scale = packed + 16 * LANES;
  const vector b = NAME(narrow)(sums, scale, &r->requantization);
  uint8_t *output = r->output + (size_t)x * r->channels + channel;
  // Bytes behind the last channel are the next pixel's first ones, which are stored later.
  if (whole || (size_t)(r->out_w - x) * r->channels >= channel + 4 * LANES)
    NAME(store)(output, b);
  else
    NAME(store_some)(output, b, r->channels - channel);
}

/// Any kernel: the columns of some outputs are written to memory first, then combined.
INLINE void NAME(chunk_in_memory)(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel,
                                  const bool whole) {
  const size_t groups = (r->tap_count + TAPS - 1) / TAPS;
  const size_t column_bytes = groups * 16 * LANES;
  const uint8_t *const weights = packed + 32 * LANES;
  for (ptrdiff_t first = 0; first < r->out_w; first += r->column_outputs) {
    const ptrdiff_t count = r->out_w - first < r->column_outputs ? r->out_w - first : r->column_outputs;
    const ptrdiff_t left = first * r->stride - r->pad;
    const ptrdiff_t width = (count - 1) * r->stride + (r->kernel_w - 1) * r->dilation + 1;
    for (ptrdiff_t i = 0; i < width; i++) {
      for (size_t g = 0; g < groups; g++) {
        vector column[4];
        NAME(fill_column)(r, left + i, g, channel, whole, column);
        UNROLL for (size_t v = 0; v < 4; v++)
            NAME(store)(r->columns + (size_t)i * column_bytes + (g * 4 + v) * 4 * LANES, column[v]);
      }
    }
    for (ptrdiff_t x = 0; x < count; x += 2) {
      // The last of an odd number of outputs is computed twice.
      const ptrdiff_t next = x + 1 < count ? x + 1 : x;
      const uint8_t *w = weights;
      vector sums[2][4];
      UNROLL for (size_t v = 0; v < 4; v++) sums[0][v] = sums[1][v] = NAME(load)(packed + v * 4 * LANES);
      for (size_t pass = 0; pass < r->passes; pass++) {
        for (ptrdiff_t k = 0; k < r->kernel_w; k++) {
          const uint8_t *a0 = r->columns + (size_t)(x * r->stride + k * r->dilation) * column_bytes;
          const uint8_t *a1 = r->columns + (size_t)(next * r->stride + k * r->dilation) * column_bytes;
          for (size_t g = 0; g < groups; g++, w += 16 * LANES, a0 += 16 * LANES, a1 += 16 * LANES) {
            UNROLL for (size_t v = 0; v < 4; v++) {
              const vector weight = NAME(load)(w + v * 4 * LANES);
              sums[0][v] = NAME(dot)(sums[0][v], NAME(load)(a0 + v * 4 * LANES), weight);
              sums[1][v] = NAME(dot)(sums[1][v], NAME(load)(a1 + v * 4 * LANES), weight);
            }
          }
        }
      }
      NAME(finish)(r, packed, first + x, channel, whole, sums[0]);
      NAME(finish)(r, packed, first + next, channel, whole, sums[1]);
    }
  }
}

#if HOLD_COLUMNS
/// Kernels three wide and one group high, stride 1 or 2: three columns stay in registers.
INLINE void NAME(chunk_in_registers)(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel,
                                     const bool whole, const ptrdiff_t stride, const size_t tap_count,
                                     const size_t passes) {
  const uint8_t *const weights = packed + 32 * LANES;
  NAME(taps) taps;
  UNROLL for (size_t t = 0; t < tap_count; t++) {
    taps.rows[t] = r->taps[t] + channel;
    taps.pitches[t] = r->tap_pitches[t];
  }
  ptrdiff_t at = -r->pad;
  NAME(column) c0, c1, c2;
  NAME(held_column)(r, &taps, at++, channel, whole, tap_count, stride == 1 ? c1.v : c2.v);
  if (stride == 1)
    NAME(held_column)(r, &taps, at++, channel, whole, tap_count, c2.v);
  for (ptrdiff_t x = 0; x < r->out_w; x++) {
    c0 = stride == 1 ? c1 : c2;
    if (stride == 1)
      c1 = c2;
    else
      NAME(held_column)(r, &taps, at++, channel, whole, tap_count, c1.v);
    NAME(held_column)(r, &taps, at++, channel, whole, tap_count, c2.v);
    vector sums[4];
    UNROLL for (size_t v = 0; v < 4; v++) {
      vector sum = NAME(load)(packed + v * 4 * LANES);
      UNROLL for (size_t pass = 0; pass < passes; pass++) {
        const uint8_t *w = weights + (pass * 12 + v) * 4 * LANES;
        sum = NAME(dot)(sum, c0.v[v], NAME(load)(w));
        sum = NAME(dot)(sum, c1.v[v], NAME(load)(w + 16 * LANES));
        sum = NAME(dot)(sum, c2.v[v], NAME(load)(w + 32 * LANES));
      }
      sums[v] = sum;
    }
    NAME(finish)(r, packed, x, channel, whole, sums);
  }
}
#endif

/// All output pixels of one chunk. The row is copied because stores of bytes could change the original.
INLINE void NAME(chunk)(const swl_q8_depthwise_row *original, const uint8_t *packed, size_t channel, const bool whole) {
  const swl_q8_depthwise_row row = *original, *const r = &row;
#if HOLD_COLUMNS
  if (r->kernel_w == 3 && r->tap_count == 3 && r->dilation == 1 && r->stride <= 2 && r->passes <= 2) {
    if (r->stride == 1 && r->passes == 1)
      NAME(chunk_in_registers)(r, packed, channel, whole, 1, 3, 1);
    else if (r->stride == 1)
      NAME(chunk_in_registers)(r, packed, channel, whole, 1, 3, 2);
    else if (r->passes == 1)
      NAME(chunk_in_registers)(r, packed, channel, whole, 2, 3, 1);
    else
      NAME(chunk_in_registers)(r, packed, channel, whole, 2, 3, 2);
    return;
  }
#endif
  NAME(chunk_in_memory)(r, packed, channel, whole);
}

TARGET static void NAME(whole_chunk)(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel) {
  NAME(chunk)(r, packed, channel, true);
}

#undef INLINE
#undef UNROLL
