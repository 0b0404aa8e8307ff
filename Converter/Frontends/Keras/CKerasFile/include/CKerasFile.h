#pragma once

#include <stddef.h>
#include <stdint.h>

/// An HDF5 file that is read only. Links out of the file, external storage and filter plug-ins are refused, and no call
/// prints.
typedef int64_t swl_hdf5;

/// Negative when the file cannot be opened.
swl_hdf5 swl_hdf5_open(const char *path);
/// A copy of `bytes` is kept while the file is open.
swl_hdf5 swl_hdf5_open_image(const void *bytes, size_t count);
void swl_hdf5_close(swl_hdf5 file);

int swl_hdf5_exists(swl_hdf5 file, const char *path);

/// The text attribute `name` of the object at `path`, elements of an array ended by newlines; NULL without one. The
/// caller frees it.
char *swl_hdf5_text(swl_hdf5 file, const char *path, const char *name);

/// The rank of the numeric dataset at `path` and its dimensions; negative when there is none of at most `limit`
/// dimensions.
int swl_hdf5_shape(swl_hdf5 file, const char *path, int64_t *dimensions, int limit);

/// Reads all elements of the dataset as float32. 0 when it worked.
int swl_hdf5_read(swl_hdf5 file, const char *path, float *elements, size_t count);
