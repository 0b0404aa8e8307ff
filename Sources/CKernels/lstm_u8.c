#include "lstm_fixed_point.h"
#include "swl_lstm.h"

/// The sum for one gate of one cell, in 16 bits with 3 of them before the point.
static int16_t gate(const swl_u8_lstm_params *p, const uint8_t *values, const uint8_t *weights, int32_t bias) {
  int64_t sum = bias;
  for (size_t i = 0; i < p->inputs + p->cells; i++)
    sum += (values[i] - 128) * (weights[i] - p->weight_zero_point);
  const int32_t scaled = swl_multiply_double_rounding(swl_saturate_i32(sum), p->multiplier);
  return (int16_t)swl_clamp_i32(scaled, INT16_MIN, INT16_MAX);
}

void swl_u8_lstm_step(const swl_u8_lstm_params *p, const uint8_t *values, const uint8_t *weights, const int32_t *bias,
                      int16_t *gates, uint8_t *output, int16_t *state) {
  const size_t cells = p->cells, row = p->inputs + cells;
  for (size_t i = 0; i < 4 * cells; i++)
    gates[i] = gate(p, values, weights + i * row, bias[i]);
  for (size_t c = 0; c < cells; c++) {
    const int16_t added = q15_multiply(q15_logistic(gates[c]), q15_tanh(gates[cells + c], 3));
    const int16_t kept = q15_multiply(q15_logistic(gates[2 * cells + c]), state[c]);
    const int32_t sum = swl_clamp_i32(q15_halve(added, 4) + kept, INT16_MIN, INT16_MAX);
    state[c] = (int16_t)sum;
    const int16_t active = q15_multiply(q15_logistic(gates[3 * cells + c]), q15_tanh((int16_t)sum, 4));
    output[c] = (uint8_t)(128 + swl_clamp_i32(q15_halve(active, 8), -128, 127));
  }
}
