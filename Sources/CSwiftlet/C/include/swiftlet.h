/* What this library offers beyond TensorFlow Lite's C API. */
#ifndef SWIFTLET_H
#define SWIFTLET_H

#include "tensorflow/lite/c/c_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this library. */
TFL_CAPI_EXPORT const char *SwiftletVersion(void);

/** What the last function that failed on this thread had to say: what, where, found, expected, what to do. Empty when
 * none has failed. Valid until the next failure on this thread. */
TFL_CAPI_EXPORT const char *SwiftletLastError(void);

/** The most bytes that an interpreter may take for weights, activations and variables; AllocateTensors fails before it
 * takes more. No limit unless set. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterOptionsSetMemoryBudget(TfLiteInterpreterOptions *options, size_t bytes);

/** How many operators one invocation may run in a model with loops, branches or shapes known only while running; each
 * time that an operator runs counts. Invoke fails with kTfLiteError beyond. 0 restores the default, 2^22. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterOptionsSetStepLimit(TfLiteInterpreterOptions *options, uint64_t steps);

/** How many subgraphs may be active at once, the main one included; AllocateTensors fails when a model nests deeper. 0
 * restores the default, 64. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterOptionsSetCallDepth(TfLiteInterpreterOptions *options, uint32_t depth);

/** After how many nanoseconds an invocation is given up between two operators: Invoke fails with kTfLiteError. 0, the
 * default, gives it any time. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterOptionsSetTimeLimit(TfLiteInterpreterOptions *options,
                                                                    uint64_t nanoseconds);

/** Limits the kernels to an instruction set: "scalar", "sse41", "avx2", "avxvnni", "avx512vnni", "amx", "neon",
 * "dotprod" or "i8mm", or the next slower one that the machine has. All compute the same bytes. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterOptionsSetISA(TfLiteInterpreterOptions *options, const char *name);

/** Whether chains of layers may run some rows at a time where that makes the arena much smaller: the tensors between
 * them take a few rows of it instead of their size. On unless turned off; no byte of an output depends on it. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterOptionsSetRowChains(TfLiteInterpreterOptions *options, bool enable);

/** Whether convolutions of float32 round their operands to bfloat16: several times as fast where the processor has AMX,
 * several times slower elsewhere. Off unless turned on: results differ from those of float32, and are the same on every
 * machine. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterOptionsSetBfloat16(TfLiteInterpreterOptions *options, bool enable);

/** What an interpreter takes. */
typedef struct SwiftletPlan {
  /** Bytes of activations and scratch memory. */
  size_t arena_bytes;
  /** The least that any plan would need for the activations. */
  size_t arena_lower_bound_bytes;
  /** Bytes that are kept from one invocation to the next. */
  size_t variable_bytes;
  /** Bytes of packed weights and of constants that were computed while preparing. */
  size_t packed_bytes;
  /** Steps of an invocation. Operators that were computed while preparing, or fused, have none. */
  int32_t step_count;
  int32_t operator_count;
  int32_t thread_count;
  /** The instruction set of the kernels; valid as long as the library is loaded. */
  const char *isa;
} SwiftletPlan;

/** Fills in `plan`. kTfLiteError before TfLiteInterpreterAllocateTensors. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterGetPlan(const TfLiteInterpreter *interpreter, SwiftletPlan *plan);

/** Replaces the model of an interpreter between two invocations. The new one is prepared first; its inputs and outputs
 * must have the types, byte counts and order of the old one's. On failure the interpreter stays as it was. Tensors and
 * signature runners of the old model end here: get them again. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletInterpreterReload(TfLiteInterpreter *interpreter, const TfLiteModel *model);

/** Gives an input tensor of strings `count` of them, as many as the tensor has elements, after
 * TfLiteInterpreterAllocateTensors. `lengths` are their bytes; NULL says that each ends with a zero byte. The strings
 * are copied. Memory of the tensor moves: TfLiteTensorData and TfLiteTensorByteSize are new. */
TFL_CAPI_EXPORT TfLiteStatus SwiftletTensorSetStrings(TfLiteInterpreter *interpreter, TfLiteTensor *tensor,
                                                      const char *const *strings, const size_t *lengths, size_t count);

/** How many subgraphs the model of an interpreter has; 0 for NULL. */
TFL_CAPI_EXPORT int32_t SwiftletInterpreterGetSubgraphCount(const TfLiteInterpreter *interpreter);

/** How many tensors a subgraph has; 0 when there is no such subgraph, which is reported. */
TFL_CAPI_EXPORT int32_t SwiftletInterpreterGetTensorCount(const TfLiteInterpreter *interpreter, int32_t subgraph_index);

/** The first tensor of a subgraph; the others follow in the order of their indices. Subgraph 0 and those of signatures
 * have the tensors that TfLiteInterpreterGetTensor and the signature runners give. They stay at their addresses as long
 * as the interpreter. NULL when the subgraph does not exist, which is reported, or has no tensors. */
TFL_CAPI_EXPORT TfLiteTensor *SwiftletInterpreterGetTensors(const TfLiteInterpreter *interpreter,
                                                            int32_t subgraph_index);

#ifdef __cplusplus
}
#endif

#endif
