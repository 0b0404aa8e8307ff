#include "hdf5_library.h"

#include <hdf5.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const size_t text_limit = (size_t)1 << 26;

/// Nothing is written, so nothing needs the library's work at exit, which complains when threads used it.
static void be_quiet(void) {
  H5dont_atexit();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
}

int64_t library_open(const char *path) {
  be_quiet();
  return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
}

int64_t library_open_image(const void *bytes, size_t count) {
  be_quiet();
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0) {
    return -1;
  }
  hid_t file = -1;
  // The library copies the image, though it takes it as writable.
  void *image = (void *)(uintptr_t)bytes;
  if (H5Pset_fapl_core(access, 1 << 16, 0) >= 0 && H5Pset_file_image(access, image, count) >= 0) {
    file = H5Fopen("weights", H5F_ACC_RDONLY, access);
  }
  H5Pclose(access);
  return file;
}

/// Whether every component of `path` is a hard link: soft ones may lead in circles, external ones out of the file.
static int is_inside(hid_t file, const char *path) {
  char prefix[1024];
  const size_t length = strlen(path);
  if (length == 0 || length >= sizeof prefix) {
    return 0;
  }
  for (size_t end = 1; end <= length; ++end) {
    if ((path[end] != '/' && path[end] != '\0') || path[end - 1] == '/') {
      continue;
    }
    memcpy(prefix, path, end);
    prefix[end] = '\0';
    H5L_info_t info;
    if (H5Lget_info(file, prefix, &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_HARD) {
      return 0;
    }
  }
  return 1;
}

int library_exists(int64_t file, const char *path) { return is_inside(file, path); }

/// Appends `count` characters up to a NUL, and a newline. 0 when it worked.
static int append(char **text, size_t *length, const char *piece, size_t count) {
  const char *end = memchr(piece, '\0', count);
  const size_t used = end == NULL ? count : (size_t)(end - piece);
  if (used >= text_limit - *length - 2) {
    return 1;
  }
  char *longer = realloc(*text, *length + used + 2);
  if (longer == NULL) {
    return 1;
  }
  memcpy(longer + *length, piece, used);
  *length += used + 1;
  longer[*length - 1] = '\n';
  longer[*length] = '\0';
  *text = longer;
  return 0;
}

static char *variable_text(hid_t attribute, hid_t type, hid_t space, size_t count) {
  char **pieces = calloc(count, sizeof *pieces);
  char *text = NULL;
  size_t length = 0;
  if (pieces == NULL) {
    return NULL;
  }
  if (H5Aread(attribute, type, pieces) >= 0) {
    for (size_t index = 0; index < count; ++index) {
      if (pieces[index] != NULL && append(&text, &length, pieces[index], text_limit) != 0) {
        break;
      }
    }
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, pieces);
  }
  free(pieces);
  return text;
}

static char *fixed_text(hid_t attribute, hid_t type, size_t count) {
  const size_t size = H5Tget_size(type);
  char *text = NULL;
  size_t length = 0;
  if (size == 0 || size > text_limit / count) {
    return NULL;
  }
  char *pieces = malloc(size * count);
  if (pieces == NULL) {
    return NULL;
  }
  if (H5Aread(attribute, type, pieces) >= 0) {
    for (size_t index = 0; index < count; ++index) {
      if (append(&text, &length, pieces + index * size, size) != 0) {
        break;
      }
    }
  }
  free(pieces);
  return text;
}

char *library_text(int64_t file, const char *path, const char *name) {
  if (strcmp(path, "/") != 0 && !is_inside(file, path)) {
    return NULL;
  }
  hid_t attribute = H5Aopen_by_name(file, path, name, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) {
    return NULL;
  }
  hid_t type = H5Aget_type(attribute);
  hid_t space = H5Aget_space(attribute);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  char *text = NULL;
  if (H5Tget_class(type) == H5T_STRING && count > 0 && count < 1 << 20) {
    text = H5Tis_variable_str(type) > 0 ? variable_text(attribute, type, space, (size_t)count)
                                        : fixed_text(attribute, type, (size_t)count);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  return text;
}

/// The dataset, when its elements are numbers inside the file; negative otherwise.
static hid_t open_numbers(hid_t file, const char *path) {
  if (!is_inside(file, path)) {
    return -1;
  }
  hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
  if (dataset < 0) {
    return -1;
  }
  hid_t type = H5Dget_type(dataset);
  hid_t creation = H5Dget_create_plist(dataset);
  const H5T_class_t class = H5Tget_class(type);
  const int is_number = class == H5T_FLOAT || class == H5T_INTEGER;
  const int is_inside_file = H5Pget_external_count(creation) == 0 && H5Pget_layout(creation) != H5D_VIRTUAL;
  H5Pclose(creation);
  H5Tclose(type);
  if (is_number && is_inside_file) {
    return dataset;
  }
  H5Dclose(dataset);
  return -1;
}

int library_shape(int64_t file, const char *path, int64_t *dimensions, int limit) {
  hid_t dataset = open_numbers(file, path);
  if (dataset < 0) {
    return -1;
  }
  hid_t space = H5Dget_space(dataset);
  int rank = H5Sget_simple_extent_ndims(space);
  hsize_t extents[H5S_MAX_RANK];
  if (rank > limit || (rank > 0 && H5Sget_simple_extent_dims(space, extents, NULL) < 0)) {
    rank = -1;
  }
  for (int index = 0; index < rank; ++index) {
    dimensions[index] = extents[index] > INT64_MAX ? INT64_MAX : (int64_t)extents[index];
  }
  H5Sclose(space);
  H5Dclose(dataset);
  return rank;
}

int library_read(int64_t file, const char *path, float *elements, size_t count) {
  hid_t dataset = open_numbers(file, path);
  if (dataset < 0) {
    return 1;
  }
  hid_t space = H5Dget_space(dataset);
  const hssize_t stored = H5Sget_simple_extent_npoints(space);
  H5Sclose(space);
  int status = 1;
  if (stored >= 0 && (size_t)stored == count) {
    status = H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements) < 0;
  }
  H5Dclose(dataset);
  return status;
}
