// Where the largest and smallest elements stand.
#ifndef SWL_SEARCH_H
#define SWL_SEARCH_H

#include "swl_element.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// For lines `begin` to below `end` of `count` elements, of which `inner` lie interleaved, the position of the first
/// largest
/// (`finds_least`: smallest) element, as int64 when `is_wide`, else int32. A NaN never replaces what was found before
/// it.
void swl_search_extremum(swl_element type, bool finds_least, bool is_wide, const void *source, void *output,
                         size_t count, size_t inner, size_t begin, size_t end);

/// The `k` largest of each of `rows` rows of `count` elements by falling value, equal ones by rising position; `k` is
/// at most `count`. Positions are int16 when `index_bytes` is 2, else int32. `scratch` holds `k` numbers.
void swl_search_top_k(swl_element type, const void *source, size_t rows, size_t count, size_t k, void *values,
                      void *positions, size_t index_bytes, int32_t *scratch);

/// The number of boundaries, which rise, that are not above each element. Types: F32, I32, I64, compared as float32.
void swl_search_buckets(swl_element type, const void *source, size_t count, const float *boundaries,
                        size_t boundary_count, int32_t *output);

#endif
