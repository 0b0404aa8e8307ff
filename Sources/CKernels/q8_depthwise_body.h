// The body of the 8-bit depthwise kernels for one width of vectors, written over operations that the including file
// defines, all suffixed through NAME():
//
//   TARGET, LANES               function attribute; 32-bit lanes of a vector
//   TAPS                        vertical taps of a lane, 4 or 2
//   HOLD_COLUMNS                whether registers hold three columns of one group
//   vector                      a vector of int32
//   NAME(load), NAME(load_some), NAME(store), NAME(store_some), NAME(splat), NAME(xor), NAME(dot)
//   NAME(interleave)(rows, columns)   turns TAPS vectors of bytes into four vectors of lanes
//   WHOLE_TAPS                  whether it makes vectors of one tap instead, for NAME(multiply_taps)(sums, column,
//   weights,
//                               count), which adds the products of `count` taps
//   NAME(narrow)(sums, scales, q)     requantizes four vectors to bytes
//   WIDE                        whether values are int16; then TAPS is 2, and instead of the last two there are
//   NAME(interleave_words)(row0, row1, columns)   turns two vectors of int16 into two vectors of lanes
//   NAME(words)(a, b, scales, biases, q)      requantizes two vectors to int16
//   NAME(short_words)(a, b, scales, chunk, q)   the same with multipliers and shifts, where SHORT says that it exists
//
// Interleaving works within blocks of 128 bits, so vector v of a chunk holds, in block i, the channels 16 * i + 4 * v
// and the three after it; narrowing four vectors to bytes undoes exactly this. With int16, vectors 2 * h + v hold, in
// block i, the channels 2 * LANES * h + 8 * i + 4 * v and the three after it.

#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")
#define WEIGHTS ((WIDE ? 80 : 32) * LANES)

typedef struct NAME(column) {
  vector v[4];
} NAME(column);

INLINE NAME(column) NAME(load_four)(const uint8_t *p) {
  NAME(column) result;
  UNROLL for (size_t v = 0; v < 4; v++) result.v[v] = NAME(load)(p + v * 4 * LANES);
  return result;
}

#if WIDE
/// Up to half a chunk of int16.
INLINE vector NAME(load_words)(const uint8_t *p, size_t bytes) {
  return bytes < 4 * LANES ? NAME(load_some)(p, bytes) : NAME(load)(p);
}

/// The input pixels at `x` of up to TAPS taps.
INLINE NAME(column)
    NAME(read)(const swl_q8_depthwise_row *r, const uint8_t *const *taps, size_t count, ptrdiff_t x, size_t channel) {
  const size_t left = 2 * (r->channels - channel);
  vector rows[2][TAPS];
  UNROLL for (size_t t = 0; t < TAPS; t++) rows[0][t] = rows[1][t] = NAME(splat)(0);
  if ((size_t)x < (size_t)r->whole_reads) {
    const size_t offset = 2 * ((size_t)x * r->channels + channel);
    UNROLL for (size_t t = 0; t < TAPS; t++) {
      if (t >= count)
        continue;
      rows[0][t] = NAME(load)(taps[t] + offset);
      rows[1][t] = NAME(load)(taps[t] + offset + 4 * LANES);
    }
  } else {
    const bool inside = (size_t)x < (size_t)r->in_w;
    const size_t offset = 2 * ((inside ? (size_t)x * r->channels : 0) + channel);
    UNROLL for (size_t t = 0; t < TAPS; t++) {
      if (t >= count)
        continue;
      const uint8_t *p = (inside ? taps[t] : r->zeros) + offset;
      rows[0][t] = NAME(load_words)(p, left);
      if (left > 4 * LANES)
        rows[1][t] = NAME(load_words)(p + 4 * LANES, left - 4 * LANES);
    }
  }
  NAME(column) result;
  UNROLL for (size_t h = 0; h < 2; h++) NAME(interleave_words)(rows[h][0], rows[h][1], result.v + 2 * h);
  return result;
}

INLINE void NAME(store_words)(uint8_t *p, vector words, size_t bytes) {
  if (bytes < 4 * LANES)
    NAME(store_some)(p, words, bytes);
  else
    NAME(store)(p, words);
}

INLINE void NAME(finish)(const swl_q8_depthwise_row *r, const uint8_t *scales, ptrdiff_t x, size_t channel,
                         NAME(column) sums) {
  vector low, high;
#if SHORT
  if (r->is_short) {
    low = NAME(short_words)(sums.v[0], sums.v[1], scales, 4 * LANES, &r->requantization);
    high = NAME(short_words)(sums.v[2], sums.v[3], scales + 8 * LANES, 4 * LANES, &r->requantization);
  } else
#endif
  {
    const uint8_t *biases = scales + 32 * LANES;
    low = NAME(words)(sums.v[0], sums.v[1], scales, biases, &r->requantization);
    high = NAME(words)(sums.v[2], sums.v[3], scales + 16 * LANES, biases + 16 * LANES, &r->requantization);
  }
  uint8_t *output = r->output + 2 * ((size_t)x * r->channels + channel);
  const size_t left = 2 * (r->channels - channel);
  if (x < r->whole_stores) {
    NAME(store)(output, low);
    NAME(store)(output + 4 * LANES, high);
  } else {
    NAME(store_words)(output, low, left);
    if (left > 4 * LANES)
      NAME(store_words)(output + 4 * LANES, high, left - 4 * LANES);
  }
}
#else
/// Up to a chunk of bytes.
INLINE vector NAME(load_up_to)(const uint8_t *p, size_t bytes) {
  return bytes < 4 * LANES ? NAME(load_some)(p, bytes) : NAME(load)(p);
}

/// The input pixels at `x` of up to TAPS taps.
INLINE NAME(column)
    NAME(read)(const swl_q8_depthwise_row *r, const uint8_t *const *taps, size_t count, ptrdiff_t x, size_t channel) {
  const vector flip = NAME(splat)((int32_t)(r->activation_flip * 0x01010101u));
  const bool inside = (size_t)x < (size_t)r->in_w;
  vector rows[TAPS];
  UNROLL for (size_t t = 0; t < TAPS; t++) rows[t] = NAME(splat)(0);
  if ((size_t)x < (size_t)r->whole_reads) {
    const size_t offset = (size_t)x * r->channels + channel;
    UNROLL for (size_t t = 0; t < TAPS; t++) {
      if (t < count)
        rows[t] = NAME(load)(taps[t] + offset);
    }
  } else {
    const size_t offset = (inside ? (size_t)x * r->channels : 0) + channel, left = r->channels - channel;
    UNROLL for (size_t t = 0; t < TAPS; t++) {
      if (t < count)
        rows[t] = NAME(load_up_to)((inside ? taps[t] : r->zeros) + offset, left);
    }
  }
  UNROLL for (size_t t = 0; t < TAPS; t++) rows[t] = NAME(xor)(rows[t], flip);
  NAME(column) result;
  NAME(interleave)(rows, result.v);
  return result;
}

typedef int32_t NAME(whole_numbers) __attribute__((vector_size(4 * LANES)));

/// Four vectors of sums in the order of their channels.
INLINE void NAME(put_in_order)(NAME(column) sums, NAME(whole_numbers) * ordered) {
  const NAME(whole_numbers) a = (NAME(whole_numbers))sums.v[0], b = (NAME(whole_numbers))sums.v[1];
  const NAME(whole_numbers) c = (NAME(whole_numbers))sums.v[2], d = (NAME(whole_numbers))sums.v[3];
#if LANES == 4
  ordered[0] = a;
  ordered[1] = b;
  ordered[2] = c;
  ordered[3] = d;
#elif LANES == 8
  ordered[0] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
  ordered[1] = __builtin_shufflevector(c, d, 0, 1, 2, 3, 8, 9, 10, 11);
  ordered[2] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  ordered[3] = __builtin_shufflevector(c, d, 4, 5, 6, 7, 12, 13, 14, 15);
#else
#define LOW_HALVES(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define HIGH_HALVES(x, y) __builtin_shufflevector(x, y, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define EVEN_QUARTERS(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define ODD_QUARTERS(x, y) __builtin_shufflevector(x, y, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)
  const NAME(whole_numbers) low0 = LOW_HALVES(a, b), low1 = LOW_HALVES(c, d);
  const NAME(whole_numbers) high0 = HIGH_HALVES(a, b), high1 = HIGH_HALVES(c, d);
  ordered[0] = EVEN_QUARTERS(low0, low1);
  ordered[1] = ODD_QUARTERS(low0, low1);
  ordered[2] = EVEN_QUARTERS(high0, high1);
  ordered[3] = ODD_QUARTERS(high0, high1);
#undef LOW_HALVES
#undef HIGH_HALVES
#undef EVEN_QUARTERS
#undef ODD_QUARTERS
#endif
}

/// Leaves sums where floats will stand.
INLINE void NAME(store_sums)(const swl_q8_depthwise_row *r, ptrdiff_t x, size_t channel, NAME(column) sums) {
  NAME(whole_numbers) ordered[4];
  NAME(put_in_order)(sums, ordered);
  uint8_t *const output = r->output + 4 * ((size_t)x * r->channels + channel);
  const size_t bytes = x < r->whole_stores ? sizeof ordered : 4 * (r->channels - channel);
  UNROLL for (size_t v = 0; v < 4; v++) {
    const size_t before = v * sizeof(vector);
    if (bytes >= before + sizeof(vector))
      NAME(store)(output + before, (vector)ordered[v]);
    else if (bytes > before)
      NAME(store_some)(output + before, (vector)ordered[v], bytes - before);
  }
}

/// swl_q8_float_result for the sums that a chunk left.
TARGET static void NAME(finish_floats)(const swl_q8_float_output *floats, uint8_t *row, size_t pixels, size_t channels,
                                       size_t channel) {
  const size_t left = channels - channel, count = left < 4 * LANES ? left : 4 * LANES;
  float scales[4 * LANES], biases[4 * LANES];
  memcpy(scales, floats->scales + channel, sizeof scales);
  memcpy(biases, floats->biases + channel, sizeof biases);
  const swl_q8_float_output f = {scales, biases, floats->scale, NULL, floats->minimum, floats->maximum};
  for (size_t x = 0; x < pixels; x++) {
    uint8_t *const output = row + 4 * (x * channels + channel);
    for (size_t c = 0; c < count; c++) {
      uint32_t sum;
      memcpy(&sum, output + 4 * c, sizeof sum);
      const float value = swl_q8_float_result(&f, sum, c);
      memcpy(output + 4 * c, &value, sizeof value);
    }
  }
}

INLINE void NAME(finish)(const swl_q8_depthwise_row *r, const uint8_t *scales, ptrdiff_t x, size_t channel,
                         NAME(column) sums) {
  if (__builtin_expect(r->floats != NULL, 0)) {
    NAME(store_sums)(r, x, channel, sums);
    return;
  }
  const vector b = NAME(narrow)(sums.v, scales, &r->requantization);
  uint8_t *output = r->output + (size_t)x * r->channels + channel;
  if (x < r->whole_stores)
    NAME(store)(output, b);
  else
    NAME(store_some)(output, b, r->channels - channel);
}
#endif

/// What the sums of the chunk from `channel` on start at.
INLINE const uint8_t *NAME(starts)(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel) {
  return r->floats == NULL ? packed : (const uint8_t *)(r->floats->starts + channel);
}

/// The first `count` taps; those behind them are multiplied by 0 where they come with them.
INLINE NAME(column) NAME(multiply_some)(NAME(column) sums, NAME(column) a, NAME(column) w, const size_t count) {
#if WHOLE_TAPS
  NAME(multiply_taps)(sums.v, a.v, w.v, count);
#else
  (void)count;
  UNROLL for (size_t v = 0; v < 4; v++) sums.v[v] = NAME(dot)(sums.v[v], a.v[v], w.v[v]);
#endif
  return sums;
}

INLINE NAME(column) NAME(multiply)(NAME(column) sums, NAME(column) a, NAME(column) w) {
  return NAME(multiply_some)(sums, a, w, TAPS);
}

/// Any kernel: the columns of some outputs are written to memory first, then combined.
INLINE void NAME(chunk_in_memory)(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t passes, size_t channel) {
  const size_t groups = (r->tap_count + TAPS - 1) / TAPS;
  const size_t column_bytes = groups * 16 * LANES;
  const uint8_t *const weights = packed + WEIGHTS;
  const uint8_t *const starts = NAME(starts)(r, packed, channel);
  for (ptrdiff_t first = 0; first < r->out_w; first += r->column_outputs) {
    const ptrdiff_t count = r->out_w - first < r->column_outputs ? r->out_w - first : r->column_outputs;
    const ptrdiff_t left = first * r->stride - r->pad;
    const ptrdiff_t width = (count - 1) * r->stride + (r->kernel_w - 1) * r->dilation + 1;
    for (ptrdiff_t i = 0; i < width; i++) {
      for (size_t g = 0; g < groups; g++) {
        const NAME(column) column = NAME(read)(r, r->taps + g * TAPS, r->tap_count - g * TAPS, left + i, channel);
        UNROLL for (size_t v = 0; v < 4; v++)
            NAME(store)(r->columns + (size_t)i * column_bytes + (g * 4 + v) * 4 * LANES, column.v[v]);
      }
    }
    for (ptrdiff_t x = 0; x < count; x += 2) {
      // The last of an odd number of outputs is computed twice.
      const ptrdiff_t next = x + 1 < count ? x + 1 : x;
      const uint8_t *w = weights;
      NAME(column) sums0 = NAME(load_four)(starts), sums1 = sums0;
      for (size_t pass = 0; pass < passes; pass++) {
        for (ptrdiff_t k = 0; k < r->kernel_w; k++) {
          const uint8_t *a0 = r->columns + (size_t)(x * r->stride + k * r->dilation) * column_bytes;
          const uint8_t *a1 = r->columns + (size_t)(next * r->stride + k * r->dilation) * column_bytes;
          for (size_t g = 0; g < groups; g++, w += 16 * LANES, a0 += 16 * LANES, a1 += 16 * LANES) {
            const NAME(column) weight = NAME(load_four)(w);
            sums0 = NAME(multiply)(sums0, NAME(load_four)(a0), weight);
            sums1 = NAME(multiply)(sums1, NAME(load_four)(a1), weight);
          }
        }
      }
      NAME(finish)(r, packed + 16 * LANES, first + x, channel, sums0);
      NAME(finish)(r, packed + 16 * LANES, first + next, channel, sums1);
    }
  }
}

#if HOLD_COLUMNS
enum { NAME(GROUPS) = (3 + TAPS - 1) / TAPS };

INLINE void NAME(shift)(const swl_q8_depthwise_row *r, const uint8_t *const *taps, ptrdiff_t at, size_t channel,
                        NAME(column) c[3][NAME(GROUPS)]) {
  UNROLL for (int g = 0; g < NAME(GROUPS); g++) {
    c[0][g] = c[1][g];
    c[1][g] = c[2][g];
    c[2][g] = NAME(read)(r, taps + TAPS * g, (size_t)(3 - TAPS * g), at, channel);
  }
}

/// Kernels of 3x3, stride 1 or 2: three columns stay in registers, and the weights of the first pass where there is
/// room.
INLINE void NAME(chunk_in_registers)(const swl_q8_depthwise_row *r, const uint8_t *packed, const size_t passes,
                                     size_t channel, const ptrdiff_t stride) {
  const uint8_t *const weights = packed + WEIGHTS;
  const uint8_t *const starts = NAME(starts)(r, packed, channel);
  const uint8_t *const taps[3] = {r->taps[0], r->taps[1], r->taps[2]};
  ptrdiff_t at = -r->pad;
  NAME(column) c[3][NAME(GROUPS)], first[3];
  UNROLL for (int k = 0; k < 3; k++) {
    UNROLL for (int g = 0; g < NAME(GROUPS); g++) {
      c[k][g].v[0] = c[k][g].v[1] = c[k][g].v[2] = c[k][g].v[3] = NAME(splat)(0);
    }
    first[k] = NAME(load_four)(weights + (size_t)(NAME(GROUPS) * k) * 16 * LANES);
  }
  UNROLL for (int i = (int)stride; i < 3; i++) NAME(shift)(r, taps, at++, channel, c);
  for (ptrdiff_t x = 0; x < r->out_w; x++) {
    UNROLL for (int i = 0; i < (int)stride; i++) NAME(shift)(r, taps, at++, channel, c);
    NAME(column) sums = NAME(load_four)(starts);
    UNROLL for (int k = 0; k < 3; k++) {
      UNROLL for (int g = 0; g < NAME(GROUPS); g++) {
        const size_t at_weights = (size_t)(NAME(GROUPS) * k + g) * 16 * LANES;
        const NAME(column) w = NAME(GROUPS) == 1 ? first[k] : NAME(load_four)(weights + at_weights);
        sums = NAME(multiply_some)(sums, c[k][g], w, g == 0 && TAPS < 3 ? TAPS : (size_t)(3 - TAPS * g));
      }
    }
    if (TAPS == 4 && passes == 2) {
      UNROLL for (int k = 0; k < 3; k++) sums =
          NAME(multiply)(sums, c[k][0], NAME(load_four)(weights + (size_t)(3 + k) * 16 * LANES));
    }
    NAME(finish)(r, packed + 16 * LANES, x, channel, sums);
  }
}
#endif

/// A copy, because stores of bytes could change the original.
INLINE swl_q8_depthwise_row NAME(row_of_chunk)(const swl_q8_depthwise_row *original, size_t channel) {
  swl_q8_depthwise_row row = *original;
  row.whole_reads = swl_q8_whole_reads(original, channel, 4 * LANES, WIDE ? 2 : 1);
  row.whole_stores = swl_q8_whole_stores(original, channel, 4 * LANES);
  return row;
}

#if HOLD_COLUMNS
#define IN_REGISTERS(STRIDE)                                                                                           \
  TARGET static __attribute__((noinline)) void NAME(stride_##STRIDE)(const swl_q8_depthwise_row *original,             \
                                                                     const uint8_t *packed, size_t channel) {          \
    const swl_q8_depthwise_row row = NAME(row_of_chunk)(original, channel);                                            \
    NAME(chunk_in_registers)                                                                                           \
    (&row, packed + SWL_Q8_CHUNK_HEADER, (size_t)swl_q8_load32(packed), channel, STRIDE);                              \
  }
IN_REGISTERS(1)
IN_REGISTERS(2)
#undef IN_REGISTERS
#endif

/// All output pixels of one chunk.
TARGET static void NAME(all_pixels)(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel) {
  const size_t passes = (size_t)swl_q8_load32(packed);
#if HOLD_COLUMNS
  if (r->kernel_w == 3 && r->tap_count == 3 && r->dilation == 1 && r->stride <= 2 && passes <= 2) {
    if (r->stride == 1)
      NAME(stride_1)(r, packed, channel);
    else
      NAME(stride_2)(r, packed, channel);
    return;
  }
#endif
  swl_q8_depthwise_row row = *r;
#if !HOLD_COLUMNS && !WIDE && LANES == 8 // where these loops do all the work
  if (channel + 4 * LANES <= row.channels) {
    row.whole_reads = row.in_w;
    row.whole_stores = row.out_w;
    NAME(chunk_in_memory)(&row, packed + SWL_Q8_CHUNK_HEADER, passes, channel);
    return;
  }
#endif
  row = NAME(row_of_chunk)(r, channel);
  NAME(chunk_in_memory)(&row, packed + SWL_Q8_CHUNK_HEADER, passes, channel);
}

TARGET static void NAME(run_chunk)(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel) {
  NAME(all_pixels)(r, packed, channel);
#if !WIDE
  if (r->floats != NULL)
    NAME(finish_floats)(r->floats, r->output, (size_t)r->out_w, r->channels, channel);
#endif
}

#undef INLINE
#undef UNROLL
#undef WEIGHTS
