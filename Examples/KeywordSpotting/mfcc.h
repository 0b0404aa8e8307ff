// Mel-frequency cepstral coefficients, as the keyword model of MLPerf Tiny was trained with.
#ifndef MFCC_H
#define MFCC_H

#include <stdint.h>

enum { MFCC_SAMPLES = 16000, MFCC_FRAMES = 49, MFCC_COUNT = 10 };

/// Computes MFCC_FRAMES x MFCC_COUNT coefficients of one second of sound at 16 kHz.
void mfcc(const int16_t samples[MFCC_SAMPLES], float coefficients[MFCC_FRAMES * MFCC_COUNT]);

#endif
