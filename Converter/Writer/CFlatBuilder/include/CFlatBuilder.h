#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Builds one FlatBuffer. Objects that others lead to come first; each call returns where the object lies, as an offset
/// that later calls take. Nothing here knows a schema: fields are named by their ids.
typedef struct swl_flat swl_flat;

/// `capacity` bytes are reserved at once. NULL without memory.
swl_flat *swl_flat_create(size_t capacity);
void swl_flat_destroy(swl_flat *flat);

uint32_t swl_flat_string(swl_flat *flat, const char *text, size_t count);

/// A vector of `count` scalars of `element_bytes` each (1, 2, 4 or 8), the first at a multiple of `alignment`.
uint32_t swl_flat_vector(swl_flat *flat, const void *elements, size_t count, size_t element_bytes, size_t alignment);

/// A vector of tables or strings.
uint32_t swl_flat_offsets(swl_flat *flat, const uint32_t *offsets, size_t count);

/// Between these two nothing but fields may be added.
void swl_flat_start_table(swl_flat *flat);
uint32_t swl_flat_end_table(swl_flat *flat);

/// Fields are written even where they equal the schema's default.
void swl_flat_field_8(swl_flat *flat, uint16_t field, uint8_t value);
void swl_flat_field_32(swl_flat *flat, uint16_t field, uint32_t value);
void swl_flat_field_64(swl_flat *flat, uint16_t field, uint64_t value);
void swl_flat_field_offset(swl_flat *flat, uint16_t field, uint32_t offset);

/// Closes the buffer with `root` behind the four characters of `identifier`: the number of its bytes.
size_t swl_flat_finish(swl_flat *flat, uint32_t root, const char *identifier);
/// Moves them to `target`, part by part, so that the memory of both together is hardly more than that of one. Nothing
/// but destroying is left to do then.
void swl_flat_move(swl_flat *flat, uint8_t *target);

#ifdef __cplusplus
}
#endif
