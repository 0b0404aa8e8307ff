#include "isa_variants.h"
#include "lstm_fixed_point.h"
#include "lstm_gemv.h"
#include "lstm_squash.h"
#include "swl_lstm.h"
#include <string.h>

/// Where the parts of the packed weights lie, in bytes; every part is aligned to 64.
typedef struct lstm_layout {
  size_t rows, input, recurrent, input_start, recurrent_start, projection, projection_start, peephole, norm, norm_bias;
  size_t multipliers, bytes;
} lstm_layout;

/// The multiplier of every row: 31 fractional bits, then a shift to the right.
typedef struct lstm_rows {
  const int32_t *input_multiplier, *input_shift, *recurrent_multiplier, *recurrent_shift;
} lstm_rows;

static inline int32_t halve(int32_t x, int32_t exponent) {
  const int32_t mask = (int32_t)((UINT32_C(1) << exponent) - 1), threshold = (mask >> 1) + (x < 0);
  return (x >> exponent) + ((x & mask) > threshold);
}

/// x * multiplier / 2^(31 + shift), rounded twice.
static inline int32_t scale_down(int32_t x, int32_t multiplier, int32_t shift) {
  return halve((int32_t)(uint32_t)((uint64_t)((int64_t)x * multiplier + (INT64_C(1) << 30)) >> 31), shift);
}

#define ISA_BODY "lstm_i8_variant.inc"
#include "isa_variants.inc"

static size_t place(size_t *end, size_t bytes) {
  const size_t offset = *end;
  *end += (bytes + 63) / 64 * 64;
  return offset;
}

static size_t padded(size_t count) { return lstm_blocks(count) * 16; }

static size_t first_gate(const swl_i8_lstm_params *p) { return p->has_input_gate ? 0 : 1; }

static size_t row_count(const swl_i8_lstm_params *p) { return (4 - first_gate(p)) * p->cells; }

static size_t matrix_bytes(size_t rows, size_t depth) { return padded(rows) * lstm_groups(depth) * 4; }

static lstm_layout layout_of(const swl_i8_lstm_params *p) {
  lstm_layout l = {.rows = padded(row_count(p))};
  l.input = place(&l.bytes, matrix_bytes(l.rows, p->inputs));
  l.recurrent = place(&l.bytes, matrix_bytes(l.rows, p->outputs));
  l.input_start = place(&l.bytes, l.rows * sizeof(int32_t));
  l.recurrent_start = place(&l.bytes, l.rows * sizeof(int32_t));
  l.multipliers = place(&l.bytes, 4 * l.rows * sizeof(int32_t));
  l.projection = place(&l.bytes, p->has_projection ? matrix_bytes(p->outputs, p->cells) : 0);
  l.projection_start = place(&l.bytes, p->has_projection ? padded(p->outputs) * sizeof(int32_t) : 0);
  l.peephole = place(&l.bytes, p->has_peephole ? 3 * p->cells * sizeof(int16_t) : 0);
  l.norm = place(&l.bytes, p->has_norm ? l.rows * sizeof(int16_t) : 0);
  l.norm_bias = place(&l.bytes, p->has_norm ? l.rows * sizeof(int32_t) : 0);
  return l;
}

size_t swl_i8_lstm_packed_bytes(const swl_i8_lstm_params *params) { return layout_of(params).bytes; }

/// start[r] = bias[r] - (zero point + offset) * sum of row r, modulo 2^32.
static void add_starts(const void *matrix, const void *bias, size_t rows, size_t depth, int32_t zero_point,
                       int32_t *start) {
  const int8_t *weights = matrix;
  for (size_t r = 0; r < rows; r++) {
    uint32_t sum = 0, value = 0;
    for (size_t k = 0; k < depth; k++)
      sum += (uint32_t)(int32_t)weights[r * depth + k];
    if (bias)
      memcpy(&value, (const unsigned char *)bias + r * sizeof value, sizeof value);
    start[r] = (int32_t)(value - (uint32_t)zero_point * sum);
  }
}

void swl_i8_lstm_pack(swl_isa isa, const swl_i8_lstm_params *p, const swl_i8_lstm_weights *w, void *packed) {
  const lstm_layout l = layout_of(p);
  unsigned char *base = packed;
  memset(base, 0, l.bytes);
  const int32_t offset = lstm_gemv_offset(isa);
  int32_t *input_start = (int32_t *)(void *)(base + l.input_start);
  int32_t *recurrent_start = (int32_t *)(void *)(base + l.recurrent_start);
  int32_t *multipliers = (int32_t *)(void *)(base + l.multipliers);
  for (size_t g = first_gate(p), row = 0; g < 4; g++, row += p->cells) {
    lstm_gemv_pack(w->input[g], row, p->cells, p->inputs, (int8_t *)base + l.input);
    lstm_gemv_pack(w->recurrent[g], row, p->cells, p->outputs, (int8_t *)base + l.recurrent);
    add_starts(w->input[g], p->has_norm ? NULL : w->bias[g], p->cells, p->inputs, w->input_zero_point + offset,
               input_start + row);
    add_starts(w->recurrent[g], NULL, p->cells, p->outputs, w->output_zero_point + offset, recurrent_start + row);
    for (size_t r = row; r < row + p->cells; r++) {
      multipliers[r] = p->gates[g].input.multiplier;
      multipliers[l.rows + r] = -p->gates[g].input.shift;
      multipliers[2 * l.rows + r] = p->gates[g].recurrent.multiplier;
      multipliers[3 * l.rows + r] = -p->gates[g].recurrent.shift;
    }
    if (p->has_norm) {
      memcpy(base + l.norm + row * sizeof(int16_t), w->norm[g], p->cells * sizeof(int16_t));
      memcpy(base + l.norm_bias + row * sizeof(int32_t), w->bias[g], p->cells * sizeof(int32_t));
    }
  }
  if (p->has_peephole)
    for (size_t g = first_gate(p); g < 3; g++)
      memcpy(base + l.peephole + g * p->cells * sizeof(int16_t), w->peephole[g], p->cells * sizeof(int16_t));
  if (p->has_projection) {
    lstm_gemv_pack(w->projection, 0, p->outputs, p->cells, (int8_t *)base + l.projection);
    add_starts(w->projection, w->projection_bias, p->outputs, p->cells, w->hidden_zero_point + offset,
               (int32_t *)(void *)(base + l.projection_start));
  }
}

/// Where the parts of the scratch memory lie, in bytes. Elementwise loops overrun their rows by up to 15.
typedef struct lstm_scratch {
  size_t input_sums, recurrent_sums, gates, active, state, squashed, vector, hidden, bytes;
} lstm_scratch;

static lstm_scratch scratch_of(const swl_i8_lstm_params *p) {
  const size_t rows = padded(row_count(p)) + 16, cells = padded(p->cells);
  const size_t outputs = padded(p->outputs);
  const size_t sums = rows > outputs ? rows : outputs;
  const size_t wider = p->inputs > p->outputs ? p->inputs : p->outputs, depth = wider > p->cells ? wider : p->cells;
  lstm_scratch s = {0};
  s.input_sums = place(&s.bytes, sums * sizeof(int32_t));
  s.recurrent_sums = place(&s.bytes, sums * sizeof(int32_t));
  s.gates = place(&s.bytes, rows * sizeof(int16_t));
  s.active = place(&s.bytes, rows * sizeof(int16_t));
  s.state = place(&s.bytes, cells * sizeof(int16_t));
  s.squashed = place(&s.bytes, cells * sizeof(int16_t));
  s.vector = place(&s.bytes, depth + 4);
  s.hidden = place(&s.bytes, cells + 16);
  return s;
}

size_t swl_i8_lstm_scratch_bytes(const swl_i8_lstm_params *params) { return scratch_of(params).bytes; }

/// Everything that one step works on.
typedef struct lstm_step {
  const swl_i8_lstm_params *params;
  const unsigned char *packed;
  lstm_layout layout;
  swl_isa isa;
  isa_variant variant;
  lstm_gemv gemv;
  int32_t *input_sums, *recurrent_sums;
  int16_t *gates, *active, *state, *squashed;
  int8_t *vector, *hidden;
} lstm_step;

/// The vector with zeros behind it up to a whole group.
static const int8_t *whole_groups(const lstm_step *s, const int8_t *vector, size_t depth) {
  memcpy(s->vector, vector, depth);
  memset(s->vector + depth, 0, lstm_groups(depth) * 4 - depth);
  return s->vector;
}

static void multiply(const lstm_step *s, size_t matrix, size_t start, const int8_t *vector, size_t depth, size_t rows,
                     int32_t *sums) {
  s->gemv((const int8_t *)s->packed + matrix, (const int32_t *)(const void *)(s->packed + start),
          whole_groups(s, vector, depth), lstm_groups(depth), lstm_blocks(rows), sums);
}

static bool shifts_left(const swl_i8_lstm_params *p) {
  for (size_t g = first_gate(p); g < 4; g++)
    if (p->gates[g].input.shift > 0 || p->gates[g].recurrent.shift > 0)
      return true;
  return false;
}

static int16_t saturate16(int64_t x) { return (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x); }

/// Both products of all gates, for any multipliers.
static void requantize_any(const lstm_step *s) {
  const swl_i8_lstm_params *p = s->params;
  for (size_t g = first_gate(p), row = 0; g < 4; g++)
    for (size_t i = 0; i < p->cells; i++, row++) {
      const int16_t first = saturate16(swl_multiply_double_rounding(s->input_sums[row], p->gates[g].input));
      const int64_t second = swl_multiply_double_rounding(s->recurrent_sums[row], p->gates[g].recurrent);
      s->gates[row] = saturate16(first + second);
    }
}

static void requantize(const lstm_step *s) {
  typedef void (*function)(const lstm_rows *, const int32_t *, const int32_t *, int16_t *, size_t);
  static const function variants[VARIANT_COUNT] = ISA_VARIANTS(requantize);
  if (shifts_left(s->params)) {
    requantize_any(s);
    return;
  }
  const size_t rows = s->layout.rows;
  const int32_t *multipliers = (const int32_t *)(const void *)(s->packed + s->layout.multipliers);
  const lstm_rows of = {multipliers, multipliers + rows, multipliers + 2 * rows, multipliers + 3 * rows};
  variants[s->variant](&of, s->input_sums, s->recurrent_sums, s->gates, rows);
}

/// The row of gate `g`'s first cell.
static size_t row_of(const swl_i8_lstm_params *p, size_t g) { return (g - first_gate(p)) * p->cells; }

static void add_peephole(const lstm_step *s, size_t g) {
  const swl_i8_lstm_params *p = s->params;
  const int16_t *weights = (const int16_t *)(const void *)(s->packed + s->layout.peephole) + g * p->cells;
  int16_t *gate = s->gates + row_of(p, g);
  for (size_t i = 0; i < p->cells; i++)
    gate[i] =
        saturate16((int64_t)swl_multiply_double_rounding(weights[i] * s->state[i], p->gates[g].peephole) + gate[i]);
}

/// Layer normalisation. Source: TensorFlow Lite's ApplyLayerNorm for 16-bit gates.
static void normalize(const lstm_step *s, size_t g) {
  const swl_i8_lstm_params *p = s->params;
  const size_t row = row_of(p, g);
  int16_t *gate = s->gates + row;
  const int16_t *weights = (const int16_t *)(const void *)(s->packed + s->layout.norm) + row;
  const int32_t *bias = (const int32_t *)(const void *)(s->packed + s->layout.norm_bias) + row;
  const int64_t count = (int64_t)p->cells;
  int64_t sum = 0, squares = 0;
  for (size_t i = 0; i < p->cells; i++) {
    sum += gate[i];
    squares += gate[i] * gate[i];
  }
  const int64_t mean = sum * 1024 / count;
  const int32_t variance = (int32_t)((squares * ((1 << 20) / count) - mean * mean) / (1 << 20));
  const swl_multiplier deviation = swl_inverse_square_root(variance < 1 ? p->gates[g].variance_guard : variance);
  for (size_t i = 0; i < p->cells; i++) {
    const int64_t scaled = swl_multiply_double_rounding((int32_t)(1024 * gate[i] - mean), deviation);
    const int64_t weighted = scaled * weights[i] + bias[i];
    const int32_t rounded = swl_saturate_i32((weighted > 0 ? weighted + 512 : weighted - 512) / 1024);
    gate[i] = saturate16(swl_multiply_double_rounding(rounded, p->gates[g].norm));
  }
}

static void squash_gates(const lstm_step *s, size_t first, size_t end) {
  const size_t row = row_of(s->params, first);
  lstm_logistic(s->isa, s->gates + row, s->active + row, padded(row_of(s->params, end) - row));
}

static void squash(const lstm_step *s, const int16_t *x, int16_t *y, int integer_bits) {
  lstm_tanh(s->isa, x, y, padded(s->params->cells), integer_bits);
}

static void update_state(const lstm_step *s) {
  typedef void (*function)(const int16_t *, const int16_t *, const int16_t *, int16_t *, size_t, int, int32_t, int32_t);
  static const function variants[VARIANT_COUNT] = ISA_VARIANTS(update);
  const swl_i8_lstm_params *p = s->params;
  const int32_t clip = p->cell_clip;
  const int16_t *input = s->active;
  if (!p->has_input_gate) {
    // Coupled to the forget gate: 1 - forget.
    for (size_t i = 0; i < p->cells; i++)
      s->squashed[i] = (int16_t)(INT16_MAX - s->active[row_of(p, 1) + i]);
    input = s->squashed;
  }
  variants[s->variant](input, s->active + row_of(p, 1), s->active + row_of(p, 3), s->state, padded(p->cells),
                       p->state_integer_bits, clip > 0 ? -clip : INT16_MIN, clip > 0 ? clip : INT16_MAX);
}

static void hide(const lstm_step *s) {
  typedef void (*function)(const int16_t *, const int16_t *, int8_t *, size_t, int32_t, int32_t, int32_t);
  static const function variants[VARIANT_COUNT] = ISA_VARIANTS(hide);
  const swl_i8_lstm_params *p = s->params;
  variants[s->variant](s->active + row_of(p, 2), s->squashed, s->hidden, padded(p->cells), p->hidden.multiplier,
                       -p->hidden.shift, p->hidden_zero_point);
}

static void project(const lstm_step *s, int8_t *output) {
  const swl_i8_lstm_params *p = s->params;
  // The gates are no longer needed.
  multiply(s, s->layout.projection, s->layout.projection_start, s->hidden, p->cells, p->outputs, s->input_sums);
  const int32_t clip = p->projection_clip;
  for (size_t i = 0; i < p->outputs; i++) {
    const int64_t scaled =
        (int64_t)swl_multiply_double_rounding(s->input_sums[i], p->projection) + p->output_zero_point;
    const int32_t limited = swl_clamp_i32(swl_saturate_i32(scaled), INT8_MIN, INT8_MAX);
    output[i] = (int8_t)(clip > 0 ? swl_clamp_i32(limited, -clip, clip) : limited);
  }
}

static void step(const lstm_step *s, const int8_t *input, int8_t *output_state) {
  const swl_i8_lstm_params *p = s->params;
  const lstm_layout *l = &s->layout;
  multiply(s, l->input, l->input_start, input, p->inputs, l->rows, s->input_sums);
  multiply(s, l->recurrent, l->recurrent_start, output_state, p->outputs, l->rows, s->recurrent_sums);
  requantize(s);
  for (size_t g = first_gate(p); g < 4; g++) {
    if (g == 2)
      continue;
    if (p->has_peephole && g < 2)
      add_peephole(s, g);
    if (p->has_norm)
      normalize(s, g);
  }
  // What a loop writes behind its rows is written again by the next.
  const bool waits = p->has_peephole;
  if (p->has_norm && !waits)
    normalize(s, 2);
  squash_gates(s, first_gate(p), waits ? 2 : 3);
  squash(s, s->gates + row_of(p, 3), s->active + row_of(p, 3), 3);
  update_state(s);
  if (waits) {
    add_peephole(s, 2);
    if (p->has_norm)
      normalize(s, 2);
    squash_gates(s, 2, 3);
  }
  squash(s, s->state, s->squashed, p->state_integer_bits);
  hide(s);
  if (p->has_projection)
    project(s, output_state);
  else
    memcpy(output_state, s->hidden, p->outputs);
}

void swl_i8_lstm(swl_isa isa, const swl_i8_lstm_params *p, const void *packed, size_t steps, const int8_t *input,
                 size_t input_stride, int8_t *output, size_t output_stride, int8_t *output_state, int16_t *cell_state,
                 void *scratch) {
  const lstm_scratch places = scratch_of(p);
  unsigned char *base = scratch;
  memset(base, 0, places.bytes);
  const lstm_step s = {.params = p,
                       .packed = packed,
                       .layout = layout_of(p),
                       .isa = isa,
                       .variant = isa_variant_for(isa),
                       .gemv = lstm_gemv_for(isa),
                       .input_sums = (int32_t *)(void *)(base + places.input_sums),
                       .recurrent_sums = (int32_t *)(void *)(base + places.recurrent_sums),
                       .gates = (int16_t *)(void *)(base + places.gates),
                       .active = (int16_t *)(void *)(base + places.active),
                       .state = (int16_t *)(void *)(base + places.state),
                       .squashed = (int16_t *)(void *)(base + places.squashed),
                       .vector = (int8_t *)base + places.vector,
                       .hidden = (int8_t *)base + places.hidden};
  memcpy(s.state, cell_state, p->cells * sizeof(int16_t));
  for (size_t t = 0; t < steps; t++) {
    step(&s, input + t * input_stride, output_state);
    memcpy(output + t * output_stride, output_state, p->outputs);
  }
  memcpy(cell_state, s.state, p->cells * sizeof(int16_t));
}
