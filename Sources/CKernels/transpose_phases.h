// A transposed convolution as ordinary ones.
//
// Output positions that are a stride apart, a phase, see the same taps of the kernel: those that are a stride apart.
// Each phase is therefore a convolution of the input with stride 1 and with these taps in reverse order. Phases that no
// tap falls into, where strides are larger than the kernel, hold the bias alone.
#ifndef TRANSPOSE_PHASES_H
#define TRANSPOSE_PHASES_H

#include <stdbool.h>
#include <stddef.h>

/// One axis of a picture: output position y * stride + k - pad sees input position y through tap k.
typedef struct swl_transposed_axis {
  size_t out, kernel, stride, pad;
} swl_transposed_axis;

/// Every `stride`-th output from `first` on.
typedef struct swl_phase {
  size_t first, count;
  /// Of its convolution; tap t is tap `last + stride * (taps - 1 - t)` of the kernel, or 0 behind the kernel's end.
  size_t taps, pad, last;
} swl_phase;

typedef struct swl_transposed {
  swl_transposed_axis rows, columns;
  size_t in_channels, out_channels;
} swl_transposed;

/// One of the convolutions.
typedef struct swl_transposed_part {
  swl_phase rows, columns;
  /// How many phases of the columns are side by side as output channels: all of them or one.
  size_t joined;
} swl_transposed_part;

/// Whether the phases of the columns see the same input, so that they can be output channels of one convolution.
bool swl_transposed_joins(const swl_transposed *t);

/// Whether outputs exist that no tap falls onto.
bool swl_transposed_has_gaps(const swl_transposed *t);

/// Parts are counted with those that have no output.
size_t swl_transposed_parts(const swl_transposed *t);
swl_transposed_part swl_transposed_part_of(const swl_transposed *t, size_t index);
static inline bool swl_transposed_is_empty(const swl_transposed_part *part) {
  return part->rows.count == 0 || part->columns.count == 0;
}

/// Groups of rows, one of each phase, that are independent of each other.
size_t swl_transposed_row_groups(const swl_transposed *t);

/// How many of these groups are computed together: few enough for their output to stay in a second-level cache.
size_t swl_transposed_groups_at_once(const swl_transposed *t, size_t element);

/// The most bytes that the weights of a part have, `element` each, and behind them a number of `channel` bytes for each
/// output channel. Saturates.
size_t swl_transposed_gathered_bytes(const swl_transposed *t, size_t element, size_t channel);

/// Copies the weights of a part from (output channels, height, width, input channels); missing ones get bytes of
/// `zero`. Returns what stands behind them.
void *swl_transposed_gather(const swl_transposed *t, const swl_transposed_part *part, const void *weights,
                            size_t element, int zero, void *gathered);

/// `values`, `bytes` for each output channel, once for each joined phase: in place of one, or copied to `memory`.
const void *swl_transposed_repeat(const swl_transposed *t, const swl_transposed_part *part, const void *values,
                                  size_t bytes, void *memory);

#endif
