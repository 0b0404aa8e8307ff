// Random layers for the kernel families: every instruction set of the machine must return the scalar variant's bytes,
// and every machine must print the same digests.
#ifndef CHECK_H
#define CHECK_H

#include "CKernels.h"
#include <stddef.h>
#include <stdint.h>

typedef struct random_source {
  uint64_t state;
} random_source;

uint64_t next_random(random_source *source);
/// A number in low..high, both included.
int32_t between(random_source *source, int32_t low, int32_t high);
void fill_bytes(random_source *source, void *bytes, size_t count);
/// Floats in [-1, 1).
void fill_floats(random_source *source, float *values, size_t count);

/// Memory aligned to 64; ends the program when there is none.
void *memory(size_t count);

/// Runs `layers` random cases on every instruction set. 0 when all agree; otherwise says which does not. Adds the
/// scalar variant's outputs to the digest.
int check_q8(random_source *source, int layers, uint64_t *digest);
int check_f32(random_source *source, int layers, uint64_t *digest);
int check_hybrid(random_source *source, int layers, uint64_t *digest);
int check_hybrid_depthwise(random_source *source, int layers, uint64_t *digest);
int check_hybrid_rows(random_source *source, int rounds, uint64_t *digest);
int check_sums(random_source *source, int rows, uint64_t *digest);
int check_matrices(random_source *source, int rounds, uint64_t *digest);
int check_lstm(random_source *source, int layers, uint64_t *digest);
int check_transpose(random_source *source, int layers, uint64_t *digest);
int check_rounding(random_source *source, int rounds, uint64_t *digest);

/// Fowler-Noll-Vo, 64 bit, variant 1a.
void digest_bytes(uint64_t *digest, const void *bytes, size_t count);

#endif
