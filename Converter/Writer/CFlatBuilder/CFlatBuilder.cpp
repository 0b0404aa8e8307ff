#include "CFlatBuilder.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <cstring>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

struct swl_flat {
  explicit swl_flat(size_t capacity) : builder(capacity) { builder.ForceDefaults(true); }

  flatbuffers::FlatBufferBuilder builder;
  flatbuffers::uoffset_t table = 0;
};

namespace {

template <typename Scalar> void add_field(swl_flat *flat, uint16_t field, Scalar value) {
  flat->builder.AddElement<Scalar>(flatbuffers::FieldIndexToOffset(field), value, Scalar());
}

/// Gives whole pages back to the system; what they hold is lost.
void release(uintptr_t start, size_t count) {
#ifdef __linux__
  madvise(reinterpret_cast<void *>(start), count, MADV_DONTNEED);
#else
  (void)start;
  (void)count;
#endif
}

} // namespace

swl_flat *swl_flat_create(size_t capacity) { return new (std::nothrow) swl_flat(capacity); }

void swl_flat_destroy(swl_flat *flat) { delete flat; }

uint32_t swl_flat_string(swl_flat *flat, const char *text, size_t count) {
  return flat->builder.CreateString(text, count).o;
}

uint32_t swl_flat_vector(swl_flat *flat, const void *elements, size_t count, size_t element_bytes, size_t alignment) {
  flat->builder.ForceVectorAlignment(count, element_bytes, alignment);
  flat->builder.StartVector(count, element_bytes);
  flat->builder.PushBytes(static_cast<const uint8_t *>(elements), count * element_bytes);
  return flat->builder.EndVector(count);
}

uint32_t swl_flat_offsets(swl_flat *flat, const uint32_t *offsets, size_t count) {
  flat->builder.StartVector(count, sizeof(flatbuffers::uoffset_t));
  for (size_t index = count; index > 0; --index) {
    flat->builder.PushElement(flatbuffers::Offset<void>(offsets[index - 1]));
  }
  return flat->builder.EndVector(count);
}

void swl_flat_start_table(swl_flat *flat) { flat->table = flat->builder.StartTable(); }

uint32_t swl_flat_end_table(swl_flat *flat) { return flat->builder.EndTable(flat->table); }

void swl_flat_field_8(swl_flat *flat, uint16_t field, uint8_t value) { add_field(flat, field, value); }

void swl_flat_field_32(swl_flat *flat, uint16_t field, uint32_t value) { add_field(flat, field, value); }

void swl_flat_field_64(swl_flat *flat, uint16_t field, uint64_t value) { add_field(flat, field, value); }

void swl_flat_field_offset(swl_flat *flat, uint16_t field, uint32_t offset) {
  flat->builder.AddOffset(flatbuffers::FieldIndexToOffset(field), flatbuffers::Offset<void>(offset));
}

size_t swl_flat_finish(swl_flat *flat, uint32_t root, const char *identifier) {
  flat->builder.Finish(flatbuffers::Offset<void>(root), identifier);
  return flat->builder.GetSize();
}

void swl_flat_move(swl_flat *flat, uint8_t *target) {
  const size_t part = 1 << 18;
  const uintptr_t page = 1 << 16; // the largest that systems have
  uint8_t *source = flat->builder.GetBufferPointer();
  const size_t count = flat->builder.GetSize();
  uintptr_t released = (reinterpret_cast<uintptr_t>(source) + page - 1) & ~(page - 1);
  for (size_t done = 0; done < count;) {
    const size_t next = std::min(part, count - done);
    std::memcpy(target + done, source + done, next);
    done += next;
    const uintptr_t end = reinterpret_cast<uintptr_t>(source + done) & ~(page - 1);
    if (end > released) {
      release(released, end - released);
      released = end;
    }
  }
}
