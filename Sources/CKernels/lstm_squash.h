// Logistic function and hyperbolic tangent of rows of 16-bit fixed-point numbers, by instruction set.
#ifndef LSTM_SQUASH_H
#define LSTM_SQUASH_H

#include "swl_isa.h"
#include <stddef.h>
#include <stdint.h>

/// `x` has 3 integer bits. `count` is a multiple of 16.
void lstm_logistic(swl_isa isa, const int16_t *x, int16_t *y, size_t count);

/// `x` has `integer_bits`, at most 6. `count` is a multiple of 16.
void lstm_tanh(swl_isa isa, const int16_t *x, int16_t *y, size_t count, int integer_bits);

#endif
