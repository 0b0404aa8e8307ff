#include "signal_cosine.h"
#include "swl_fourier.h"

#pragma STDC FP_CONTRACT OFF

/// Numbers whose real and imaginary parts lie apart.
typedef struct numbers {
  double *re, *im;
} numbers;

/// exp(-2 pi i k / n) for k < n / 2, at least one number.
typedef struct turns {
  const double *re, *im;
  size_t n;
} turns;

static size_t turn_count(size_t n) { return n > 1 ? n / 2 : 1; }

static void fill_turns(size_t n, double *table) {
  const size_t count = turn_count(n);
  for (size_t k = 0; k < count; k++) {
    table[k] = swl_cosine(k, n);
    table[count + k] = -swl_cosine(4 * k + 3 * n, 4 * n); // sin(x) = cos(x - pi / 2)
  }
}

static turns turns_at(const double *table, size_t n) { return (turns){table, table + turn_count(n), n}; }

/// One step of Stockham's transform: `groups` butterflies of `stride` numbers each.
static void halve(const numbers *in, const numbers *out, size_t groups, size_t stride, const turns *turn) {
  const size_t far = groups * stride, step = turn->n / (2 * groups);
  for (size_t p = 0; p < groups; p++) {
    const double re = turn->re[p * step], im = turn->im[p * step];
    const double *a_re = in->re + p * stride, *a_im = in->im + p * stride;
    const double *b_re = a_re + far, *b_im = a_im + far;
    double *sum_re = out->re + 2 * p * stride, *sum_im = out->im + 2 * p * stride;
    double *turned_re = sum_re + stride, *turned_im = sum_im + stride;
    for (size_t q = 0; q < stride; q++) {
      const double d_re = a_re[q] - b_re[q], d_im = a_im[q] - b_im[q];
      sum_re[q] = a_re[q] + b_re[q];
      sum_im[q] = a_im[q] + b_im[q];
      turned_re[q] = d_re * re - d_im * im;
      turned_im[q] = d_re * im + d_im * re;
    }
  }
}

/// The spectrum of `count` numbers, a power of two that divides the turns'; it lies in `*data`, which may become
/// `*other`.
static void transform(numbers *data, numbers *other, size_t count, const turns *turn) {
  for (size_t groups = count / 2, stride = 1; groups > 0; groups /= 2, stride *= 2) {
    halve(data, other, groups, stride, turn);
    const numbers swap = *data;
    *data = *other;
    *other = swap;
  }
}

/// The spectrum of a row of `width` numbers, of which `given` are read: width / 2 + 1 numbers.
static void transform_row(const float *input, size_t given, size_t width, const turns *turn, double *scratch,
                          numbers spectrum) {
  if (width == 1) {
    spectrum.re[0] = given > 0 ? (double)input[0] : 0;
    spectrum.im[0] = 0;
    return;
  }
  // Even numbers as real parts, odd ones as imaginary parts.
  const size_t half = width / 2;
  numbers data = {scratch, scratch + half}, other = {scratch + 2 * half, scratch + 3 * half};
  for (size_t k = 0; k < half; k++) {
    data.re[k] = 2 * k < given ? (double)input[2 * k] : 0;
    data.im[k] = 2 * k + 1 < given ? (double)input[2 * k + 1] : 0;
  }
  transform(&data, &other, half, turn);
  spectrum.re[0] = data.re[0] + data.im[0];
  spectrum.re[half] = data.re[0] - data.im[0];
  spectrum.im[0] = spectrum.im[half] = 0;
  for (size_t k = 1; k < half; k++) {
    const size_t mirror = half - k;
    const double even_re = 0.5 * (data.re[k] + data.re[mirror]), even_im = 0.5 * (data.im[k] - data.im[mirror]);
    const double odd_re = 0.5 * (data.im[k] + data.im[mirror]), odd_im = 0.5 * (data.re[mirror] - data.re[k]);
    spectrum.re[k] = even_re + (odd_re * turn->re[k] - odd_im * turn->im[k]);
    spectrum.im[k] = even_im + (odd_re * turn->im[k] + odd_im * turn->re[k]);
  }
}

/// The spectra of the columns of `height` rows.
static void transform_columns(numbers rows, size_t height, size_t columns, const turns *turn, double *scratch) {
  for (size_t column = 0; column < columns; column++) {
    numbers data = {scratch, scratch + height}, other = {scratch + 2 * height, scratch + 3 * height};
    for (size_t row = 0; row < height; row++) {
      data.re[row] = rows.re[row * columns + column];
      data.im[row] = rows.im[row * columns + column];
    }
    transform(&data, &other, height, turn);
    for (size_t row = 0; row < height; row++) {
      rows.re[row * columns + column] = data.re[row];
      rows.im[row * columns + column] = data.im[row];
    }
  }
}

size_t swl_real_fft_2d_table_count(const swl_real_fft_2d *sizes) {
  return 2 * (turn_count(sizes->width) + turn_count(sizes->height));
}

size_t swl_real_fft_2d_scratch_count(const swl_real_fft_2d *sizes) {
  const size_t row = 2 * sizes->width, column = 4 * sizes->height;
  return 2 * sizes->height * (sizes->width / 2 + 1) + (row > column ? row : column);
}

void swl_real_fft_2d_tables(const swl_real_fft_2d *sizes, double *tables) {
  fill_turns(sizes->width, tables);
  fill_turns(sizes->height, tables + 2 * turn_count(sizes->width));
}

void swl_f32_real_fft_2d(const swl_real_fft_2d *sizes, const double *tables, const float *input, double *scratch,
                         float *output, size_t begin, size_t end) {
  const size_t height = sizes->height, width = sizes->width, columns = width / 2 + 1, count = height * columns;
  const turns across = turns_at(tables, width), along = turns_at(tables + 2 * turn_count(width), height);
  const numbers spectrum = {scratch, scratch + count};
  for (size_t picture = begin; picture < end; picture++) {
    const float *source = input + picture * sizes->in_height * sizes->in_width;
    for (size_t row = 0; row < height; row++) {
      const numbers target = {spectrum.re + row * columns, spectrum.im + row * columns};
      const size_t given = row < sizes->in_height ? sizes->in_width : 0;
      transform_row(given > 0 ? source + row * sizes->in_width : source, given, width, &across, scratch + 2 * count,
                    target);
    }
    if (height > 1)
      transform_columns(spectrum, height, columns, &along, scratch + 2 * count);
    float *target = output + picture * 2 * count;
    for (size_t k = 0; k < count; k++) {
      target[2 * k] = (float)spectrum.re[k];
      target[2 * k + 1] = (float)spectrum.im[k];
    }
  }
}

void swl_complex_parts(swl_complex_part part, const float *input, size_t count, float *output) {
  switch (part) {
  case SWL_COMPLEX_REAL:
  case SWL_COMPLEX_IMAGINARY:
    for (size_t k = 0; k < count; k++)
      output[k] = input[2 * k + (part == SWL_COMPLEX_IMAGINARY)];
    return;
  default:
    for (size_t k = 0; k < count; k++) {
      const double re = (double)input[2 * k], im = (double)input[2 * k + 1];
      output[k] = (float)__builtin_elementwise_sqrt(re * re + im * im);
    }
  }
}
