// Runs one model on made-up input and prints a line that is the same on every machine: name, bytes of output, digest.
// On bare metal the model stands in the image; elsewhere it is the file that the command line names.
#include "made_up.h"
#include "swiftlet.h"

#include <stdio.h>

#ifdef BARE_METAL
#include <malloc.h>
extern const char model_begin[], model_end[];

/// All the memory that the library can take: arena, packed weights and plan.
char program_memory[MEMORY_BYTES] __attribute__((section(".memory"), aligned(64)));
const size_t program_memory_bytes = sizeof program_memory;

enum { TICK_INSTRUCTIONS = 40 }; // the emulator counts one nanosecond an instruction, the timer 25 a microsecond
static volatile uint32_t *const timer = (volatile uint32_t *)0x40000000;
static uint32_t ticks(void) { return UINT32_MAX - timer[1]; }
#endif

static void fill_tensor(TfLiteTensor *tensor) {
  fill(TfLiteTensorData(tensor), TfLiteTensorByteSize(tensor), TfLiteTensorType(tensor) == kTfLiteFloat32);
}

int main(int count, char **arguments) {
#ifdef BARE_METAL
  (void)count, (void)arguments;
  TfLiteModel *model = TfLiteModelCreate(model_begin, (size_t)(model_end - model_begin));
  timer[2] = UINT32_MAX;
  timer[1] = UINT32_MAX;
  timer[0] = 1;
#else
  TfLiteModel *model = count == 2 ? TfLiteModelCreateFromFile(arguments[1]) : NULL;
#endif
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
  if (TfLiteInterpreterAllocateTensors(interpreter) != kTfLiteOk) {
    printf("%s\n", SwiftletLastError());
    return 1;
  }
  for (int32_t i = 0; i < TfLiteInterpreterGetInputTensorCount(interpreter); i++)
    fill_tensor(TfLiteInterpreterGetInputTensor(interpreter, i));
  if (TfLiteInterpreterInvoke(interpreter) != kTfLiteOk)
    return 1;
#ifdef BARE_METAL
  const size_t used = mallinfo().uordblks;
  const uint32_t start = ticks();
  TfLiteInterpreterInvoke(interpreter);
  const uint64_t instructions = (uint64_t)(ticks() - start) * TICK_INSTRUCTIONS;
  fprintf(stderr, "%lu instructions, %u bytes of heap, %d more while running\n", (unsigned long)instructions,
          (unsigned)used, (int)(mallinfo().uordblks - used));
#endif
  for (int32_t i = 0; i < TfLiteInterpreterGetOutputTensorCount(interpreter); i++) {
    const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, i);
    const size_t bytes = TfLiteTensorByteSize(output);
    const uint64_t hash = digest(TfLiteTensorData(output), bytes);
    printf("output %d: %u bytes, digest %08lx%08lx\n", (int)i, (unsigned)bytes, (unsigned long)(hash >> 32),
           (unsigned long)(hash & UINT32_MAX));
  }
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
  return 0;
}
