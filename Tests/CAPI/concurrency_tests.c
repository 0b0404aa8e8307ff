// Several interpreters at once, cancellation, and memory that stays flat.
#include "check.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Worker {
  const TfLiteModel *model;
  float seed;
  int wrong;
} Worker;

static void *work(void *argument) {
  Worker *worker = argument;
  for (int round = 0; round < 20; round++) {
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(worker->model, NULL);
    worker->wrong += TfLiteInterpreterAllocateTensors(interpreter) != kTfLiteOk;
    float *a = TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0));
    float *b = TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 1));
    const float *sum = TfLiteTensorData(TfLiteInterpreterGetOutputTensor(interpreter, 0));
    for (int i = 0; i < 100; i++) {
      *a = worker->seed;
      *b = (float)i;
      worker->wrong += TfLiteInterpreterInvoke(interpreter) != kTfLiteOk;
      worker->wrong += *sum != worker->seed + (float)i;
    }
    TfLiteInterpreterDelete(interpreter);
  }
  return NULL;
}

static void two_interpreters_share_a_model(void) {
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  Worker workers[2] = {{model, 1, 0}, {model, 1000, 0}};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) {
    CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
  }
  for (int i = 0; i < 2; i++) {
    pthread_join(threads[i], NULL);
    CHECK(workers[i].wrong == 0);
  }
  TfLiteModelDelete(model);
}

static void *cancel_soon(void *interpreter) {
  for (int i = 0; i < 200; i++) {
    TfLiteInterpreterCancel(interpreter);
    usleep(100);
  }
  return NULL;
}

static void cancelling_ends_only_the_running_invocation(void) {
  Heard heard = {0};
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, hear, &heard);
  CHECK(TfLiteInterpreterOptionsEnableCancellation(options, true) == kTfLiteOk);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(TfLiteInterpreterCancel(interpreter) == kTfLiteOk);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, cancel_soon, interpreter) == 0);
  for (int i = 0; i < 20000; i++) {
    TfLiteStatus status = TfLiteInterpreterInvoke(interpreter);
    if (status != kTfLiteOk && status != kTfLiteCancelled) {
      CHECK(status == kTfLiteCancelled);
    }
  }
  pthread_join(thread, NULL);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

enum { SCORES = 16 };

/// Scores of a model for a picture of numbers, by an interpreter with `threads` threads of its own.
typedef struct Classifier {
  const TfLiteModel *model;
  int threads, rounds;
  size_t count;
  unsigned char scores[SCORES];
  int wrong;
} Classifier;

static void *classify(void *argument) {
  Classifier *classifier = argument;
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetNumThreads(options, classifier->threads);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(classifier->model, options);
  classifier->wrong += TfLiteInterpreterAllocateTensors(interpreter) != kTfLiteOk;
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  classifier->count = TfLiteTensorByteSize(output);
  classifier->wrong += classifier->count > SCORES;
  for (int round = 0; round < classifier->rounds && classifier->wrong == 0; round++) {
    unsigned char *pixels = TfLiteTensorData(input);
    for (size_t i = 0; i < TfLiteTensorByteSize(input); i++) {
      pixels[i] = (unsigned char)(i * 2654435761u >> 13);
    }
    classifier->wrong += TfLiteInterpreterInvoke(interpreter) != kTfLiteOk;
    classifier->wrong += round > 0 && memcmp(classifier->scores, TfLiteTensorData(output), classifier->count) != 0;
    memcpy(classifier->scores, TfLiteTensorData(output), classifier->count);
  }
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  return NULL;
}

static void interpreters_with_threads_of_their_own_agree(void) {
  const char *path = shared_path("models/mlperf_tiny/vww_96_int8.tflite");
  if (path == NULL) {
    return;
  }
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  Classifier alone = {.model = model, .threads = 1, .rounds = 1};
  classify(&alone);
  CHECK(alone.wrong == 0 && alone.count > 0);
  Classifier several[2] = {{.model = model, .threads = 2, .rounds = 20}, {.model = model, .threads = 3, .rounds = 20}};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) {
    CHECK(pthread_create(&threads[i], NULL, classify, &several[i]) == 0);
  }
  for (int i = 0; i < 2; i++) {
    pthread_join(threads[i], NULL);
    CHECK(several[i].wrong == 0);
    CHECK(memcmp(several[i].scores, alone.scores, alone.count) == 0);
  }
  TfLiteModelDelete(model);
}

void test_threads(void) {
  interpreters_with_threads_of_their_own_agree();
  two_interpreters_share_a_model();
  cancelling_ends_only_the_running_invocation();
}

static long resident_pages(void) {
  long total = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2) {
    exit(2);
  }
  fclose(file);
  return resident;
}

static void cycle(int count) {
  for (int i = 0; i < count; i++) {
    TfLiteModel *model = TfLiteModelCreateFromFile(model_path("conv_2d_int8.tflite"));
    TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
    CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
    TfLiteInterpreterDelete(interpreter);
    TfLiteModelDelete(model);
  }
}

void test_memory(void) {
  cycle(200);
  if (getenv("CHECKER") != NULL) {
    return; // a checker keeps memory that the program has given back
  }
  cycle(1000);
  size_t used = mallinfo2().uordblks;
  long before = 0, after = 0;
  // What leaks grows each time; an emulator takes memory of its own now and then.
  for (int attempt = 0; attempt < 3 && (attempt == 0 || after - before > 64); attempt++) {
    before = resident_pages();
    cycle(400);
    after = resident_pages();
    printf("resident pages before 400 further cycles: %ld, after them: %ld\n", before, after);
  }
  // The allocator counts what it keeps for reuse as used; a leak of 41 bytes in each cycle would show.
  CHECK(mallinfo2().uordblks < used + 16384);
  CHECK(after - before <= 64);
}
