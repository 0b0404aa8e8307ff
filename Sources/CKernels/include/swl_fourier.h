// Spectra of real numbers, and the parts of complex ones. Complex numbers are pairs, real part first.
//
// Computed in double precision in one order, so that results are the same on every machine.
#ifndef SWL_FOURIER_H
#define SWL_FOURIER_H

#include <stddef.h>

/// The sizes of a transform: what is read of a picture of `in_height` x `in_width` is cut, or filled up with zeros, to
/// `height` x `width`, which are powers of two.
typedef struct swl_real_fft_2d {
  size_t in_height, in_width, height, width;
} swl_real_fft_2d;

/// Doubles of the tables and of the scratch memory.
size_t swl_real_fft_2d_table_count(const swl_real_fft_2d *sizes);
size_t swl_real_fft_2d_scratch_count(const swl_real_fft_2d *sizes);
void swl_real_fft_2d_tables(const swl_real_fft_2d *sizes, double *tables);

/// Pictures `begin` to below `end`: X[k, l] = sum of x[m, n] exp(-2 pi i (k m / height + l n / width)), for l up to
/// width / 2.
void swl_f32_real_fft_2d(const swl_real_fft_2d *sizes, const double *tables, const float *input, double *scratch,
                         float *output, size_t begin, size_t end);

typedef enum swl_complex_part { SWL_COMPLEX_REAL, SWL_COMPLEX_IMAGINARY, SWL_COMPLEX_MAGNITUDE } swl_complex_part;

void swl_complex_parts(swl_complex_part part, const float *input, size_t count, float *output);

#endif
