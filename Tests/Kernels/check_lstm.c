#include "check.h"
#include "lstm_squash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 3 };

typedef struct operands {
  int8_t *input, *matrices[8];
  int32_t *biases[4];
} operands;

static swl_multiplier multiplier(random_source *source) {
  return (swl_multiplier){between(source, 1 << 30, INT32_MAX - 1), between(source, -12, 0)};
}

static swl_i8_lstm_params random_layer(random_source *source) {
  swl_i8_lstm_params layer = {0};
  layer.inputs = (size_t)between(source, 1, 40);
  layer.cells = (size_t)between(source, 1, 40);
  layer.outputs = layer.cells;
  layer.has_input_gate = true;
  for (int gate = 0; gate < 4; gate++)
    layer.gates[gate] = (swl_lstm_gate){.input = multiplier(source), .recurrent = multiplier(source)};
  layer.state_integer_bits = between(source, 0, 6);
  layer.cell_clip = (int16_t)between(source, 0, 1) ? (int16_t)between(source, 1, INT16_MAX) : 0;
  layer.hidden = (swl_multiplier){1 << 30, -21};
  layer.hidden_zero_point = between(source, -128, 127);
  return layer;
}

/// A malformed file may hold any bias, the extremes too: the sums wrap around, on every instruction set alike.
static operands random_operands(random_source *source, const swl_i8_lstm_params *layer) {
  operands in = {.input = memory(STEPS * layer->inputs)};
  fill_bytes(source, in.input, STEPS * layer->inputs);
  for (int gate = 0; gate < 8; gate++) {
    const size_t count = layer->cells * (gate < 4 ? layer->inputs : layer->outputs);
    in.matrices[gate] = memory(count);
    fill_bytes(source, in.matrices[gate], count);
  }
  for (int gate = 0; gate < 4; gate++) {
    in.biases[gate] = memory(layer->cells * sizeof(int32_t));
    fill_bytes(source, in.biases[gate], layer->cells * sizeof(int32_t));
    in.biases[gate][0] = gate % 2 == 0 ? INT32_MAX : INT32_MIN;
  }
  return in;
}

static void run(swl_isa isa, const swl_i8_lstm_params *layer, const operands *in, int8_t *output) {
  void *packed = memory(swl_i8_lstm_packed_bytes(layer)), *scratch = memory(swl_i8_lstm_scratch_bytes(layer));
  int8_t *hidden = memory(layer->outputs);
  int16_t *state = memory(layer->cells * sizeof(int16_t));
  memset(hidden, 0, layer->outputs);
  memset(state, 0, layer->cells * sizeof(int16_t));
  swl_i8_lstm_weights weights = {.input_zero_point = -3, .output_zero_point = 5};
  for (int gate = 0; gate < 4; gate++) {
    weights.input[gate] = in->matrices[gate];
    weights.recurrent[gate] = in->matrices[gate + 4];
    weights.bias[gate] = in->biases[gate];
  }
  swl_i8_lstm_pack(isa, layer, &weights, packed);
  swl_i8_lstm(isa, layer, packed, STEPS, in->input, layer->inputs, output, layer->outputs, hidden, state, scratch);
  free(packed);
  free(scratch);
  free(hidden);
  free(state);
}

static int compare(const swl_i8_lstm_params *layer, random_source *source, uint64_t *digest) {
  operands in = random_operands(source, layer);
  const size_t bytes = STEPS * layer->outputs;
  int8_t *expected = memory(bytes), *output = memory(bytes);
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (!swl_isa_runnable((swl_isa)isa))
      continue;
    int8_t *target = isa == SWL_ISA_SCALAR ? expected : output;
    memset(target, 0xA5, bytes);
    run((swl_isa)isa, layer, &in, target);
    if (memcmp(expected, target, bytes) != 0) {
      printf("LSTM on %s differs from scalar: %zu inputs, %zu cells\n", swl_isa_name((swl_isa)isa), layer->inputs,
             layer->cells);
      failures++;
    }
  }
  digest_bytes(digest, expected, bytes);
  free(in.input);
  for (int gate = 0; gate < 8; gate++)
    free(in.matrices[gate]);
  for (int gate = 0; gate < 4; gate++)
    free(in.biases[gate]);
  free(expected);
  free(output);
  return failures;
}

enum { NUMBERS = 65536, TANH_FORMS = 7 };

/// Logistic function (form TANH_FORMS) or hyperbolic tangent with `form` integer bits of every 16-bit number.
static void squash_all(swl_isa isa, int form, const int16_t *x, int16_t *y) {
  if (form == TANH_FORMS)
    lstm_logistic(isa, x, y, NUMBERS);
  else
    lstm_tanh(isa, x, y, NUMBERS, form);
}

static int compare_squashed(uint64_t *digest) {
  int16_t *x = memory(NUMBERS * sizeof *x), *expected = memory(NUMBERS * sizeof *x), *y = memory(NUMBERS * sizeof *x);
  int failures = 0;
  for (int i = 0; i < NUMBERS; i++)
    x[i] = (int16_t)(i + INT16_MIN);
  for (int form = 0; form <= TANH_FORMS; form++) {
    squash_all(SWL_ISA_SCALAR, form, x, expected);
    digest_bytes(digest, expected, NUMBERS * sizeof *x);
    for (int isa = 1; isa < SWL_ISA_COUNT; isa++) {
      if (!swl_isa_runnable((swl_isa)isa))
        continue;
      squash_all((swl_isa)isa, form, x, y);
      if (memcmp(expected, y, NUMBERS * sizeof *x) != 0) {
        printf("squashing in form %d on %s differs from scalar\n", form, swl_isa_name((swl_isa)isa));
        failures++;
      }
    }
  }
  free(x);
  free(expected);
  free(y);
  return failures;
}

int check_lstm(random_source *source, int layers, uint64_t *digest) {
  int failures = compare_squashed(digest);
  for (int i = 0; i < layers; i++) {
    swl_i8_lstm_params layer = random_layer(source);
    failures += compare(&layer, source, digest);
  }
  return failures;
}
