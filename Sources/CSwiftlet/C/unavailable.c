// The functions of libtensorflowlite_c that have no meaning here: operators, delegates and buffers of the caller, and
// hardware interfaces. Programs that name them load, and are told when they call them. Arguments are not looked at.
#include "swl_capi.h"

#include <stdio.h>

static void unavailable(const char *function, const char *reason) {
  char message[192];
  snprintf(message, sizeof message, "%s is not available: %s", function, reason);
  swl_fail(NULL, message);
}

#define FUNCTION(type, value, name, reason)                                                                            \
  TFL_CAPI_EXPORT type name(void);                                                                                     \
  type name(void) {                                                                                                    \
    unavailable(#name, reason);                                                                                        \
    return value;                                                                                                      \
  }
#define STATUS(name) FUNCTION(TfLiteStatus, kTfLiteError, name, REASON)
#define POINTER(name) FUNCTION(void *, NULL, name, REASON)
#define NUMBER(name) FUNCTION(int, -1, name, REASON)
#define NOTHING(name)                                                                                                  \
  TFL_CAPI_EXPORT void name(void);                                                                                     \
  void name(void) { unavailable(#name, REASON); }

#define REASON "operators are chosen when the library is built, the caller cannot add any"
POINTER(TfLiteOperatorCreate)
POINTER(TfLiteOperatorCreateWithData)
NOTHING(TfLiteOperatorDelete)
NUMBER(TfLiteOperatorGetBuiltInCode)
POINTER(TfLiteOperatorGetCustomName)
NUMBER(TfLiteOperatorGetVersion)
POINTER(TfLiteOperatorGetUserData)
NOTHING(TfLiteOperatorSetInit)
NOTHING(TfLiteOperatorSetFree)
NOTHING(TfLiteOperatorSetPrepare)
NOTHING(TfLiteOperatorSetInvoke)
NOTHING(TfLiteOperatorSetAsyncKernel)
NOTHING(TfLiteOperatorSetInplaceOperator)
STATUS(TfLiteOperatorSetInitWithData)
STATUS(TfLiteOperatorSetFreeWithData)
STATUS(TfLiteOperatorSetPrepareWithData)
STATUS(TfLiteOperatorSetInvokeWithData)
STATUS(TfLiteOperatorSetAsyncKernelWithData)
NOTHING(TfLiteInterpreterOptionsAddBuiltinOp)
NOTHING(TfLiteInterpreterOptionsAddCustomOp)
NOTHING(TfLiteInterpreterOptionsSetOpResolver)
NOTHING(TfLiteInterpreterOptionsSetOpResolverV1)
NOTHING(TfLiteInterpreterOptionsSetOpResolverV2)
NOTHING(TfLiteInterpreterOptionsSetOpResolverV3)
NOTHING(TfLiteInterpreterOptionsSetOpResolverExternal)
NOTHING(TfLiteInterpreterOptionsSetOpResolverExternalWithFallback)
#undef REASON

#define REASON "no operator or delegate of the caller runs inside an interpreter"
STATUS(TfLiteOpaqueContextAcquireSubgraphContext)
STATUS(TfLiteOpaqueContextAddTensor)
STATUS(TfLiteOpaqueContextGetExecutionPlan)
STATUS(TfLiteOpaqueContextGetInputs)
POINTER(TfLiteOpaqueContextGetName)
STATUS(TfLiteOpaqueContextGetNodeAndRegistration)
STATUS(TfLiteOpaqueContextGetNodeInitDataMmapInfo)
NUMBER(TfLiteOpaqueContextGetNumNodes)
NUMBER(TfLiteOpaqueContextGetNumTensors)
POINTER(TfLiteOpaqueContextGetOpaqueTensor)
STATUS(TfLiteOpaqueContextGetOutputs)
STATUS(TfLiteOpaqueContextGetSizeOfType)
STATUS(TfLiteOpaqueContextGetVariables)
STATUS(TfLiteOpaqueContextMarkSubgraphAsDelegationSkippable)
STATUS(TfLiteOpaqueContextReleaseSubgraphContext)
STATUS(TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels)
NOTHING(TfLiteOpaqueContextReportError)
NOTHING(TfLiteOpaqueContextReportErrorVa)
STATUS(TfLiteOpaqueContextResizeTensor)
POINTER(TfLiteOpaqueNodeGetBuiltinData)
STATUS(TfLiteOpaqueNodeGetCustomInitialData)
POINTER(TfLiteOpaqueNodeGetInput)
NUMBER(TfLiteOpaqueNodeGetInputTensorIndex)
POINTER(TfLiteOpaqueNodeGetOutput)
NUMBER(TfLiteOpaqueNodeGetOutputTensorIndex)
POINTER(TfLiteOpaqueNodeGetUserData)
STATUS(TfLiteOpaqueNodeInputs)
NUMBER(TfLiteOpaqueNodeNumberOfInputs)
NUMBER(TfLiteOpaqueNodeNumberOfOutputs)
STATUS(TfLiteOpaqueNodeOutputs)
STATUS(TfLiteOpaqueNodeSetTemporaries)
STATUS(TfLiteOpaqueNodeTemporaries)
POINTER(TfLiteOpaqueTensorBuilderCreate)
NOTHING(TfLiteOpaqueTensorBuilderDelete)
POINTER(TfLiteOpaqueTensorBuilderSetAllocationType)
POINTER(TfLiteOpaqueTensorBuilderSetData)
POINTER(TfLiteOpaqueTensorBuilderSetQuantization)
POINTER(TfLiteOpaqueTensorBuilderSetQuantizationParams)
POINTER(TfLiteOpaqueTensorBuilderSetType)
NOTHING(TfLiteOpaqueTensorSetAllocationTypeToDynamic)
POINTER(TfLiteOpaqueDelegateCreate)
NOTHING(TfLiteOpaqueDelegateDelete)
POINTER(TfLiteOpaqueDelegateGetData)
#undef REASON

#define REASON "tensors of strings are not supported"
NUMBER(TfLiteOpaqueTensorGetStringCount)
STATUS(TfLiteOpaqueTensorGetString)
STATUS(TfLiteOpaqueTensorWriteString)
STATUS(TfLiteOpaqueTensorWriteStrings)
#undef REASON

#define REASON "data of every tensor is in the memory of the processor"
STATUS(TfLiteInterpreterGetBufferHandle)
STATUS(TfLiteInterpreterSetBufferHandle)
POINTER(TfLiteBackendBufferCreate)
NOTHING(TfLiteBackendBufferDelete)
POINTER(TfLiteBackendBufferGetPtr)
NOTHING(TfLiteBackendBufferSetPtr)
POINTER(TfLiteSynchronizationCreate)
NOTHING(TfLiteSynchronizationDelete)
POINTER(TfLiteSynchronizationGetPtr)
NOTHING(TfLiteSynchronizationSetPtr)
#undef REASON

#define REASON "NNAPI belongs to Android"
POINTER(TfLiteNnapiDelegateCreate)
NOTHING(TfLiteNnapiDelegateDelete)
#undef REASON

#define REASON "nothing is sent anywhere"
NOTHING(TfLiteInterpreterOptionsSetTelemetryProfiler)
STATUS(TfLiteTelemetryConversionMetadataGetModelOptimizationModes)
NUMBER(TfLiteTelemetryConversionMetadataGetNumModelOptimizationModes)
NUMBER(TfLiteTelemetryGpuDelegateSettingsGetBackend)
NUMBER(TfLiteTelemetryGpuDelegateSettingsGetNumNodesDelegated)
POINTER(TfLiteTelemetryInterpreterSettingsGetConversionMetadata)
NUMBER(TfLiteTelemetryInterpreterSettingsGetNumSubgraphInfo)
POINTER(TfLiteTelemetryInterpreterSettingsGetSubgraphInfo)
NUMBER(TfLiteTelemetrySubgraphInfoGetNumQuantizations)
POINTER(TfLiteTelemetrySubgraphInfoGetQuantizations)
#undef REASON

#define REASON "weights are packed once for each program, without XNNPACK"
POINTER(TfLiteXNNPackDelegateCreateWithThreadpool)
POINTER(TfLiteXNNPackDelegateGetThreadPool)
POINTER(TfLiteXNNPackDelegateGetOptions)
NUMBER(TfLiteXNNPackDelegateGetFlags)
POINTER(TfLiteXNNPackDelegateWeightsCacheCreate)
POINTER(TfLiteXNNPackDelegateWeightsCacheCreateWithSize)
NOTHING(TfLiteXNNPackDelegateWeightsCacheDelete)
NUMBER(TfLiteXNNPackDelegateWeightsCacheFinalizeHard)
NUMBER(TfLiteXNNPackDelegateWeightsCacheFinalizeSoft)
#undef REASON

#define REASON "when data and shapes become known is not told apart here"
NUMBER(TfLiteTensorGetAllocationStrategy)
NUMBER(TfLiteTensorGetBufferAddressStability)
NUMBER(TfLiteTensorGetDataKnownStep)
NUMBER(TfLiteTensorGetDataStability)
NUMBER(TfLiteTensorGetShapeKnownStep)
NUMBER(TfLiteOpaqueTensorGetAllocationStrategy)
NUMBER(TfLiteOpaqueTensorGetBufferAddressStability)
NUMBER(TfLiteOpaqueTensorGetDataKnownStep)
NUMBER(TfLiteOpaqueTensorGetDataStability)
NUMBER(TfLiteOpaqueTensorGetShapeKnownStep)
#undef REASON

void TfLiteInterpreterOptionsAddOperator(TfLiteInterpreterOptions *options, TfLiteOperator *op) {
  (void)options;
  (void)op;
  unavailable("TfLiteInterpreterOptionsAddOperator", "operators are chosen when the library is built");
}

/// Options of the NNAPI delegate as Android's programs lay them out.
typedef struct NnapiOptions {
  int32_t execution_preference;
  const char *names[3];
  int32_t disallow_nnapi_cpu;
  int32_t allow_fp16;
  int32_t max_number_delegated_partitions;
  void *nnapi_support_library_handle;
} NnapiOptions;

TFL_CAPI_EXPORT NnapiOptions TfLiteNnapiDelegateOptionsDefault(void);
NnapiOptions TfLiteNnapiDelegateOptionsDefault(void) {
  return (NnapiOptions){.execution_preference = -1, .disallow_nnapi_cpu = 1, .max_number_delegated_partitions = 3};
}
