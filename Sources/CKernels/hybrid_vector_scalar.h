// One int32 sum of the products of two 16-bit numbers with two weights: the specification of the other wrappers.
#ifndef HYBRID_VECTOR_SCALAR_H
#define HYBRID_VECTOR_SCALAR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t vi1;
typedef struct vi1_weights_t {
  int8_t first, second;
} vi1_weights_t;
typedef struct vi1_word_t {
  int16_t first, second;
} vi1_word_t;

/// The products' sum starts at -sum * zero, modulo 2^32.
static inline vi1 vi1_start(const int32_t *sum, int32_t zero) { return 0u - (uint32_t)*sum * (uint32_t)zero; }
static inline vi1_weights_t vi1_weights(const int8_t *p) { return (vi1_weights_t){p[0], p[1]}; }
static inline vi1_word_t vi1_word(const unsigned char *p) {
  vi1_word_t word;
  memcpy(&word, p, sizeof word);
  return word;
}
static inline vi1 vi1_dot(vi1 sum, vi1_word_t word, vi1_weights_t weights) {
  return sum + (uint32_t)(word.first * weights.first) + (uint32_t)(word.second * weights.second);
}
static inline vi1 vi1_add(vi1 a, vi1 b) { return a + b; }
static inline float vi1_float(vi1 sum) { return (float)(int32_t)sum; }

#endif
