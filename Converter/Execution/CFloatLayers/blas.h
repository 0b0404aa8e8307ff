#pragma once

// The system's OpenBLAS, which is not loaded before it is needed: it takes 3 MB, and most conversions multiply nothing.
// Matrices as in the C interface of BLAS: `order` 101 for row-major ones, 111 as they are, 112 transposed, 122 the
// lower triangle.

typedef void (*blas_gemm)(int order, int transposes_a, int transposes_b, int m, int n, int k, float alpha,
                          const float *a, int a_step, const float *b, int b_step, float beta, float *c, int c_step);
typedef void (*blas_syrk)(int order, int triangle, int transposes, int n, int k, float alpha, const float *a,
                          int a_step, float beta, float *c, int c_step);

enum { BLAS_ROW_MAJOR = 101, BLAS_PLAIN = 111, BLAS_TRANSPOSED = 112, BLAS_LOWER = 122 };

// Both NULL where the library is not installed. One thread for each product, so that several threads may each compute
// one.
typedef struct {
  blas_gemm gemm;
  blas_syrk syrk;
} blas_library;

const blas_library *blas(void);
