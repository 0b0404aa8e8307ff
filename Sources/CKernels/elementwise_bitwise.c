#include "elementwise_broadcast.h"

#define VARIANT(name) name

BINARY_ROW(xor_8, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, (void)params, x ^ y)
BINARY_ROW(xor_16, uint16_t, uint16_t, uint16_t, ELEMENTWISE_LOOP, (void)params, x ^ y)
BINARY_ROW(xor_32, uint32_t, uint32_t, uint32_t, ELEMENTWISE_LOOP, (void)params, x ^ y)

static inline int32_t distance(int64_t y, int32_t bits) { return y < 0 ? 0 : y >= bits ? bits - 1 : (int32_t)y; }

BINARY_ROW(shift_i8, int8_t, int8_t, int8_t, COMPACT_LOOP, (void)params, x >> distance(y, 8))
BINARY_ROW(shift_u8, uint8_t, uint8_t, uint8_t, COMPACT_LOOP, (void)params, x >> distance(y, 8))
BINARY_ROW(shift_i16, int16_t, int16_t, int16_t, COMPACT_LOOP, (void)params, x >> distance(y, 16))
BINARY_ROW(shift_u16, uint16_t, uint16_t, uint16_t, COMPACT_LOOP, (void)params, x >> distance(y, 16))
BINARY_ROW(shift_i32, int32_t, int32_t, int32_t, COMPACT_LOOP, (void)params, x >> distance(y, 32))
BINARY_ROW(shift_u32, uint32_t, uint32_t, uint32_t, COMPACT_LOOP, (void)params, x >> distance(y, 32))

void swl_bitwise(swl_bitwise_op op, size_t element_bytes, const swl_broadcast *shape, const void *a, const void *b,
                 void *output, size_t begin, size_t end) {
  static const binary_row rows[][5] = {[SWL_BITWISE_XOR] = {0, xor_8, xor_16, 0, xor_32},
                                       [SWL_SHIFT_RIGHT_SIGNED] = {0, shift_i8, shift_i16, 0, shift_i32},
                                       [SWL_SHIFT_RIGHT_UNSIGNED] = {0, shift_u8, shift_u16, 0, shift_u32}};
  const binary_sizes sizes = {element_bytes, element_bytes, element_bytes};
  elementwise_walk(shape, rows[op][element_bytes], sizes, NULL, a, b, output, begin, end);
}
