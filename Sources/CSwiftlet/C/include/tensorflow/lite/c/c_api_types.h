/* Types of TensorFlow Lite's C API: names, values and layouts are those of libtensorflowlite_c 2.17. */
#ifndef TENSORFLOW_LITE_C_C_API_TYPES_H_
#define TENSORFLOW_LITE_C_C_API_TYPES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TFL_CAPI_EXPORT
#if defined(__GNUC__)
#define TFL_CAPI_EXPORT __attribute__((visibility("default")))
#else
#define TFL_CAPI_EXPORT
#endif
#endif

/** What a function reports. */
typedef enum TfLiteStatus {
  kTfLiteOk = 0,
  /** A misuse, an unfit model or a lack of memory: SwiftletLastError says which. */
  kTfLiteError = 1,
  kTfLiteDelegateError = 2,
  kTfLiteApplicationError = 3,
  kTfLiteDelegateDataNotFound = 4,
  kTfLiteDelegateDataWriteError = 5,
  kTfLiteDelegateDataReadError = 6,
  /** The model needs an operator, or a version of one, that the library does not have. */
  kTfLiteUnresolvedOps = 7,
  /** TfLiteInterpreterCancel ended the invocation. */
  kTfLiteCancelled = 8,
  kTfLiteOutputShapeNotKnown = 9
} TfLiteStatus;

/** The type of a tensor's elements. */
typedef enum {
  kTfLiteNoType = 0,
  kTfLiteFloat32 = 1,
  kTfLiteInt32 = 2,
  kTfLiteUInt8 = 3,
  kTfLiteInt64 = 4,
  kTfLiteString = 5,
  kTfLiteBool = 6,
  kTfLiteInt16 = 7,
  kTfLiteComplex64 = 8,
  kTfLiteInt8 = 9,
  kTfLiteFloat16 = 10,
  kTfLiteFloat64 = 11,
  kTfLiteComplex128 = 12,
  kTfLiteUInt64 = 13,
  kTfLiteResource = 14,
  kTfLiteVariant = 15,
  kTfLiteUInt32 = 16,
  kTfLiteUInt16 = 17,
  kTfLiteInt4 = 18,
  kTfLiteBFloat16 = 19
} TfLiteType;

/** Affine quantization of a whole tensor: real = scale * (stored - zero_point). A scale of 0 means none. */
typedef struct TfLiteQuantizationParams {
  float scale;
  int32_t zero_point;
} TfLiteQuantizationParams;

typedef struct TfLiteOpaqueContext TfLiteOpaqueContext;
typedef struct TfLiteOpaqueNode TfLiteOpaqueNode;
typedef struct TfLiteTensor TfLiteOpaqueTensor;
typedef struct TfLiteDelegate TfLiteDelegate;
typedef struct TfLiteDelegate TfLiteOpaqueDelegate;
typedef struct TfLiteOperator TfLiteOperator;
typedef struct TfLiteRegistration TfLiteRegistration;

/** The library chooses and frees the memory of a tensor, unless the caller gives it. */
typedef enum TfLiteAllocationType {
  kTfLiteMemNone = 0,
  /** A constant, in the model's file. */
  kTfLiteMmapRo = 1,
  /** In the interpreter's arena. */
  kTfLiteArenaRw = 2,
  /** In the arena, and kept from one invocation to the next. */
  kTfLiteArenaRwPersistent = 3,
  kTfLiteDynamic = 4,
  kTfLitePersistentRo = 5,
  /** Memory that the caller gave with TfLiteInterpreterSetCustomAllocationForTensor. */
  kTfLiteCustom = 6,
  kTfLiteVariantObject = 7
} TfLiteAllocationType;

#ifdef __cplusplus
}
#endif

#endif
