#include "transpose_phases.h"
#include <stdint.h>
#include <string.h>

static size_t product(size_t a, size_t b) {
  size_t result;
  return __builtin_mul_overflow(a, b, &result) ? SIZE_MAX : result;
}

static size_t sum(size_t a, size_t b) {
  size_t result;
  return __builtin_add_overflow(a, b, &result) ? SIZE_MAX : result;
}

/// Phases that a tap falls into.
static size_t phases(const swl_transposed_axis *axis) {
  return axis->kernel < axis->stride ? axis->kernel : axis->stride;
}

/// The phase whose last tap is `last`.
static swl_phase phase_of(const swl_transposed_axis *axis, size_t last) {
  const size_t stride = axis->stride, moved = axis->pad % stride;
  swl_phase phase = {.first = last >= moved ? last - moved : last + stride - moved, .last = last};
  if (phase.first < axis->out)
    phase.count = (axis->out - phase.first - 1) / stride + 1;
  const size_t position = (phase.first + axis->pad) / stride; // of the last tap of the first output, in the input
  phase.taps = (axis->kernel - last - 1) / stride + 1;
  // Where the output begins behind the first input, taps of 0 take the place of what is left out.
  if (phase.taps < position + 1)
    phase.taps = position + 1;
  phase.pad = phase.taps - 1 - position;
  return phase;
}

bool swl_transposed_joins(const swl_transposed *t) {
  const swl_transposed_axis *axis = &t->columns;
  return axis->kernel % axis->stride == 0 && axis->pad % axis->stride == 0 && axis->out % axis->stride == 0 &&
         product(t->out_channels, axis->stride) <= INT32_MAX;
}

bool swl_transposed_has_gaps(const swl_transposed *t) {
  return t->rows.kernel < t->rows.stride || t->columns.kernel < t->columns.stride;
}

static size_t column_parts(const swl_transposed *t) { return swl_transposed_joins(t) ? 1 : phases(&t->columns); }

size_t swl_transposed_parts(const swl_transposed *t) { return phases(&t->rows) * column_parts(t); }

swl_transposed_part swl_transposed_part_of(const swl_transposed *t, size_t index) {
  const size_t columns = column_parts(t);
  return (swl_transposed_part){
      .rows = phase_of(&t->rows, index / columns),
      .columns = phase_of(&t->columns, index % columns),
      .joined = swl_transposed_joins(t) ? t->columns.stride : 1,
  };
}

size_t swl_transposed_row_groups(const swl_transposed *t) {
  return t->rows.out == 0 ? 0 : (t->rows.out - 1) / t->rows.stride + 1;
}

size_t swl_transposed_groups_at_once(const swl_transposed *t, size_t element) {
  enum { OUTPUT_BYTES = 256 * 1024, FEWEST = 4 };
  const size_t bytes = product(product(t->rows.stride, t->columns.out), product(t->out_channels, element));
  const size_t fitting = OUTPUT_BYTES / (bytes > 0 ? bytes : 1);
  return fitting > FEWEST ? fitting : FEWEST;
}

static size_t weights_of(const swl_transposed *t, const swl_transposed_part *part) {
  return product(product(part->rows.taps, part->columns.taps),
                 product(t->in_channels, product(t->out_channels, part->joined)));
}

/// A multiple of 8.
static size_t aligned(size_t bytes) { return bytes > SIZE_MAX - 7 ? SIZE_MAX : (bytes + 7) & ~(size_t)7; }

size_t swl_transposed_gathered_bytes(const swl_transposed *t, size_t element, size_t channel) {
  size_t most = 0;
  for (size_t i = 0; i < swl_transposed_parts(t); i++) {
    const swl_transposed_part part = swl_transposed_part_of(t, i);
    const size_t weights = aligned(product(weights_of(t, &part), element));
    const size_t bytes = sum(weights, product(product(t->out_channels, part.joined), channel));
    most = bytes > most ? bytes : most;
  }
  return most;
}

/// The tap of the kernel that tap `t` of a phase is; not below `kernel` where there is none.
static size_t kernel_tap(const swl_phase *phase, size_t stride, size_t t) {
  return phase->last + stride * (phase->taps - 1 - t);
}

void *swl_transposed_gather(const swl_transposed *t, const swl_transposed_part *part, const void *weights,
                            size_t element, int zero, void *gathered) {
  const size_t bytes = t->in_channels * element;
  unsigned char *out = gathered;
  for (size_t phase = 0; phase < part->joined; phase++) {
    swl_phase columns = part->columns;
    columns.last += phase;
    for (size_t o = 0; o < t->out_channels; o++)
      for (size_t y = 0; y < part->rows.taps; y++)
        for (size_t x = 0; x < columns.taps; x++, out += bytes) {
          const size_t ky = kernel_tap(&part->rows, t->rows.stride, y);
          const size_t kx = kernel_tap(&columns, t->columns.stride, x);
          const size_t tap = (o * t->rows.kernel + ky) * t->columns.kernel + kx;
          if (ky < t->rows.kernel && kx < t->columns.kernel)
            memcpy(out, (const unsigned char *)weights + tap * bytes, bytes);
          else
            memset(out, zero, bytes);
        }
  }
  return (unsigned char *)gathered + aligned((size_t)(out - (unsigned char *)gathered));
}

const void *swl_transposed_repeat(const swl_transposed *t, const swl_transposed_part *part, const void *values,
                                  size_t bytes, void *memory) {
  if (part->joined == 1 || values == NULL)
    return values;
  for (size_t i = 0; i < part->joined; i++)
    memcpy((unsigned char *)memory + i * t->out_channels * bytes, values, t->out_channels * bytes);
  return memory;
}
