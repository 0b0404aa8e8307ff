// Where the elements are that are not zero.
#ifndef SWL_LOCATE_H
#define SWL_LOCATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How many of `count` elements of 1, 2, 4 or 8 bytes are not zero; NaN is not.
size_t swl_count_nonzero(const void *source, size_t count, size_t element_bytes, bool is_float);

/// Writes the position of each such element, `rank` coordinates in a tensor of `dimensions`.
void swl_locate_nonzero(const void *source, size_t count, size_t element_bytes, bool is_float,
                        const intptr_t *dimensions, size_t rank, int64_t *positions);

#endif
