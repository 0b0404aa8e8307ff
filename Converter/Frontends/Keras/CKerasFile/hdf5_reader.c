#include "CKerasFile.h"
#include "hdf5_library.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/// Seconds of computing after which a file counts as damaged.
static const rlim_t seconds_limit = 300;

enum { path_limit = 1024, max_rank = 8 };

enum question { question_exists, question_text, question_shape, question_read };

struct request {
  enum question question;
  size_t count;
  char path[path_limit];
  char name[path_limit];
};

/// Followed by `length` bytes.
struct reply {
  int64_t status;
  size_t length;
};

struct swl_hdf5 {
  int socket;
  pid_t reader;
};

// Both ends

static int send_all(int socket, const void *bytes, size_t count) {
  const char *rest = bytes;
  while (count > 0) {
    const ssize_t sent = send(socket, rest, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return 1;
    }
    rest += sent;
    count -= (size_t)sent;
  }
  return 0;
}

static int receive_all(int socket, void *bytes, size_t count) {
  char *rest = bytes;
  while (count > 0) {
    const ssize_t received = recv(socket, rest, count, 0);
    if (received < 0 && errno == EINTR) {
      continue;
    }
    if (received <= 0) {
      return 1;
    }
    rest += received;
    count -= (size_t)received;
  }
  return 0;
}

// The reader

static int answer(int socket, int64_t status, const void *bytes, size_t length) {
  const struct reply reply = {status, length};
  return send_all(socket, &reply, sizeof reply) || send_all(socket, bytes, length);
}

static int answer_text(int socket, int64_t file, const struct request *request) {
  char *text = library_text(file, request->path, request->name);
  const int failed = answer(socket, text == NULL, text, text == NULL ? 0 : strlen(text) + 1);
  free(text);
  return failed;
}

static int answer_shape(int socket, int64_t file, const struct request *request) {
  int64_t dimensions[max_rank] = {0};
  const int rank = library_shape(file, request->path, dimensions, max_rank);
  return answer(socket, rank, dimensions, sizeof dimensions);
}

static int answer_read(int socket, int64_t file, const struct request *request) {
  float *elements = malloc(request->count * sizeof *elements + 1);
  int status = elements == NULL;
  if (status == 0) {
    status = library_read(file, request->path, elements, request->count);
  }
  const int failed = answer(socket, status, elements, status == 0 ? request->count * sizeof *elements : 0);
  free(elements);
  return failed;
}

static void serve(int socket, int64_t file) {
  struct request request;
  if (answer(socket, file < 0 ? file : 0, NULL, 0) != 0 || file < 0) {
    return;
  }
  while (receive_all(socket, &request, sizeof request) == 0) {
    int failed = 1;
    switch (request.question) {
    case question_exists:
      failed = answer(socket, library_exists(file, request.path), NULL, 0);
      break;
    case question_text:
      failed = answer_text(socket, file, &request);
      break;
    case question_shape:
      failed = answer_shape(socket, file, &request);
      break;
    case question_read:
      failed = answer_read(socket, file, &request);
      break;
    }
    if (failed) {
      return;
    }
  }
}

/// A reader that dies does so alone and silently.
static void prepare_reader(void) {
  static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGINT, SIGTERM};
  const struct rlimit none = {0, 0};
  const struct rlimit seconds = {seconds_limit, seconds_limit};
  for (size_t index = 0; index < sizeof signals / sizeof *signals; ++index) {
    signal(signals[index], SIG_DFL);
  }
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_CPU, &seconds);
}

// The caller's side

/// Opens the file at `path` or, without one, the image.
static swl_hdf5 *start(const char *path, const void *image, size_t count, bool *lacks_library) {
  *lacks_library = false;
  int ends[2];
  swl_hdf5 *file = malloc(sizeof *file);
  if (file == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    free(file);
    return NULL;
  }
  const pid_t reader = fork();
  if (reader == 0) {
    close(ends[0]);
    prepare_reader();
    serve(ends[1], path != NULL ? library_open(path) : library_open_image(image, count));
    _exit(0);
  }
  close(ends[1]);
  *file = (swl_hdf5){ends[0], reader};
  struct reply reply = {0};
  if (reader < 0 || receive_all(file->socket, &reply, sizeof reply) != 0 || reply.status != 0) {
    *lacks_library = reply.status == library_missing;
    swl_hdf5_close(file);
    return NULL;
  }
  return file;
}

swl_hdf5 *swl_hdf5_open(const char *path, bool *lacks_library) { return start(path, NULL, 0, lacks_library); }

swl_hdf5 *swl_hdf5_open_image(const void *bytes, size_t count, bool *lacks_library) {
  return start(NULL, bytes, count, lacks_library);
}

void swl_hdf5_close(swl_hdf5 *file) {
  close(file->socket);
  if (file->reader > 0) {
    while (waitpid(file->reader, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  free(file);
}

/// Asks and waits for the head of the reply. 0 when it came.
static int ask(swl_hdf5 *file, enum question question, const char *path, const char *name, size_t count,
               struct reply *reply) {
  struct request request = {.question = question, .count = count};
  if (strlen(path) >= path_limit || strlen(name) >= path_limit) {
    return 1;
  }
  strcpy(request.path, path);
  strcpy(request.name, name);
  return send_all(file->socket, &request, sizeof request) || receive_all(file->socket, reply, sizeof *reply);
}

int swl_hdf5_exists(swl_hdf5 *file, const char *path) {
  struct reply reply;
  return ask(file, question_exists, path, "", 0, &reply) == 0 && reply.status != 0;
}

char *swl_hdf5_text(swl_hdf5 *file, const char *path, const char *name) {
  struct reply reply;
  if (ask(file, question_text, path, name, 0, &reply) != 0 || reply.status != 0) {
    return NULL;
  }
  char *text = malloc(reply.length);
  if (text != NULL && receive_all(file->socket, text, reply.length) == 0) {
    return text;
  }
  free(text);
  // What was not read would be taken for the next reply.
  shutdown(file->socket, SHUT_RDWR);
  return NULL;
}

int swl_hdf5_shape(swl_hdf5 *file, const char *path, int64_t dimensions[8]) {
  struct reply reply;
  if (ask(file, question_shape, path, "", 0, &reply) != 0 || reply.length != max_rank * sizeof *dimensions ||
      receive_all(file->socket, dimensions, reply.length) != 0) {
    return -1;
  }
  return (int)reply.status;
}

int swl_hdf5_read(swl_hdf5 *file, const char *path, float *elements, size_t count) {
  struct reply reply;
  return ask(file, question_read, path, "", count, &reply) != 0 || reply.status != 0 ||
         reply.length != count * sizeof *elements || receive_all(file->socket, elements, reply.length) != 0;
}
