#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// An HDF5 file that is read only, by a process of its own: a file on which the HDF5 library stops or never ends is a
/// damaged file and nothing worse. Links out of the file, external storage and filter plug-ins are refused, and no call
/// prints. One call at a time.
typedef struct swl_hdf5 swl_hdf5;

/// NULL when the file cannot be opened; `lacks_library` tells whether that is because HDF5 is not installed.
swl_hdf5 *swl_hdf5_open(const char *path, bool *lacks_library);
/// `bytes` are copied.
swl_hdf5 *swl_hdf5_open_image(const void *bytes, size_t count, bool *lacks_library);
void swl_hdf5_close(swl_hdf5 *file);

int swl_hdf5_exists(swl_hdf5 *file, const char *path);

/// The text attribute `name` of the object at `path`, elements of an array ended by newlines; NULL without one. The
/// caller frees it.
char *swl_hdf5_text(swl_hdf5 *file, const char *path, const char *name);

/// The rank of the numeric dataset at `path` and its dimensions; negative when there is none of at most 8 dimensions.
int swl_hdf5_shape(swl_hdf5 *file, const char *path, int64_t dimensions[8]);

/// Reads all elements of the dataset as float32. 0 when it worked.
int swl_hdf5_read(swl_hdf5 *file, const char *path, float *elements, size_t count);
