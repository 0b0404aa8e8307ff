#include "elementwise_math.h"
#include "swl_signal.h"

void swl_signal_log_table(uint16_t *table) {
  for (size_t i = 0; i < SWL_SIGNAL_LOG_COUNT; i++) {
    const double x = (double)i / 128;
    const double log2 = swl_log_f64((float)(1 + x)) / 0.6931471805599453;
    table[i] = (uint16_t)((log2 - x) * 65536 + 0.5);
  }
}
