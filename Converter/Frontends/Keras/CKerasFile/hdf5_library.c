#include "hdf5_library.h"
#include "hdf5_functions.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const size_t text_limit = (size_t)1 << 26;

static hdf5_functions hdf5;

/// Nothing is written, so nothing needs the library's work at exit, which complains when threads used it.
static int start(void) {
  if (hdf5_load(&hdf5) != 0) {
    return 1;
  }
  hdf5.dont_atexit();
  if (hdf5.open() < 0) {
    return 1;
  }
  hdf5.set_errors(0, NULL, NULL);
  hdf5.set_plugins(0);
  return 0;
}

int64_t library_open(const char *path) {
  return start() != 0 ? library_missing : hdf5.open_file(path, HDF5_READ_ONLY, HDF5_DEFAULT);
}

int64_t library_open_image(const void *bytes, size_t count) {
  if (start() != 0) {
    return library_missing;
  }
  const hdf5_id access = hdf5.create_list(*hdf5.file_access);
  if (access < 0) {
    return -1;
  }
  hdf5_id file = -1;
  // The library copies the image, though it takes it as writable.
  void *image = (void *)(uintptr_t)bytes;
  if (hdf5.set_core(access, 1 << 16, 0) >= 0 && hdf5.set_image(access, image, count) >= 0) {
    file = hdf5.open_file("weights", HDF5_READ_ONLY, access);
  }
  hdf5.close_list(access);
  return file;
}

/// Whether every component of `path` is a hard link: soft ones may lead in circles, external ones out of the file.
static int is_inside(hdf5_id file, const char *path) {
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
    hdf5_link link;
    if (hdf5.link_info(file, prefix, &link, HDF5_DEFAULT) < 0 || link.type != HDF5_HARD_LINK) {
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

static char *variable_text(hdf5_id attribute, hdf5_id type, hdf5_id space, size_t count) {
  char **pieces = calloc(count, sizeof *pieces);
  char *text = NULL;
  size_t length = 0;
  if (pieces == NULL) {
    return NULL;
  }
  if (hdf5.read_attribute(attribute, type, pieces) >= 0) {
    for (size_t index = 0; index < count; ++index) {
      if (pieces[index] != NULL && append(&text, &length, pieces[index], text_limit) != 0) {
        break;
      }
    }
    hdf5.reclaim(type, space, HDF5_DEFAULT, pieces);
  }
  free(pieces);
  return text;
}

static char *fixed_text(hdf5_id attribute, hdf5_id type, size_t count) {
  const size_t size = hdf5.type_size(type);
  char *text = NULL;
  size_t length = 0;
  if (size == 0 || size > text_limit / count) {
    return NULL;
  }
  char *pieces = malloc(size * count);
  if (pieces == NULL) {
    return NULL;
  }
  if (hdf5.read_attribute(attribute, type, pieces) >= 0) {
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
  hdf5_id attribute = hdf5.open_attribute(file, path, name, HDF5_DEFAULT, HDF5_DEFAULT);
  if (attribute < 0) {
    return NULL;
  }
  hdf5_id type = hdf5.attribute_type(attribute);
  hdf5_id space = hdf5.attribute_space(attribute);
  const long long count = hdf5.count(space);
  char *text = NULL;
  if (hdf5.type_class(type) == HDF5_STRING && count > 0 && count < 1 << 20) {
    text = hdf5.is_variable(type) > 0 ? variable_text(attribute, type, space, (size_t)count)
                                      : fixed_text(attribute, type, (size_t)count);
  }
  hdf5.close_space(space);
  hdf5.close_type(type);
  hdf5.close_attribute(attribute);
  return text;
}

/// The dataset, when its elements are numbers inside the file; negative otherwise.
static hdf5_id open_numbers(hdf5_id file, const char *path) {
  if (!is_inside(file, path)) {
    return -1;
  }
  hdf5_id dataset = hdf5.open_dataset(file, path, HDF5_DEFAULT);
  if (dataset < 0) {
    return -1;
  }
  hdf5_id type = hdf5.dataset_type(dataset);
  hdf5_id creation = hdf5.creation(dataset);
  const int class = hdf5.type_class(type);
  const int is_number = class == HDF5_FLOAT || class == HDF5_INTEGER;
  const int is_inside_file = hdf5.external_count(creation) == 0 && hdf5.layout(creation) != HDF5_VIRTUAL;
  hdf5.close_list(creation);
  hdf5.close_type(type);
  if (is_number && is_inside_file) {
    return dataset;
  }
  hdf5.close_dataset(dataset);
  return -1;
}

int library_shape(int64_t file, const char *path, int64_t *dimensions, int limit) {
  hdf5_id dataset = open_numbers(file, path);
  if (dataset < 0) {
    return -1;
  }
  hdf5_id space = hdf5.dataset_space(dataset);
  int rank = hdf5.rank(space);
  unsigned long long extents[HDF5_MAX_RANK];
  if (rank > limit || (rank > 0 && hdf5.dimensions(space, extents, NULL) < 0)) {
    rank = -1;
  }
  for (int index = 0; index < rank; ++index) {
    dimensions[index] = extents[index] > INT64_MAX ? INT64_MAX : (int64_t)extents[index];
  }
  hdf5.close_space(space);
  hdf5.close_dataset(dataset);
  return rank;
}

int library_read(int64_t file, const char *path, float *elements, size_t count) {
  hdf5_id dataset = open_numbers(file, path);
  if (dataset < 0) {
    return 1;
  }
  hdf5_id space = hdf5.dataset_space(dataset);
  const long long stored = hdf5.count(space);
  hdf5.close_space(space);
  int status = 1;
  if (stored >= 0 && (size_t)stored == count) {
    status = hdf5.read_dataset(dataset, *hdf5.native_float, HDF5_ALL, HDF5_ALL, HDF5_DEFAULT, elements) < 0;
  }
  hdf5.close_dataset(dataset);
  return status;
}
