// The program of an image whose model is prepared, in both of its lives: while the image is built and while it runs.
#include "program.h"
#include "prepared.h"

swl_program *swl_prepared_program;
uintptr_t __stack_chk_guard = 0x5A17;

static SwiftletOperand operand(int32_t index, bool is_output) {
  SwiftletOperand found = {NULL, 0, kTfLiteNoType};
  uint32_t type = kTfLiteNoType;
  found.data = swl_program_operand(swl_prepared_program, index, is_output, &found.bytes, &type);
  found.type = (TfLiteType)type;
  return found;
}

SwiftletOperand SwiftletPreparedInput(int32_t index) { return operand(index, false); }
SwiftletOperand SwiftletPreparedOutput(int32_t index) { return operand(index, true); }
void SwiftletPreparedInvoke(void) { swl_program_invoke(swl_prepared_program); }
