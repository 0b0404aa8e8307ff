// Products of a packed int8 matrix and an int8 vector, exact in 32 bits.
//
// Rows stand in blocks of 16, depth in groups of 4: [row / 16][depth / 4][row % 16][depth % 4], padded with zeros. VNNI
// multiplies unsigned by signed bytes: there the vector is moved by 128, and the start of every row makes up for it.
#ifndef LSTM_GEMV_H
#define LSTM_GEMV_H

#include "swl_isa.h"
#include <stddef.h>
#include <stdint.h>

/// sums[r] = start[r] + row r times `vector`; `groups` groups of 4, `blocks` blocks of 16 rows.
typedef void (*lstm_gemv)(const int8_t *packed, const int32_t *start, const int8_t *vector, size_t groups,
                          size_t blocks, int32_t *sums);

lstm_gemv lstm_gemv_for(swl_isa isa);

/// What the variant for `isa` adds to every element of the vector: 0 or 128.
int32_t lstm_gemv_offset(swl_isa isa);

static inline size_t lstm_groups(size_t depth) { return (depth + 3) / 4; }
static inline size_t lstm_blocks(size_t rows) { return (rows + 15) / 16; }

/// Packs rows [first, first + rows) from a (rows, depth) matrix at any address.
void lstm_gemv_pack(const void *matrix, size_t first, size_t rows, size_t depth, int8_t *packed);

#endif
