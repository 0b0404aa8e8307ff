// Where the largest and smallest elements stand.
#ifndef SWL_SEARCH_H
#define SWL_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/// Element types by their bytes and meaning; bool counts as SWL_SEARCH_U8.
typedef enum swl_search_type {
  SWL_SEARCH_F32,
  SWL_SEARCH_I8,
  SWL_SEARCH_U8,
  SWL_SEARCH_I16,
  SWL_SEARCH_I32,
  SWL_SEARCH_I64,
} swl_search_type;

/// For each of `outer` x `inner` lines of `count` elements, `inner` apart, the position of the first largest
/// (`finds_least`: smallest) element, as int64 when `is_wide`, else int32. A NaN never replaces what was found before
/// it.
void swl_search_extremum(swl_search_type type, bool finds_least, bool is_wide, const void *source, void *output,
                         size_t outer, size_t count, size_t inner);

#endif
