/* The public structures of TensorFlow Lite's C API, laid out as in libtensorflowlite_c 2.17. */
#ifndef TENSORFLOW_LITE_C_COMMON_H_
#define TENSORFLOW_LITE_C_COMMON_H_

#include "tensorflow/lite/c/c_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Arrays of a fixed size: `size`, then that many elements. C++ knows no flexible arrays, so it sees one element. */
#if defined(__cplusplus)
#define SWL_FLEXIBLE 1
#else
#define SWL_FLEXIBLE
#endif

typedef struct TfLiteIntArray {
  int size;
  int data[SWL_FLEXIBLE];
} TfLiteIntArray;

typedef struct TfLiteFloatArray {
  int size;
  float data[SWL_FLEXIBLE];
} TfLiteFloatArray;

#undef SWL_FLEXIBLE

/** Bytes of an array with `size` elements. */
TFL_CAPI_EXPORT size_t TfLiteIntArrayGetSizeInBytes(int size);
/** An array with undefined elements; NULL when `size` is negative or memory is exhausted. */
TFL_CAPI_EXPORT TfLiteIntArray *TfLiteIntArrayCreate(int size);
/** Whether both have the same elements. Two NULL arrays are equal. */
TFL_CAPI_EXPORT int TfLiteIntArrayEqual(const TfLiteIntArray *a, const TfLiteIntArray *b);
TFL_CAPI_EXPORT int TfLiteIntArrayEqualsArray(const TfLiteIntArray *a, int b_size, const int b_data[]);
TFL_CAPI_EXPORT TfLiteIntArray *TfLiteIntArrayCopy(const TfLiteIntArray *src);
TFL_CAPI_EXPORT void TfLiteIntArrayFree(TfLiteIntArray *a);

TFL_CAPI_EXPORT int TfLiteFloatArrayGetSizeInBytes(int size);
TFL_CAPI_EXPORT TfLiteFloatArray *TfLiteFloatArrayCreate(int size);
TFL_CAPI_EXPORT TfLiteFloatArray *TfLiteFloatArrayCopy(const TfLiteFloatArray *src);
TFL_CAPI_EXPORT void TfLiteFloatArrayFree(TfLiteFloatArray *a);

/** "FLOAT32", "INT8", ...; "Unknown type" for other numbers. */
TFL_CAPI_EXPORT const char *TfLiteTypeGetName(TfLiteType type);

typedef struct TfLiteComplex64 {
  float re, im;
} TfLiteComplex64;
typedef struct TfLiteComplex128 {
  double re, im;
} TfLiteComplex128;
typedef struct TfLiteFloat16 {
  uint16_t data;
} TfLiteFloat16;
typedef struct TfLiteBFloat16 {
  uint16_t data;
} TfLiteBFloat16;

/** One pointer under the names of its types. */
typedef union TfLitePtrUnion {
  int32_t *i32;
  uint32_t *u32;
  int64_t *i64;
  uint64_t *u64;
  float *f;
  TfLiteFloat16 *f16;
  TfLiteBFloat16 *bf16;
  double *f64;
  char *raw;
  const char *raw_const;
  uint8_t *uint8;
  bool *b;
  int16_t *i16;
  uint16_t *ui16;
  TfLiteComplex64 *c64;
  TfLiteComplex128 *c128;
  int8_t *int8;
  void *data;
} TfLitePtrUnion;

typedef enum TfLiteQuantizationType {
  kTfLiteNoQuantization = 0,
  /** `params` is a TfLiteAffineQuantization. */
  kTfLiteAffineQuantization = 1
} TfLiteQuantizationType;

typedef struct TfLiteQuantization {
  TfLiteQuantizationType type;
  void *params;
} TfLiteQuantization;

/** One scale and zero point for the whole tensor, or one for each index of a dimension. */
typedef struct TfLiteAffineQuantization {
  TfLiteFloatArray *scale;
  TfLiteIntArray *zero_point;
  int32_t quantized_dimension;
} TfLiteAffineQuantization;

typedef enum TfLiteDimensionType { kTfLiteDimDense = 0, kTfLiteDimSparseCSR = 1 } TfLiteDimensionType;

typedef struct TfLiteDimensionMetadata {
  TfLiteDimensionType format;
  int dense_size;
  TfLiteIntArray *array_segments;
  TfLiteIntArray *array_indices;
} TfLiteDimensionMetadata;

typedef struct TfLiteSparsity {
  TfLiteIntArray *traversal_order;
  TfLiteIntArray *block_map;
  TfLiteDimensionMetadata *dim_metadata;
  int dim_metadata_size;
} TfLiteSparsity;

typedef int TfLiteBufferHandle;
enum { kTfLiteNullBufferHandle = -1 };

/** A tensor. Read it; only `data` of inputs and variables is to be written through. */
typedef struct TfLiteTensor {
  TfLiteType type;
  /** NULL until the interpreter has allocated the tensor. */
  TfLitePtrUnion data;
  TfLiteIntArray *dims;
  /** Of tensors quantized as a whole; zeros for the others. */
  TfLiteQuantizationParams params;
  TfLiteAllocationType allocation_type;
  /** Bytes at `data`. */
  size_t bytes;
  const void *allocation;
  const char *name;
  struct TfLiteDelegate *delegate;
  TfLiteBufferHandle buffer_handle;
  bool data_is_stale;
  bool is_variable;
  TfLiteQuantization quantization;
  TfLiteSparsity *sparsity;
  /** The dimensions in the file, -1 where they may be chosen; NULL when the file fixes all of them. */
  const TfLiteIntArray *dims_signature;
} TfLiteTensor;

TFL_CAPI_EXPORT void TfLiteQuantizationFree(TfLiteQuantization *quantization);
TFL_CAPI_EXPORT void TfLiteSparsityFree(TfLiteSparsity *sparsity);
/** Frees `data` of a tensor with memory of its own (kTfLiteDynamic, kTfLitePersistentRo). */
TFL_CAPI_EXPORT void TfLiteTensorDataFree(TfLiteTensor *t);
/** Frees what a tensor that the caller has filled in holds. Not for tensors of an interpreter. */
TFL_CAPI_EXPORT void TfLiteTensorFree(TfLiteTensor *t);
TFL_CAPI_EXPORT void TfLiteTensorReset(TfLiteType type, const char *name, TfLiteIntArray *dims,
                                       TfLiteQuantizationParams quantization, char *buffer, size_t size,
                                       TfLiteAllocationType allocation_type, const void *allocation, bool is_variable,
                                       TfLiteTensor *tensor);
/** Copies the elements of `src` to `dst`, which has as many bytes. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorCopy(const TfLiteTensor *src, TfLiteTensor *dst);
/** Resizes the memory of a kTfLiteDynamic or kTfLitePersistentRo tensor, keeping the contents if asked. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorResizeMaybeCopy(size_t num_bytes, TfLiteTensor *tensor, bool preserve_data);
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorRealloc(size_t num_bytes, TfLiteTensor *tensor);

struct TfLiteContext;
struct TfLiteOpaqueDelegateBuilder;

typedef enum TfLiteDelegateFlags {
  kTfLiteDelegateFlagsNone = 0,
  kTfLiteDelegateFlagsAllowDynamicTensors = 1,
  kTfLiteDelegateFlagsRequirePropagatedShapes = 2,
  kTfLiteDelegateFlagsPerOperatorProfiling = 4
} TfLiteDelegateFlags;

/** An accelerator's entry points. */
struct TfLiteDelegate {
  void *data_;
  TfLiteStatus (*Prepare)(struct TfLiteContext *context, struct TfLiteDelegate *delegate);
  TfLiteStatus (*CopyFromBufferHandle)(struct TfLiteContext *context, struct TfLiteDelegate *delegate,
                                       TfLiteBufferHandle buffer_handle, TfLiteTensor *tensor);
  TfLiteStatus (*CopyToBufferHandle)(struct TfLiteContext *context, struct TfLiteDelegate *delegate,
                                     TfLiteBufferHandle buffer_handle, TfLiteTensor *tensor);
  void (*FreeBufferHandle)(struct TfLiteContext *context, struct TfLiteDelegate *delegate, TfLiteBufferHandle *handle);
  int64_t flags;
  struct TfLiteOpaqueDelegateBuilder *opaque_delegate_builder;
};

/** A delegate without entry points. */
TFL_CAPI_EXPORT TfLiteDelegate TfLiteDelegateCreate(void);

/** Memory of the caller for one tensor. */
typedef struct TfLiteCustomAllocation {
  void *data;
  size_t bytes;
} TfLiteCustomAllocation;

typedef enum TfLiteCustomAllocationFlags {
  kTfLiteCustomAllocationFlagsNone = 0,
  /** The memory need not be aligned to kDefaultTensorAlignment. */
  kTfLiteCustomAllocationFlagsSkipAlignCheck = 1
} TfLiteCustomAllocationFlags;

enum { kDefaultTensorAlignment = 64 };

#ifdef __cplusplus
}
#endif

#endif
