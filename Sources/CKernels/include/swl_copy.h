// Moving bytes between layouts: one N-dimensional copy that carries slicing, transposing, padding, tiling and joining.
#ifndef SWL_COPY_H
#define SWL_COPY_H

#include <stddef.h>

/// One loop of a copy. Strides are bytes and may be 0 (repeat) or negative (reverse).
typedef struct swl_copy_axis {
  size_t count;
  ptrdiff_t source_stride;
  ptrdiff_t destination_stride;
} swl_copy_axis;

enum { SWL_COPY_RANK_MAX = 16 };

/// Copies `run_bytes` bytes from `source` to `destination` for every combination of the `rank` loops, outermost first,
/// of which the outermost runs from `begin` to below `end`. At most SWL_COPY_RANK_MAX loops; without any there is one
/// run. Source and destination runs must not overlap partly; no alignment is assumed.
void swl_copy_strided(const void *source, void *destination, const swl_copy_axis *axes, size_t rank, size_t run_bytes,
                      size_t begin, size_t end);

#endif
