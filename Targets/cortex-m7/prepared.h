// The model of an image that was prepared when the image was built, see Targets/build-firmware.
#ifndef SWIFTLET_PREPARED_H
#define SWIFTLET_PREPARED_H

#include "tensorflow/lite/c/c_api_types.h"

/// An input or output of the model. Its place never changes.
typedef struct SwiftletOperand {
  void *data;
  size_t bytes;
  TfLiteType type;
} SwiftletOperand;

/// Without data behind the last one.
SwiftletOperand SwiftletPreparedInput(int32_t index);
SwiftletOperand SwiftletPreparedOutput(int32_t index);

/// Computes the outputs from the inputs. Cannot fail, and takes no memory.
void SwiftletPreparedInvoke(void);

#endif
