// Arrays of TensorFlow Lite's C API.
#include "swl_capi.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

size_t TfLiteIntArrayGetSizeInBytes(int size) {
  return sizeof(TfLiteIntArray) + (size < 0 ? 0 : (size_t)size) * sizeof(int);
}

TfLiteIntArray *TfLiteIntArrayCreate(int size) {
  if (size < 0) {
    return NULL;
  }
  TfLiteIntArray *array = malloc(TfLiteIntArrayGetSizeInBytes(size));
  if (array != NULL) {
    array->size = size;
  }
  return array;
}

int TfLiteIntArrayEqualsArray(const TfLiteIntArray *a, int b_size, const int b_data[]) {
  if (a == NULL) {
    return b_size == 0;
  }
  if (a->size != b_size) {
    return 0;
  }
  for (int i = 0; i < b_size; i++) {
    if (a->data[i] != b_data[i]) {
      return 0;
    }
  }
  return 1;
}

int TfLiteIntArrayEqual(const TfLiteIntArray *a, const TfLiteIntArray *b) {
  if (a == NULL || b == NULL) {
    return a == b;
  }
  return TfLiteIntArrayEqualsArray(a, b->size, b->data);
}

TfLiteIntArray *TfLiteIntArrayCopy(const TfLiteIntArray *src) {
  TfLiteIntArray *copy = src == NULL ? NULL : TfLiteIntArrayCreate(src->size);
  if (copy != NULL) {
    memcpy(copy->data, src->data, (size_t)src->size * sizeof(int));
  }
  return copy;
}

void TfLiteIntArrayFree(TfLiteIntArray *a) { free(a); }

int TfLiteFloatArrayGetSizeInBytes(int size) {
  size_t bytes = sizeof(TfLiteFloatArray) + (size < 0 ? 0 : (size_t)size) * sizeof(float);
  return bytes > INT_MAX ? INT_MAX : (int)bytes;
}

TfLiteFloatArray *TfLiteFloatArrayCreate(int size) {
  if (size < 0) {
    return NULL;
  }
  TfLiteFloatArray *array = malloc(sizeof *array + (size_t)size * sizeof(float));
  if (array != NULL) {
    array->size = size;
  }
  return array;
}

TfLiteFloatArray *TfLiteFloatArrayCopy(const TfLiteFloatArray *src) {
  TfLiteFloatArray *copy = src == NULL ? NULL : TfLiteFloatArrayCreate(src->size);
  if (copy != NULL) {
    memcpy(copy->data, src->data, (size_t)src->size * sizeof(float));
  }
  return copy;
}

void TfLiteFloatArrayFree(TfLiteFloatArray *a) { free(a); }

TfLiteIntArray *swl_int_array(const int64_t *elements, size_t count) {
  TfLiteIntArray *array = count > INT_MAX ? NULL : TfLiteIntArrayCreate((int)count);
  if (array != NULL) {
    for (size_t i = 0; i < count; i++) {
      array->data[i] = elements[i] > INT_MAX ? INT_MAX : (int)elements[i];
    }
  }
  return array;
}

char *swl_text(const uint8_t *bytes, size_t count) {
  char *text = malloc(count + 1);
  if (text != NULL) {
    if (count > 0) {
      memcpy(text, bytes, count);
    }
    text[count] = 0;
  }
  return text;
}

void swl_free(void *memory) { free(memory); }
