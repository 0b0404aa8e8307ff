#include "swl_signal.h"

static int32_t bit_count(uint32_t x) { return x == 0 ? 0 : 32 - __builtin_clz(x); }

void swl_signal_window(const int16_t *input, const int16_t *weights, size_t count, size_t period, int32_t shift,
                       int16_t *output) {
  for (size_t i = 0; i < count; i++) {
    const int32_t product = (input[i] * weights[i % period]) >> shift;
    output[i] = (int16_t)(product < INT16_MIN ? INT16_MIN : product > INT16_MAX ? INT16_MAX : product);
  }
}

int32_t swl_signal_auto_scale(const int16_t *input, size_t count, int16_t *output) {
  int32_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    const int32_t magnitude = input[i] < 0 ? -input[i] : input[i];
    largest = largest < magnitude ? magnitude : largest;
  }
  const int32_t room = 15 - bit_count((uint32_t)largest), shift = room < 0 ? 0 : room;
  for (size_t i = 0; i < count; i++)
    output[i] = (int16_t)(input[i] * (1 << shift));
  return shift;
}

void swl_signal_energy(const int16_t *input, size_t begin, size_t end, uint32_t *output) {
  for (size_t i = begin; i < end; i++) {
    const int32_t re = input[2 * i], im = input[2 * i + 1];
    output[i] = (uint32_t)(re * re) + (uint32_t)(im * im);
  }
}
