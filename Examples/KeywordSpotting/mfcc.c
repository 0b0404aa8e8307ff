#include "mfcc.h"

#include <math.h>

enum { WINDOW = 480, STRIDE = 320, LENGTH = 512, BINS = LENGTH / 2 + 1, MELS = 40 };
static const double PI = 3.14159265358979323846;

static float mel(float hertz) { return 1127 * logf(1 + hertz / 700); }

/// Magnitudes of the discrete Fourier transform of a window under a Hann curve.
static void spectrum(const float *samples, float magnitudes[BINS]) {
  static float cosines[LENGTH];
  if (cosines[0] == 0) {
    for (int i = 0; i < LENGTH; i++)
      cosines[i] = (float)cos(2 * PI * i / LENGTH);
  }
  float windowed[WINDOW];
  for (int n = 0; n < WINDOW; n++)
    windowed[n] = samples[n] * (float)(0.5 - 0.5 * cos(2 * PI * n / WINDOW));
  for (int k = 0; k < BINS; k++) {
    float real = 0, imaginary = 0;
    for (int n = 0; n < WINDOW; n++) {
      real += windowed[n] * cosines[k * n % LENGTH];
      imaginary += windowed[n] * cosines[(k * n + LENGTH / 4) % LENGTH];
    }
    magnitudes[k] = sqrtf(real * real + imaginary * imaginary);
  }
}

/// Logarithms of the magnitudes under 40 triangles, evenly spaced on the mel scale from 20 to 4000 Hz.
static void log_mels(const float magnitudes[BINS], float logarithms[MELS]) {
  const float lowest = mel(20), step = (mel(4000) - lowest) / (MELS + 1);
  for (int m = 0; m < MELS; m++) {
    const float left = lowest + step * (float)m;
    float sum = 0;
    for (int k = 1; k < BINS; k++) {
      const float place = (mel((float)k * 16000 / LENGTH) - left) / step; // 0 at the left foot, 1 at the top, 2
      sum += magnitudes[k] * fmaxf(0, fminf(place, 2 - place));
    }
    logarithms[m] = logf(sum + 1e-6f);
  }
}

void mfcc(const int16_t samples[MFCC_SAMPLES], float coefficients[MFCC_FRAMES * MFCC_COUNT]) {
  static float scaled[MFCC_SAMPLES];
  float largest = 1;
  for (int i = 0; i < MFCC_SAMPLES; i++)
    largest = fmaxf(largest, samples[i]);
  for (int i = 0; i < MFCC_SAMPLES; i++)
    scaled[i] = samples[i] / largest;
  for (int frame = 0; frame < MFCC_FRAMES; frame++) {
    float magnitudes[BINS], logarithms[MELS];
    spectrum(scaled + frame * STRIDE, magnitudes);
    log_mels(magnitudes, logarithms);
    for (int c = 0; c < MFCC_COUNT; c++) { // cosine transform of type 2
      double sum = 0;
      for (int m = 0; m < MELS; m++)
        sum += logarithms[m] * cos(PI * c * (m + 0.5) / MELS);
      coefficients[frame * MFCC_COUNT + c] = (float)(sum * sqrt(2.0 / MELS));
    }
  }
}
