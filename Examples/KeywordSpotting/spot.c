// Hears one of ten words in a WAV file, or in raw sound from a pipe.
//
//   spot kws_ref_model.tflite yes.wav
//   arecord -q -f S16_LE -r 16000 -t raw | spot kws_ref_model.tflite -
#include "mfcc.h"
#include "swiftlet.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {"down",  "go",   "left", "no",  "off",     "on",
                                    "right", "stop", "up",   "yes", "silence", "unknown"};
enum { WORDS = sizeof words / sizeof *words, HOP = MFCC_SAMPLES / 4 };
static const float THRESHOLD = 0.9f;

static void fail(const char *what) {
  fprintf(stderr, "spot: %s\n", what);
  exit(65);
}

/// The word of one second of sound and its probability.
static int classify(TfLiteInterpreter *interpreter, const int16_t *samples, float *probability) {
  float coefficients[MFCC_FRAMES * MFCC_COUNT];
  mfcc(samples, coefficients);
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  const TfLiteQuantizationParams in = TfLiteTensorQuantizationParams(input);
  int8_t *values = TfLiteTensorData(input);
  for (int i = 0; i < MFCC_FRAMES * MFCC_COUNT; i++) {
    const float value = roundf(coefficients[i] / in.scale) + (float)in.zero_point;
    values[i] = (int8_t)fmaxf(-128, fminf(127, value));
  }
  if (TfLiteInterpreterInvoke(interpreter) != kTfLiteOk)
    fail(SwiftletLastError());
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  const TfLiteQuantizationParams out = TfLiteTensorQuantizationParams(output);
  const int8_t *scores = TfLiteTensorData(output);
  int best = 0;
  for (int i = 1; i < WORDS; i++) {
    if (scores[i] > scores[best])
      best = i;
  }
  *probability = out.scale * (float)(scores[best] - out.zero_point);
  return best;
}

static TfLiteInterpreter *open_model(const char *path) {
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
  if (TfLiteInterpreterAllocateTensors(interpreter) != kTfLiteOk)
    fail(SwiftletLastError());
  TfLiteModelDelete(model); // the interpreter keeps what it needs
  const TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  if (TfLiteTensorType(input) != kTfLiteInt8 || TfLiteTensorByteSize(input) != MFCC_FRAMES * MFCC_COUNT ||
      TfLiteTensorType(output) != kTfLiteInt8 || TfLiteTensorByteSize(output) != WORDS)
    fail("the model does not map 49 x 10 int8 coefficients to 12 int8 scores");
  return interpreter;
}

/// Skips to the samples of a WAV file with 16-bit samples of one channel at 16 kHz.
static void skip_header(FILE *file) {
  unsigned char head[12], chunk[8], format[16];
  if (fread(head, 1, sizeof head, file) != sizeof head || memcmp(head, "RIFF", 4) != 0)
    fail("this is no WAV file");
  while (fread(chunk, 1, sizeof chunk, file) == sizeof chunk) {
    const uint32_t size = chunk[4] | (uint32_t)chunk[5] << 8 | (uint32_t)chunk[6] << 16 | (uint32_t)chunk[7] << 24;
    if (memcmp(chunk, "data", 4) == 0)
      return;
    long rest = (long)size;
    if (memcmp(chunk, "fmt ", 4) == 0 && size >= sizeof format) {
      static const unsigned char expected[8] = {1, 0, 1, 0, 0x80, 0x3E, 0, 0};
      if (fread(format, 1, sizeof format, file) != sizeof format || memcmp(format, expected, 8) != 0 ||
          format[14] != 16)
        fail("the sound is not 16-bit, one channel, 16 kHz");
      rest -= (long)sizeof format;
    }
    if (fseek(file, rest, SEEK_CUR) != 0)
      break;
  }
  fail("the WAV file has no samples");
}

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: spot MODEL SOUND.wav|-\n");
    return 64;
  }
  TfLiteInterpreter *interpreter = open_model(arguments[1]);
  const bool is_pipe = strcmp(arguments[2], "-") == 0;
  FILE *file = is_pipe ? stdin : fopen(arguments[2], "rb");
  if (file == NULL) {
    perror(arguments[2]);
    return 66;
  }
  if (!is_pipe)
    skip_header(file);

  // A window of one second moves in quarters of a second; a word is printed once while it stays in the window.
  static int16_t window[MFCC_SAMPLES];
  size_t filled = fread(window, sizeof *window, MFCC_SAMPLES, file);
  int previous = -1;
  for (int quarter = 0; filled > MFCC_SAMPLES - HOP || quarter == 0; quarter++) {
    memset(window + filled, 0, (MFCC_SAMPLES - filled) * sizeof *window);
    float probability;
    const int word = classify(interpreter, window, &probability);
    const bool is_heard = probability >= THRESHOLD && strcmp(words[word], "silence") && strcmp(words[word], "unknown");
    if (is_heard && word != previous) {
      printf("%.2f s: %s %.2f\n", quarter * 0.25, words[word], probability);
      fflush(stdout);
    }
    previous = is_heard ? word : -1;
    memmove(window, window + HOP, (MFCC_SAMPLES - HOP) * sizeof *window);
    filled = MFCC_SAMPLES - HOP + fread(window + MFCC_SAMPLES - HOP, sizeof *window, HOP, file);
  }
  TfLiteInterpreterDelete(interpreter);
  return 0;
}
