// Long short-term memory: the work of one time step after and around the matrix products.
//
// The rows of all gates stand one after another: input gate (absent when coupled to the forget gate), forget gate,
// output gate, cell gate; each has `cells` rows.
#ifndef SWL_LSTM_H
#define SWL_LSTM_H

#include "swl_fixed_point.h"
#include "swl_isa.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How cell gate and cell state are squashed, numbered as in the file format.
typedef enum swl_lstm_activation {
  SWL_LSTM_NONE = 0,
  SWL_LSTM_RELU = 1,
  SWL_LSTM_RELU_N1_TO_1 = 2,
  SWL_LSTM_RELU6 = 3,
  SWL_LSTM_TANH = 4
} swl_lstm_activation;

typedef struct swl_f32_lstm_params {
  size_t cells;
  bool has_input_gate;
  swl_lstm_activation activation;
  /// Limit of the cell state's magnitude; 0 for none.
  float cell_clip;
} swl_f32_lstm_params;

/// Finishes one step: `gates` holds the matrix products of all rows and is used up, `state` the cell state, which is
/// updated, and `hidden` receives `cells` outputs.
///
/// `peephole` is null or holds the weights from cell state to input, forget and output gate. `norm` is null or holds
/// the coefficients of layer normalisation for every row; the biases are then in `bias` and not in `gates`.
void swl_f32_lstm_cell(swl_isa isa, const swl_f32_lstm_params *params, float *gates, const float *peephole,
                       const float *norm, const float *bias, float *state, float *hidden);

/// One gate of the 8-bit form.
typedef struct swl_lstm_gate {
  swl_multiplier input, recurrent, peephole, norm;
  /// Stands in for a variance below 1.
  int32_t variance_guard;
} swl_lstm_gate;

typedef struct swl_i8_lstm_params {
  size_t inputs, cells, outputs;
  bool has_input_gate, has_peephole, has_norm, has_projection;
  /// Input, forget, output and cell gate.
  swl_lstm_gate gates[4];
  /// The cell state has this many integer bits, 0 to 6: its scale is 2^(state_integer_bits - 15).
  int32_t state_integer_bits;
  /// Limits in stored units; 0 for none.
  int16_t cell_clip;
  int8_t projection_clip;
  swl_multiplier hidden, projection;
  int32_t hidden_zero_point, output_zero_point;
} swl_i8_lstm_params;

/// What a model stores, by gate in the order of `swl_i8_lstm_params`; null where absent. The pointers may be unaligned.
typedef struct swl_i8_lstm_weights {
  /// (cells, inputs) and (cells, outputs).
  const void *input[4], *recurrent[4];
  /// int32 each; with layer normalisation they are added after it.
  const void *bias[4];
  /// int16 each, for input, forget and output gate.
  const void *peephole[3];
  /// int16 each.
  const void *norm[4];
  /// (outputs, cells) and int32.
  const void *projection, *projection_bias;
  int32_t input_zero_point, output_zero_point, hidden_zero_point;
} swl_i8_lstm_weights;

size_t swl_i8_lstm_packed_bytes(const swl_i8_lstm_params *params);
void swl_i8_lstm_pack(swl_isa isa, const swl_i8_lstm_params *params, const swl_i8_lstm_weights *weights, void *packed);
size_t swl_i8_lstm_scratch_bytes(const swl_i8_lstm_params *params);

/// `steps` time steps of one sequence; input and output of consecutive steps are `input_stride` and `output_stride`
/// apart. `packed` and `scratch` are aligned to 64. Equal to TensorFlow Lite's reference kernel (8-bit gates, 16-bit
/// cell state).
void swl_i8_lstm(swl_isa isa, const swl_i8_lstm_params *params, const void *packed, size_t steps, const int8_t *input,
                 size_t input_stride, int8_t *output, size_t output_stride, int8_t *output_state, int16_t *cell_state,
                 void *scratch);

/// The basic cell on uint8, whose real values are (q - 128) / 128, with a state of 16 bits, 4 of them before the point.
typedef struct swl_u8_lstm_params {
  size_t inputs, cells;
  int32_t weight_zero_point;
  /// From the sum of products to gates with 3 bits before the point.
  swl_multiplier multiplier;
} swl_u8_lstm_params;

/// One step of one sequence. `values` are the inputs and the last output side by side; weights and bias are by gate:
/// input, new value, forget, output. `gates` gets the sums, 4 * cells numbers. Equal to TensorFlow Lite's reference
/// kernel.
void swl_u8_lstm_step(const swl_u8_lstm_params *params, const uint8_t *values, const uint8_t *weights,
                      const int32_t *bias, int16_t *gates, uint8_t *output, int16_t *state);

#endif
