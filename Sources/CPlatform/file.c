// MAP_ANONYMOUS and O_CLOEXEC lie outside C11.
#define _GNU_SOURCE

#include "CPlatform.h"

#include <errno.h>

#if defined(__unix__) || defined(__APPLE__)

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// The most that a pipe or a device may give: an endless one is an error, not all of the memory.
static const size_t STREAM_LIMIT = (size_t)1 << 30;

// munmap releases both kinds of memory that swl_map_file returns, so a pipe's bytes go into an anonymous mapping.
static void *allocate_pages(size_t count) {
  return mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int move_pages(void **pages, size_t used, size_t *capacity) {
  if (*capacity > SIZE_MAX / 2) {
    return ENOMEM;
  }
  size_t doubled = *capacity * 2;
  char *larger = allocate_pages(doubled);
  if (larger == MAP_FAILED) {
    return ENOMEM;
  }
  for (size_t i = 0; i < used; i++) {
    larger[i] = ((const char *)*pages)[i];
  }
  munmap(*pages, *capacity);
  *pages = larger;
  *capacity = doubled;
  return 0;
}

static int read_stream(int file, const void **bytes, size_t *count) {
  size_t capacity = 1 << 16;
  size_t used = 0;
  int error = 0;
  void *pages = allocate_pages(capacity);
  if (pages == MAP_FAILED) {
    return ENOMEM;
  }
  while (error == 0) {
    ssize_t got = read(file, (char *)pages + used, capacity - used);
    if (got == 0) {
      break;
    }
    if (got < 0) {
      error = errno == EINTR ? 0 : errno;
      continue;
    }
    used += (size_t)got;
    if (used == capacity) {
      error = capacity >= STREAM_LIMIT ? EFBIG : move_pages(&pages, used, &capacity);
    }
  }
  if (error != 0 || used == 0) {
    munmap(pages, capacity);
    return error;
  }
  *bytes = pages;
  *count = used;
  return 0;
}

static int map_open_file(int file, const void **bytes, size_t *count, bool *is_backed) {
  struct stat status;
  if (fstat(file, &status) != 0) {
    return errno;
  }
  if (S_ISDIR(status.st_mode)) {
    return EISDIR;
  }
  if (!S_ISREG(status.st_mode)) {
    return read_stream(file, bytes, count);
  }
  if (status.st_size <= 0) {
    return 0;
  }
  if ((uintmax_t)status.st_size > SIZE_MAX) {
    return EFBIG;
  }
  void *mapping = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if (mapping == MAP_FAILED) {
    return errno;
  }
  *bytes = mapping;
  *count = (size_t)status.st_size;
  *is_backed = true;
  return 0;
}

int swl_map_file(const char *path, const void **bytes, size_t *count, bool *is_backed) {
  *bytes = NULL;
  *count = 0;
  *is_backed = false;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return errno;
  }
  int error = map_open_file(file, bytes, count, is_backed);
  close(file);
  return error;
}

void swl_unmap_file(const void *bytes, size_t count) {
  if (bytes != NULL && count > 0) {
    // munmap takes a pointer to non-const although it writes nothing.
    munmap((void *)(uintptr_t)bytes, count);
  }
}

void swl_forget_pages(const void *bytes, size_t count) {
  if (count > 0)
    madvise((void *)(uintptr_t)bytes, count, MADV_DONTNEED);
}

#else

int swl_map_file(const char *path, const void **bytes, size_t *count, bool *is_backed) {
  (void)path;
  *bytes = NULL;
  *count = 0;
  *is_backed = false;
  return ENOSYS;
}

void swl_unmap_file(const void *bytes, size_t count) {
  (void)bytes;
  (void)count;
}

void swl_forget_pages(const void *bytes, size_t count) {
  (void)bytes;
  (void)count;
}

#endif
