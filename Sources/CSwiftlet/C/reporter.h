#ifndef SWL_REPORTER_H
#define SWL_REPORTER_H

#include "swl_capi.h"

struct swl_reporter {
  // Tells tensors of an interpreter, whose `allocation` points here, from tensors that a caller has filled in.
  uint64_t mark;
  void (*function)(void *user_data, const char *format, va_list args);
  void *user_data;
};

#define SWL_REPORTER_MARK UINT64_C(0x5377694c52657031)

#endif
