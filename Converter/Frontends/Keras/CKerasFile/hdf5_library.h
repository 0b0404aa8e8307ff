#pragma once

#include <stddef.h>
#include <stdint.h>

/// The system's HDF5 library, with links out of the file, external storage and filter plug-ins refused. Damaged files
/// can stop the library, so these functions run in a process of their own (hdf5_reader.c).

/// What opening gives where the library is not installed.
enum { library_missing = -2 };

/// Negative when the file cannot be opened.
int64_t library_open(const char *path);
int64_t library_open_image(const void *bytes, size_t count);
int library_exists(int64_t file, const char *path);
char *library_text(int64_t file, const char *path, const char *name);
int library_shape(int64_t file, const char *path, int64_t *dimensions, int limit);
int library_read(int64_t file, const char *path, float *elements, size_t count);
