// Which functions of a library a program runs, in the order of their first call: one hexadecimal address a line,
// relative to the library's start.
//
//   record_functions LIBRARY TRAPPED OUTPUT PROGRAM ARGUMENTS...
//
// TRAPPED is a copy of LIBRARY whose functions begin with a breakpoint, and what PROGRAM loads. Each breakpoint that is
// hit is noted and replaced by the byte that LIBRARY has there. For Linux on x86-64.
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/// Where TRAPPED is in the program, and what of it is at an address: which offset of the file, 0 for nothing.
typedef struct place {
  uint64_t base, offset;
} place;

static const uint8_t *read_library(const char *path) {
  struct stat status;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &status) != 0)
    return NULL;
  void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  return bytes == MAP_FAILED ? NULL : bytes;
}

static place find(pid_t process, const char *trapped, uint64_t address) {
  char path[64], line[512];
  place found = {0};
  snprintf(path, sizeof path, "/proc/%d/maps", (int)process);
  FILE *maps = fopen(path, "r");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    unsigned long begin, end, offset;
    if (strstr(line, trapped) == NULL || sscanf(line, "%lx-%lx %*s %lx", &begin, &end, &offset) != 3)
      continue;
    if (found.base == 0)
      found.base = begin - offset;
    if (address >= begin && address < end)
      found.offset = address - begin + offset;
  }
  if (maps != NULL)
    fclose(maps);
  return found;
}

/// Notes the function at whose breakpoint the process stands, and lets it go on there. False for another breakpoint.
static bool pass(pid_t process, const char *trapped, const uint8_t *library, FILE *output) {
  struct user_regs_struct registers;
  ptrace(PTRACE_GETREGS, process, NULL, &registers);
  const uint64_t address = registers.rip - 1;
  const place at = find(process, trapped, address);
  if (at.offset == 0)
    return false;
  const unsigned long word = (unsigned long)ptrace(PTRACE_PEEKTEXT, process, (void *)address, NULL);
  const unsigned long whole = (word & ~0xFFul) | library[at.offset];
  ptrace(PTRACE_POKETEXT, process, (void *)address, (void *)whole);
  registers.rip = address;
  ptrace(PTRACE_SETREGS, process, NULL, &registers);
  fprintf(output, "%lx\n", (unsigned long)(address - at.base));
  return true;
}

static void run(char **arguments) {
  ptrace(PTRACE_TRACEME, 0, NULL, NULL);
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

int main(int count, char **arguments) {
  const uint8_t *library = count > 4 ? read_library(arguments[1]) : NULL;
  FILE *output = library == NULL ? NULL : fopen(arguments[3], "w");
  if (output == NULL)
    return 64;
  const pid_t process = fork();
  if (process == 0)
    run(arguments + 4);
  int status, signal = 0;
  waitpid(process, &status, 0);
  while (!WIFEXITED(status) && !WIFSIGNALED(status)) {
    ptrace(PTRACE_CONT, process, NULL, (void *)(uintptr_t)signal);
    waitpid(process, &status, 0);
    signal = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
    if (signal == SIGTRAP && pass(process, arguments[2], library, output))
      signal = 0;
  }
  return fclose(output) == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
