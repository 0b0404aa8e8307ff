#define _GNU_SOURCE
#include "hdf5_functions.h"

#include <dlfcn.h>
#include <string.h>

/// Debian's name for the library without MPI first; the numbers are those of 1.10, 1.12 and 1.14.
static void *open_library(void) {
  static const char *const names[] = {
      "libhdf5_serial.so.103", "libhdf5_serial.so.200", "libhdf5_serial.so.310", "libhdf5_serial.so",
      "libhdf5.so.103",        "libhdf5.so.200",        "libhdf5.so.310",        "libhdf5.so",
      "libhdf5.dylib"};
  for (size_t index = 0; index < sizeof names / sizeof *names; ++index) {
    void *library = dlopen(names[index], RTLD_LAZY | RTLD_LOCAL);
    if (library != NULL) {
      return library;
    }
  }
  return NULL;
}

int hdf5_load(hdf5_functions *functions) {
  const struct {
    void *place;
    const char *name;
  } table[] = {
      {&functions->dont_atexit, "H5dont_atexit"},
      {&functions->open, "H5open"},
      {&functions->set_errors, "H5Eset_auto2"},
      {&functions->set_plugins, "H5PLset_loading_state"},
      {&functions->open_file, "H5Fopen"},
      {&functions->create_list, "H5Pcreate"},
      {&functions->set_core, "H5Pset_fapl_core"},
      {&functions->set_image, "H5Pset_file_image"},
      {&functions->close_list, "H5Pclose"},
      {&functions->open_attribute, "H5Aopen_by_name"},
      {&functions->attribute_type, "H5Aget_type"},
      {&functions->attribute_space, "H5Aget_space"},
      {&functions->read_attribute, "H5Aread"},
      {&functions->close_attribute, "H5Aclose"},
      {&functions->reclaim, "H5Dvlen_reclaim"},
      {&functions->type_size, "H5Tget_size"},
      {&functions->type_class, "H5Tget_class"},
      {&functions->is_variable, "H5Tis_variable_str"},
      {&functions->close_type, "H5Tclose"},
      {&functions->count, "H5Sget_simple_extent_npoints"},
      {&functions->rank, "H5Sget_simple_extent_ndims"},
      {&functions->dimensions, "H5Sget_simple_extent_dims"},
      {&functions->close_space, "H5Sclose"},
      {&functions->open_dataset, "H5Dopen2"},
      {&functions->dataset_type, "H5Dget_type"},
      {&functions->dataset_space, "H5Dget_space"},
      {&functions->creation, "H5Dget_create_plist"},
      {&functions->external_count, "H5Pget_external_count"},
      {&functions->layout, "H5Pget_layout"},
      {&functions->read_dataset, "H5Dread"},
      {&functions->close_dataset, "H5Dclose"},
      {&functions->file_access, "H5P_CLS_FILE_ACCESS_ID_g"},
      {&functions->native_float, "H5T_NATIVE_FLOAT_g"},
  };
  void *library = open_library();
  if (library == NULL) {
    return 1;
  }
  for (size_t index = 0; index < sizeof table / sizeof *table; ++index) {
    void *symbol = dlsym(library, table[index].name);
    if (symbol == NULL) {
      return 1;
    }
    memcpy(table[index].place, &symbol, sizeof symbol);
  }
  // 1.12 gave the function of this form another name.
  void *link_info = dlsym(library, "H5Lget_info");
  if (link_info == NULL) {
    link_info = dlsym(library, "H5Lget_info1");
  }
  memcpy(&functions->link_info, &link_info, sizeof link_info);
  return link_info == NULL;
}
