// A firmware daemon: frames arrive on standard input, one line of answer leaves for each.
//
//   camera | daemon MODEL
//
// SIGHUP loads the file MODEL again between two frames; SIGTERM ends the daemon. Under systemd it tells when it is
// ready and feeds the watchdog.
#include "swiftlet.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MEMORY_BUDGET = 64 << 20 };

/// Sends one message to the service manager; does nothing where there is none. The protocol is a datagram of lines.
/// MSG_DONTWAIT among the flags gives the message up where the manager has not yet read many before it.
static void notify(int flags, const char *format, ...) {
  const char *path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (path == NULL || strlen(path) >= sizeof address.sun_path)
    return;
  memcpy(address.sun_path, path, strlen(path));
  if (path[0] == '@')
    address.sun_path[0] = 0; // a name in the abstract namespace
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  const socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
  const int handle = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (handle >= 0) {
    sendto(handle, text, strlen(text), flags | MSG_NOSIGNAL, (struct sockaddr *)&address, length);
    close(handle);
  }
}

/// Half of the time after which the service manager would give the daemon up, in milliseconds; -1 without a watchdog.
static int watchdog_interval(void) {
  const char *time = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
  if (time == NULL || (process != NULL && atol(process) != (long)getpid()))
    return -1;
  return (int)(atoll(time) / 2000);
}

static TfLiteInterpreter *start(const char *path) {
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  SwiftletInterpreterOptionsSetMemoryBudget(options, MEMORY_BUDGET);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model); // the interpreter keeps what it needs
  if (TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk)
    return interpreter;
  fprintf(stderr, "<3>%s: %s\n", path, SwiftletLastError());
  TfLiteInterpreterDelete(interpreter);
  return NULL;
}

/// Frames that arrive meanwhile wait in the pipe. When the new model is unfit the old one goes on.
static void reload(TfLiteInterpreter *interpreter, const char *path) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  notify(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  if (model != NULL && SwiftletInterpreterReload(interpreter, model) == kTfLiteOk)
    notify(0, "READY=1\nSTATUS=runs the new %s", path);
  else
    notify(0, "READY=1\nSTATUS=keeps the old model: %.180s", SwiftletLastError());
  TfLiteModelDelete(model);
}

static double score(const TfLiteTensor *output, TfLiteType type, size_t i) {
  const void *scores = TfLiteTensorData(output);
  return type == kTfLiteFloat32 ? (double)((const float *)scores)[i]
         : type == kTfLiteInt8  ? ((const int8_t *)scores)[i]
                                : ((const uint8_t *)scores)[i];
}

/// Copies a frame in, runs the model, and prints the class with the highest score.
static void answer(TfLiteInterpreter *interpreter, const unsigned char *frame, size_t size, size_t number) {
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  if (TfLiteTensorCopyFromBuffer(input, frame, size) != kTfLiteOk ||
      TfLiteInterpreterInvoke(interpreter) != kTfLiteOk) {
    printf("frame %zu: error: %s\n", number, SwiftletLastError());
    return;
  }
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  const TfLiteType type = TfLiteTensorType(output);
  const size_t count = TfLiteTensorByteSize(output) / (type == kTfLiteFloat32 ? sizeof(float) : 1);
  size_t best = 0;
  for (size_t i = 1; i < count; i++)
    if (score(output, type, i) > score(output, type, best))
      best = i;
  printf("frame %zu: class %zu, score %g\n", number, best, score(output, type, best));
}

int main(int count, char **arguments) {
  if (count != 2)
    return fprintf(stderr, "usage: daemon MODEL < FRAMES\n"), 64;
  setvbuf(stdout, NULL, _IOLBF, 0);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  TfLiteInterpreter *interpreter = start(arguments[1]);
  if (interpreter == NULL)
    return 65;
  const size_t size = TfLiteTensorByteSize(TfLiteInterpreterGetInputTensor(interpreter, 0));
  unsigned char *frame = malloc(size); // of its own: a reload may come in the middle of a frame
  struct pollfd sources[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {signalfd(-1, &signals, SFD_CLOEXEC), POLLIN, 0}};
  if (frame == NULL || size == 0 || sources[1].fd < 0)
    return EXIT_FAILURE;
  notify(0, "READY=1\nSTATUS=runs %s, frames of %zu bytes", arguments[1], size);
  for (size_t number = 0, filled = 0;;) {
    const int ready = poll(sources, 2, watchdog_interval());
    if (ready < 0 && errno != EINTR)
      break;
    notify(MSG_DONTWAIT, "WATCHDOG=1");
    struct signalfd_siginfo signal;
    if (ready > 0 && sources[1].revents != 0 && read(sources[1].fd, &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo == SIGTERM)
        break;
      reload(interpreter, arguments[1]);
    } else if (ready > 0 && sources[0].revents != 0) {
      const ssize_t got = read(STDIN_FILENO, frame + filled, size - filled);
      if (got == 0 || (got < 0 && errno != EINTR))
        break;
      filled += got > 0 ? (size_t)got : 0;
      if (filled == size) {
        answer(interpreter, frame, size, number++);
        filled = 0;
      }
    }
  }
  notify(0, "STOPPING=1");
  free(frame);
  TfLiteInterpreterDelete(interpreter);
  return EXIT_SUCCESS;
}
