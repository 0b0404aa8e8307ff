#define _POSIX_C_SOURCE 200809L

#include "CVision.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Reads to the end, growing `*bytes`. The size that stat gives is a first guess only: pipes have none, files may
/// change.
static int read_all(int file, size_t guess, size_t limit, uint8_t **bytes, size_t *count) {
  size_t capacity = guess < limit ? guess + 1 : limit + 1;
  *bytes = malloc(capacity);
  *count = 0;
  while (*bytes != NULL) {
    const ssize_t got = read(file, *bytes + *count, capacity - *count);
    if (got < 0 && errno != EINTR) {
      return errno;
    }
    if (got == 0) {
      return 0;
    }
    *count += got > 0 ? (size_t)got : 0;
    if (*count > limit) {
      return EFBIG;
    }
    if (*count == capacity) {
      capacity = capacity < limit / 2 ? capacity * 2 : limit + 1;
      uint8_t *grown = realloc(*bytes, capacity);
      if (grown == NULL) {
        return ENOMEM;
      }
      *bytes = grown;
    }
  }
  return ENOMEM;
}

int swl_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *count) {
  *bytes = NULL;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return errno;
  }
  struct stat status;
  int code = fstat(file, &status) == 0 ? 0 : errno;
  if (code == 0 && S_ISDIR(status.st_mode)) {
    code = EISDIR;
  }
  if (code == 0 && S_ISREG(status.st_mode) && status.st_size >= 0 && (uintmax_t)status.st_size > limit) {
    code = EFBIG;
  }
  if (code == 0) {
    const size_t guess = S_ISREG(status.st_mode) && status.st_size > 0 ? (size_t)status.st_size : 65535;
    code = read_all(file, guess, limit, bytes, count);
  }
  close(file);
  if (code != 0) {
    free(*bytes);
    *bytes = NULL;
  }
  return code;
}

static int write_all(int file, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = write(file, bytes, count);
    if (written < 0 && errno != EINTR) {
      return errno;
    }
    if (written > 0) {
      bytes += written;
      count -= (size_t)written;
    }
  }
  return fsync(file) == 0 ? 0 : errno;
}

/// Creates a file beside `path` that did not exist and puts its name into `name`. Negative on failure, with errno set.
static int create_beside(const char *path, char *name, size_t capacity) {
  for (unsigned attempt = 0; attempt < 1000; attempt++) {
    snprintf(name, capacity, "%s.%ld-%u.tmp", path, (long)getpid(), attempt);
    const int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) {
      return file;
    }
  }
  return -1;
}

int swl_write_file(const char *path, const uint8_t *bytes, size_t count) {
  const size_t capacity = strlen(path) + 48;
  char *temporary = malloc(capacity);
  if (temporary == NULL) {
    return ENOMEM;
  }
  const int file = create_beside(path, temporary, capacity);
  int code = file >= 0 ? 0 : errno;
  if (code == 0) {
    code = write_all(file, bytes, count);
    if (close(file) != 0 && code == 0) {
      code = errno;
    }
    if (code == 0 && rename(temporary, path) != 0) {
      code = errno;
    }
    if (code != 0) {
      unlink(temporary);
    }
  }
  free(temporary);
  return code;
}

int swl_errno_too_long(void) { return EFBIG; }

void swl_errno_text(int code, char *detail, size_t capacity) {
  if (strerror_r(code, detail, capacity) != 0) {
    snprintf(detail, capacity, "error %d", code);
  }
}
