// As Targets/support/firmware.c, of the model that was prepared when the image was built: prints the same lines.
#include "console.h"
#include "made_up.h"
#include "prepared.h"

enum { TICK_INSTRUCTIONS = 40 }; // the emulator counts one nanosecond an instruction, the timer 25 a microsecond
static volatile uint32_t *const timer = (volatile uint32_t *)0x40000000;

int main(void) {
  timer[2] = UINT32_MAX;
  timer[1] = UINT32_MAX;
  timer[0] = 1;
  for (int32_t i = 0; SwiftletPreparedInput(i).data != NULL; i++) {
    const SwiftletOperand input = SwiftletPreparedInput(i);
    fill(input.data, input.bytes, input.type == kTfLiteFloat32);
  }
  const uint32_t start = timer[1];
  SwiftletPreparedInvoke();
  console_number(CONSOLE_ERRORS, (start - timer[1]) * TICK_INSTRUCTIONS, 10, 1);
  console_text(CONSOLE_ERRORS, " instructions\n");
  for (int32_t i = 0; SwiftletPreparedOutput(i).data != NULL; i++) {
    const SwiftletOperand output = SwiftletPreparedOutput(i);
    const uint64_t hash = digest(output.data, output.bytes);
    console_text(CONSOLE_OUTPUT, "output ");
    console_number(CONSOLE_OUTPUT, (uint32_t)i, 10, 1);
    console_text(CONSOLE_OUTPUT, ": ");
    console_number(CONSOLE_OUTPUT, output.bytes, 10, 1);
    console_text(CONSOLE_OUTPUT, " bytes, digest ");
    console_number(CONSOLE_OUTPUT, (uint32_t)(hash >> 32), 16, 8);
    console_number(CONSOLE_OUTPUT, (uint32_t)hash, 16, 8);
    console_text(CONSOLE_OUTPUT, "\n");
  }
  return 0;
}
