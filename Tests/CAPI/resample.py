"""Brings a WAV file to 16 kHz mono with a second of faint noise before and after it: resample.py SOURCE DESTINATION."""

import sys
import wave

import numpy as np

RATE = 16000

with wave.open(sys.argv[1]) as file:
    rate = file.getframerate()
    samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(float)
count = len(samples) * RATE // rate
samples = np.interp(np.arange(count) * rate / RATE, np.arange(len(samples)), samples)
samples = np.concatenate([np.zeros(RATE), samples, np.zeros(RATE)])
samples += np.random.default_rng(0).normal(0, 20, len(samples))
with wave.open(sys.argv[2], "w") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(RATE)
    file.writeframes(samples.clip(-32768, 32767).astype(np.int16).tobytes())
