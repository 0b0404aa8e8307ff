// Walks two operands row by row; see swl_elementwise.h for what a broadcast is.
#ifndef ELEMENTWISE_BROADCAST_H
#define ELEMENTWISE_BROADCAST_H

#include "swl_elementwise.h"

/// Computes `count` consecutive outputs from as many consecutive elements of each operand.
typedef void (*binary_row)(const void *params, const void *a, const void *b, void *output, size_t count);

typedef struct binary_sizes {
  size_t a, b, output;
} binary_sizes;

void elementwise_walk(const swl_broadcast *shape, binary_row row, binary_sizes sizes, const void *params, const void *a,
                      const void *b, void *output, size_t begin, size_t end);

/// The output may be the memory of an operand, element for element, so no iteration depends on another.
#define ELEMENTWISE_LOOP _Pragma("clang loop vectorize(assume_safety)") for (size_t i = 0; i < count; i++)

/// For operations that are rare or do not vectorise: small code.
#define COMPACT_LOOP _Pragma("clang loop vectorize(disable) unroll(disable)") for (size_t i = 0; i < count; i++)

/// Defines the row `VARIANT(name)` of an operation. `Setup` reads the parameters from `params`; the expression is over
/// `x`, an A, and `y`, a B.
#define BINARY_ROW(name, A, B, O, Loop, Setup, expression)                                                             \
  static void VARIANT(name)(const void *params, const void *av, const void *bv, void *ov, size_t count) {              \
    const A *a = av;                                                                                                   \
    const B *b = bv;                                                                                                   \
    O *output = ov;                                                                                                    \
    Setup;                                                                                                             \
    Loop {                                                                                                             \
      const A x = a[i];                                                                                                \
      const B y = b[i];                                                                                                \
      output[i] = (O)(expression);                                                                                     \
    }                                                                                                                  \
  }

#endif
