// Depthwise rows of 8 or 16 channels, which would leave most of a vector of channels empty: a vector holds four or two
// pixels instead. The rows of the input lie in pairs, byte beside byte and with their padding, so that one load and
// pmaddwd multiply two vertical taps of eight channels.

OPERATION void pair_rows(const swl_q8_depthwise_row *r, const uint8_t *first, const uint8_t *second, size_t width,
                         uint8_t *pairs) {
  const __m128i flip = _mm_set1_epi8((char)r->activation_flip);
  const size_t left = (size_t)r->pad < width ? (size_t)r->pad : width;
  const size_t inside = (size_t)r->in_w < width - left ? (size_t)r->in_w : width - left;
  const int outside = r->zeros[0] ^ r->activation_flip;
  memset(pairs, outside, 2 * left * r->channels);
  pairs += 2 * left * r->channels;
  const size_t bytes = inside * r->channels;
  for (size_t i = 0; i < bytes; i += 16) {
    const bool whole = bytes - i >= 16;
    const __m128i a = xor_128(whole ? load_128(first + i) : load_some_128(first + i, bytes - i), flip);
    const __m128i b = xor_128(whole ? load_128(second + i) : load_some_128(second + i, bytes - i), flip);
    store_128(pairs + 2 * i, _mm_unpacklo_epi8(a, b));
    store_128(pairs + 2 * i + 16, _mm_unpackhi_epi8(a, b));
  }
  memset(pairs + 2 * bytes, outside, 2 * (width - left - inside) * r->channels);
}

/// Sums of the eight outputs from `lane` of the row on, requantized to integers.
OPERATION __m256i eight_outputs(const swl_q8_depthwise_row *r, const uint8_t *chunk, const uint8_t *pairs,
                                size_t pair_bytes, size_t lane, const size_t channels, const size_t columns,
                                const size_t groups) {
  const size_t channel = lane % channels, step = (size_t)r->dilation * channels;
  const uint8_t *source = pairs + 2 * (lane / channels * (size_t)r->stride * channels + channel);
  const uint8_t *weights = chunk + 128 + 4 * channel;
  __m256i sum = load_256(chunk + 4 * channel);
  for (size_t k = 0; k < columns; k++) {
    for (size_t g = 0; g < groups; g++) {
      const __m256i taps = _mm256_cvtepu8_epi16(load_128(source + g * pair_bytes + 2 * k * step));
      sum = dot_256(sum, taps, load_256(weights + (k * groups + g) * 64));
    }
  }
  return integers_256(sum, _mm256_loadu_ps((const float *)(const void *)(chunk + 64 + 4 * channel)),
                      &r->requantization);
}

OPERATION void few_channels(const swl_q8_depthwise_row *r, const uint8_t *chunk, const uint8_t *pairs,
                            size_t pair_bytes, const size_t channels, const size_t columns, const size_t groups) {
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  const size_t lanes = (size_t)r->out_w * channels;
  for (size_t lane = 0; lane < lanes; lane += 32) {
    __m256i values[4];
#pragma clang loop unroll(full)
    for (size_t v = 0; v < 4; v++) {
      // Behind the last output the last ones are computed again.
      const size_t at = lane + 8 * v < lanes ? lane + 8 * v : lanes - 8;
      values[v] = eight_outputs(r, chunk, pairs, pair_bytes, at, channels, columns, groups);
    }
    const __m256i bytes =
        _mm256_permutevar8x32_epi32(bytes_256(values[0], values[1], values[2], values[3], &r->requantization), order);
    if (lanes - lane >= 32)
      store_256(r->output + lane, bytes);
    else
      store_some_256(r->output + lane, bytes, lanes - lane);
  }
}

TARGET static void run_few(const swl_q8_depthwise_row *original, const uint8_t *packed, uint8_t *pairs) {
  const swl_q8_depthwise_row r = *original; // stores of bytes could change the original
  const uint8_t *chunk = packed + SWL_Q8_CHUNK_HEADER;
  const size_t columns = (size_t)r.kernel_w, groups = (r.tap_count + 1) / 2;
  const size_t width = swl_q8_few_width((size_t)r.out_w, (size_t)r.stride, columns, (size_t)r.dilation);
  const size_t pair_bytes = swl_q8_few_bytes(width, r.channels);
  for (size_t g = 0; g < groups; g++) {
    // The weights of a row that is missing are 0.
    const uint8_t *second = r.taps[2 * g + 1 < r.tap_count ? 2 * g + 1 : 2 * g];
    pair_rows(&r, r.taps[2 * g], second, width, pairs + g * pair_bytes);
  }
  const bool is_3x3 = columns == 3 && groups == 2;
  if (r.channels == 8 && is_3x3)
    few_channels(&r, chunk, pairs, pair_bytes, 8, 3, 2);
  else if (r.channels == 16 && is_3x3)
    few_channels(&r, chunk, pairs, pair_bytes, 16, 3, 2);
  else
    few_channels(&r, chunk, pairs, pair_bytes, r.channels, columns, groups);
}
