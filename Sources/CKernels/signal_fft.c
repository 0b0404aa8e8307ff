#include "signal_cosine.h"
#include "swl_signal.h"

typedef struct complex16 {
  int16_t re, im;
} complex16;

/// What the butterflies of one transform share.
typedef struct fft_plan {
  size_t count;
  const complex16 *twiddles;
  bool is_inverse;
} fft_plan;

static int16_t rounded(int64_t x) { return (int16_t)((x + (1 << 14)) >> 15); }

static complex16 product(complex16 a, complex16 b) {
  return (complex16){rounded((int64_t)a.re * b.re - (int64_t)a.im * b.im),
                     rounded((int64_t)a.re * b.im + (int64_t)a.im * b.re)};
}

static complex16 divided(complex16 a, int32_t divisor) {
  const int32_t inverse = INT16_MAX / divisor;
  return (complex16){rounded((int64_t)a.re * inverse), rounded((int64_t)a.im * inverse)};
}

static complex16 sum(complex16 a, complex16 b) { return (complex16){(int16_t)(a.re + b.re), (int16_t)(a.im + b.im)}; }

static complex16 difference(complex16 a, complex16 b) {
  return (complex16){(int16_t)(a.re - b.re), (int16_t)(a.im - b.im)};
}

static void butterflies2(const fft_plan *plan, complex16 *out, size_t stride, size_t m) {
  for (size_t k = 0; k < m; k++) {
    const complex16 a = divided(out[k], 2), b = product(divided(out[m + k], 2), plan->twiddles[k * stride]);
    out[m + k] = difference(a, b);
    out[k] = sum(a, b);
  }
}

static void butterflies4(const fft_plan *plan, complex16 *out, size_t stride, size_t m) {
  for (size_t k = 0; k < m; k++) {
    const complex16 a = divided(out[k], 4);
    const complex16 b = product(divided(out[m + k], 4), plan->twiddles[k * stride]);
    const complex16 c = product(divided(out[2 * m + k], 4), plan->twiddles[2 * k * stride]);
    const complex16 d = product(divided(out[3 * m + k], 4), plan->twiddles[3 * k * stride]);
    const complex16 even = sum(a, c), odd = difference(a, c), across = sum(b, d), along = difference(b, d);
    out[k] = sum(even, across);
    out[2 * m + k] = difference(even, across);
    const size_t first = plan->is_inverse ? 3 * m : m, last = plan->is_inverse ? m : 3 * m;
    out[first + k] = (complex16){(int16_t)(odd.re + along.im), (int16_t)(odd.im - along.re)};
    out[last + k] = (complex16){(int16_t)(odd.re - along.im), (int16_t)(odd.im + along.re)};
  }
}

/// Decimation in time of every `stride`-th sample, by four for as long as that goes.
static void transform(const fft_plan *plan, const complex16 *in, complex16 *out, size_t count, size_t stride) {
  const size_t radix = count % 4 == 0 ? 4 : 2, m = count / radix;
  for (size_t part = 0; part < radix; part++) {
    if (m == 1)
      out[part] = in[part * stride];
    else
      transform(plan, in + part * stride, out + part * m, m, stride * radix);
  }
  (radix == 4 ? butterflies4 : butterflies2)(plan, out, stride, m);
}

static int16_t fixed(double x) {
  const double scaled = x * INT16_MAX + 0.5;
  const int32_t whole = (int32_t)scaled;
  return (int16_t)(whole > scaled ? whole - 1 : whole);
}

size_t swl_signal_fft_table_count(size_t length) { return 2 * (length / 2 + length / 4); }

void swl_signal_fft_tables(size_t length, int16_t *tables) {
  const size_t count = length / 2;
  complex16 *twiddles = (complex16 *)tables, *last = twiddles + count;
  for (size_t k = 0; k < count; k++) // exp(-2 pi i k / count); sin(x) = cos(x - pi / 2)
    twiddles[k] = (complex16){fixed(swl_cosine(k, count)), fixed(-swl_cosine(4 * k + 3 * count, 4 * count))};
  for (size_t k = 1; k <= count / 2; k++) // the same of half the angle, a quarter turn on
    last[k - 1] = (complex16){fixed(-swl_cosine(4 * k + 3 * length, 4 * length)), fixed(-swl_cosine(k, length))};
}

void swl_signal_real_fft(const int16_t *input, size_t length, const int16_t *tables, int16_t *scratch,
                         int16_t *output) {
  const size_t count = length / 2;
  const fft_plan plan = {count, (const complex16 *)tables, false};
  const complex16 *last = plan.twiddles + count;
  complex16 *half = (complex16 *)scratch, *spectrum = (complex16 *)output;
  transform(&plan, (const complex16 *)input, half, count, 1);
  const complex16 constant = divided(half[0], 2);
  spectrum[0] = (complex16){(int16_t)(constant.re + constant.im), 0};
  spectrum[count] = (complex16){(int16_t)(constant.re - constant.im), 0};
  for (size_t k = 1; k <= count / 2; k++) {
    const complex16 a = divided(half[k], 2);
    const complex16 b = divided((complex16){half[count - k].re, (int16_t)-half[count - k].im}, 2);
    const complex16 even = sum(a, b), odd = product(difference(a, b), last[k - 1]);
    spectrum[k] = (complex16){(int16_t)((even.re + odd.re) >> 1), (int16_t)((even.im + odd.im) >> 1)};
    spectrum[count - k] = (complex16){(int16_t)((even.re - odd.re) >> 1), (int16_t)((odd.im - even.im) >> 1)};
  }
}

void swl_signal_inverse_fft_tables(size_t length, int16_t *tables) {
  const size_t count = length / 2;
  complex16 *twiddles = (complex16 *)tables, *last = twiddles + count;
  for (size_t k = 0; k < count; k++)
    twiddles[k] = (complex16){fixed(swl_cosine(k, count)), fixed(swl_cosine(4 * k + 3 * count, 4 * count))};
  for (size_t k = 1; k <= count / 2; k++)
    last[k - 1] = (complex16){fixed(-swl_cosine(4 * k + 3 * length, 4 * length)), fixed(swl_cosine(k, length))};
}

void swl_signal_inverse_real_fft(const int16_t *input, size_t length, const int16_t *tables, int16_t *scratch,
                                 int16_t *output) {
  const size_t count = length / 2;
  const fft_plan plan = {count, (const complex16 *)tables, true};
  const complex16 *last = plan.twiddles + count, *spectrum = (const complex16 *)input;
  complex16 *half = (complex16 *)scratch;
  half[0] = divided(
      (complex16){(int16_t)(spectrum[0].re + spectrum[count].re), (int16_t)(spectrum[0].re - spectrum[count].re)}, 2);
  for (size_t k = 1; k <= count / 2; k++) {
    const complex16 a = divided(spectrum[k], 2);
    const complex16 b = divided((complex16){spectrum[count - k].re, (int16_t)-spectrum[count - k].im}, 2);
    const complex16 even = sum(a, b), odd = product(difference(a, b), last[k - 1]);
    half[k] = sum(even, odd);
    const complex16 mirrored = difference(even, odd);
    half[count - k] = (complex16){mirrored.re, (int16_t)-mirrored.im};
  }
  transform(&plan, half, (complex16 *)output, count, 1);
}
