"""The wake word server wyoming-openwakeword with tflite_runtime and with our package: wyoming_server.py OURS WAV...

OURS is a folder with a tflite_runtime package. Both servers must hear the same words.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncUnixClient
from wyoming.wake import Detect, Detection, NotDetected

WORDS = ["alexa", "hey_jarvis", "hey_mycroft", "ok_nabu"]
SAMPLES = 1280


def read(path):
    """The samples and two seconds of silence, in which the server catches up."""
    with wave.open(str(path)) as file:
        assert file.getframerate() == 16000 and file.getnchannels() == 1, path
        return file.readframes(file.getnframes()) + bytes(2 * 2 * 16000)


async def ask(path_of_socket, path):
    """The words that the server hears in a file."""
    detections = []
    async with AsyncUnixClient(path_of_socket) as client:
        await client.write_event(Detect(names=WORDS).event())
        await client.write_event(AudioStart(rate=16000, width=2, channels=1, timestamp=0).event())
        pcm = read(path)
        for start in range(0, len(pcm), 2 * SAMPLES):
            chunk = AudioChunk(16000, 2, 1, pcm[start : start + 2 * SAMPLES], timestamp=start // 32)
            await client.write_event(chunk.event())
            await asyncio.sleep(0.01)
        await client.write_event(AudioStop(timestamp=len(pcm) // 32).event())
        while True:  # until the server says that there was nothing, or nothing more
            try:
                event = await asyncio.wait_for(client.read_event(), 3 if detections else 20)
            except asyncio.TimeoutError:
                break
            if event is None or NotDetected.is_type(event.type):
                break
            if Detection.is_type(event.type):
                detections.append(Detection.from_event(event).name)
    return sorted(set(detections))


async def hear(paths, folder, environment):
    uri = f"unix://{folder}/server"
    command = [sys.executable, "-m", "wyoming_openwakeword", "--uri", uri]
    for word in WORDS:
        command += ["--preload-model", word]
    with open(Path(folder) / "log", "w") as log:
        server = subprocess.Popen(command, env={**os.environ, **environment}, stderr=log, stdout=log)
    try:
        while not (Path(folder) / "server").exists():
            assert server.poll() is None, (Path(folder) / "log").read_text()
            await asyncio.sleep(0.1)
        return {path.name: await ask(f"{folder}/server", path) for path in paths}
    finally:
        server.kill()
        server.wait()


def main(ours, paths):
    answers = []
    for environment in ({}, {"PYTHONPATH": ours}):
        with tempfile.TemporaryDirectory() as folder:
            answers.append(asyncio.run(hear(paths, folder, environment)))
    expected, found = answers
    print(f"wyoming-openwakeword hears {found}")
    if found != expected:
        print(f"with tflite_runtime it hears {expected}")
    return 1 if found != expected or not any(expected.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], [Path(path) for path in sys.argv[2:]]))
