// Helpers for arrays, types and tensors that the caller fills in.
#include "check.h"

#include <stdlib.h>

static void arrays(void) {
  TfLiteIntArray *a = TfLiteIntArrayCreate(3);
  for (int i = 0; i < 3; i++) {
    a->data[i] = i;
  }
  TfLiteIntArray *b = TfLiteIntArrayCopy(a);
  CHECK(TfLiteIntArrayEqual(a, b) && TfLiteIntArrayEqual(NULL, NULL) && !TfLiteIntArrayEqual(a, NULL));
  b->data[2] = 7;
  CHECK(!TfLiteIntArrayEqual(a, b) && TfLiteIntArrayEqualsArray(a, 3, (int[]){0, 1, 2}));
  CHECK(TfLiteIntArrayGetSizeInBytes(3) == 16 && TfLiteFloatArrayGetSizeInBytes(2) == 12);
  CHECK(TfLiteIntArrayCreate(-1) == NULL && TfLiteIntArrayCopy(NULL) == NULL);
  TfLiteIntArrayFree(a);
  TfLiteIntArrayFree(b);
  TfLiteIntArrayFree(NULL);
  TfLiteFloatArray *f = TfLiteFloatArrayCreate(1);
  f->data[0] = 1.5f;
  TfLiteFloatArray *g = TfLiteFloatArrayCopy(f);
  CHECK(g->size == 1 && g->data[0] == 1.5f);
  TfLiteFloatArrayFree(f);
  TfLiteFloatArrayFree(g);
}

static void tensors_of_the_caller(void) {
  TfLiteTensor tensor = {0};
  TfLiteTensorReset(kTfLiteFloat32, "mine", TfLiteIntArrayCreate(1), (TfLiteQuantizationParams){0, 0}, NULL, 0,
                    kTfLiteDynamic, NULL, false, &tensor);
  tensor.dims->data[0] = 2;
  CHECK(TfLiteTensorRealloc(8, &tensor) == kTfLiteOk && tensor.bytes == 8);
  tensor.data.f[0] = 1;
  tensor.data.f[1] = 2;
  CHECK(TfLiteTensorResizeMaybeCopy(16, &tensor, true) == kTfLiteOk && tensor.data.f[1] == 2);
  CHECK(TfLiteTensorDim(&tensor, 5) == -1);
  TfLiteTensor copy = {0};
  copy.allocation_type = kTfLiteDynamic;
  CHECK(TfLiteTensorCopy(&tensor, &copy) == kTfLiteError);
  CHECK(TfLiteTensorRealloc(16, &copy) == kTfLiteOk && TfLiteTensorCopy(&tensor, &copy) == kTfLiteOk);
  CHECK(copy.data.f[0] == 1 && copy.dims->size == 1 && copy.dims->data[0] == 2);
  TfLiteTensorFree(&copy);
  TfLiteTensorFree(&tensor);
  CHECK(tensor.data.raw == NULL && tensor.dims == NULL);
}

void test_arrays(void) {
  arrays();
  tensors_of_the_caller();
  CHECK(strcmp(TfLiteTypeGetName(kTfLiteNoType), "NOTYPE") == 0);
  CHECK(strcmp(TfLiteTypeGetName(kTfLiteInt8), "INT8") == 0);
  CHECK(strcmp(TfLiteTypeGetName(kTfLiteBFloat16), "BFLOAT16") == 0);
  CHECK(strcmp(TfLiteTypeGetName((TfLiteType)99), "Unknown type") == 0);
}
