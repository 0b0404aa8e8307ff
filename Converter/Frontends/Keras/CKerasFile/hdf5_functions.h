#pragma once

#include <stddef.h>
#include <stdint.h>

/// The functions of the system's HDF5 library (1.10 and later) that are used, found when a file is read: the library
/// brings a dozen others, 6 MB that most conversions do not need. Types and numbers as its interface has them.
typedef int64_t hdf5_id;

enum { HDF5_DEFAULT = 0, HDF5_ALL = 0, HDF5_READ_ONLY = 0, HDF5_HARD_LINK = 0, HDF5_MAX_RANK = 32 };
enum { HDF5_INTEGER = 0, HDF5_FLOAT = 1, HDF5_STRING = 3 };
/// The layout of datasets that lie in other files.
enum { HDF5_VIRTUAL = 3 };

/// Begins as every version's; as large as any.
typedef struct {
  int type;
  int64_t rest[16];
} hdf5_link;

typedef struct {
  int (*dont_atexit)(void);
  int (*open)(void);
  int (*set_errors)(hdf5_id stack, void *function, void *data);
  int (*set_plugins)(unsigned mask);
  hdf5_id (*open_file)(const char *path, unsigned flags, hdf5_id access);
  hdf5_id (*create_list)(hdf5_id kind);
  int (*set_core)(hdf5_id list, size_t increment, uint8_t stores);
  int (*set_image)(hdf5_id list, void *bytes, size_t count);
  int (*close_list)(hdf5_id list);
  int (*link_info)(hdf5_id file, const char *path, hdf5_link *link, hdf5_id access);
  hdf5_id (*open_attribute)(hdf5_id file, const char *path, const char *name, hdf5_id access, hdf5_id link);
  hdf5_id (*attribute_type)(hdf5_id attribute);
  hdf5_id (*attribute_space)(hdf5_id attribute);
  int (*read_attribute)(hdf5_id attribute, hdf5_id type, void *target);
  int (*close_attribute)(hdf5_id attribute);
  int (*reclaim)(hdf5_id type, hdf5_id space, hdf5_id transfer, void *target);
  size_t (*type_size)(hdf5_id type);
  int (*type_class)(hdf5_id type);
  int (*is_variable)(hdf5_id type);
  int (*close_type)(hdf5_id type);
  long long (*count)(hdf5_id space);
  int (*rank)(hdf5_id space);
  int (*dimensions)(hdf5_id space, unsigned long long *extents, unsigned long long *limits);
  int (*close_space)(hdf5_id space);
  hdf5_id (*open_dataset)(hdf5_id file, const char *path, hdf5_id access);
  hdf5_id (*dataset_type)(hdf5_id dataset);
  hdf5_id (*dataset_space)(hdf5_id dataset);
  hdf5_id (*creation)(hdf5_id dataset);
  int (*external_count)(hdf5_id creation);
  int (*layout)(hdf5_id creation);
  int (*read_dataset)(hdf5_id dataset, hdf5_id type, hdf5_id memory, hdf5_id space, hdf5_id transfer, void *target);
  int (*close_dataset)(hdf5_id dataset);
  const hdf5_id *file_access;
  const hdf5_id *native_float;
} hdf5_functions;

/// 0 when every function was found.
int hdf5_load(hdf5_functions *functions);
