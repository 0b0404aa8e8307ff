"""Runs the examples: examples.py C-PROGRAMS SWIFT-PROGRAMS SHARED"""

import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

PROGRAMS, SWIFT_PROGRAMS, SHARED = (Path(argument).resolve() for argument in sys.argv[1:4])
PERSON = SHARED / "models/mlperf_tiny/vww_96_int8.tflite"
KEYWORDS = SHARED / "models/mlperf_tiny/kws_ref_model.tflite"
SOUNDS = SHARED / "audio/speech_commands"
FRAME_BYTES = 96 * 96 * 3


def output(*command, expected=0, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == expected, f"{command}: exit code {done.returncode}: {done.stderr}"
    return done.stdout if expected == 0 else done.stderr


def spot():
    program = PROGRAMS / "spot"
    heard = output(program, KEYWORDS, SOUNDS / "yes_1000ms.wav")
    assert heard.startswith("0.00 s: yes ") and heard.count("\n") == 1, heard
    with open(SOUNDS / "yes_1000ms.wav", "rb") as sound:
        sound.seek(44)
        assert output(program, KEYWORDS, "-", stdin=sound) == heard
    for quiet in ("silence", "noise"):
        assert output(program, KEYWORDS, SOUNDS / f"{quiet}_1000ms.wav") == ""
    assert "no WAV file" in output(program, KEYWORDS, KEYWORDS, expected=65)
    assert "12 int8 scores" in output(program, PERSON, SOUNDS / "yes_1000ms.wav", expected=65)
    output(program, expected=64)


def classify():
    program = PROGRAMS / "classify"
    model = SHARED / "models/classification/mobilenet_v2_1.0_224_quant.tflite"
    assert output(program, model, SHARED / "images/coral_cat.bmp").startswith("class 286: ")
    assert "BMP" in output(program, model, model, expected=65)
    assert "INT8" in output(program, PERSON, SHARED / "images/coral_cat.bmp", expected=65)


def person():
    program = SWIFT_PROGRAMS / "person-detection"
    for picture, expected in (("coral_grace_hopper.bmp", 0.895), ("coral_cat.bmp", 0.047), ("dogs.jpg", 0.035)):
        found = float(output(program, PERSON, SHARED / "images" / picture).removeprefix("person: "))
        assert abs(found - expected) < 0.01, f"{picture}: {found}, expected {expected}"
    assert "two classes" in output(program, KEYWORDS, SHARED / "images/dogs.jpg", expected=65)
    output(program, PERSON, SHARED / "DATA.md", expected=65)


class Service:
    """A daemon under a service manager that listens: two threads read what it says and what it answers."""

    PATIENCE = 60  # seconds

    def __init__(self, program, folder, model):
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = str(folder / "notify")
        self.manager.bind(address)
        environment = {**os.environ, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"}
        self.process = subprocess.Popen([program, model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.messages, self.answers = queue.Queue(), queue.Queue()
        for read, lines in (
            (lambda: self.manager.recv(4096), self.messages),
            (self.process.stdout.readline, self.answers),
        ):
            threading.Thread(target=self.collect, args=(read, lines), daemon=True).start()

    @staticmethod
    def collect(read, lines):
        while line := read():
            lines.put(line.decode().strip())

    def wait_for(self, text):
        while text not in (message := self.messages.get(timeout=self.PATIENCE)):
            pass
        return message

    def send(self, frame):
        self.process.stdin.write(frame)
        self.process.stdin.flush()

    def answer(self):
        return self.answers.get(timeout=self.PATIENCE)


def daemon(program, folder):
    model = folder / "model.tflite"

    def install(content):
        (folder / "new.tflite").write_bytes(content)
        (folder / "new.tflite").rename(model)

    install(PERSON.read_bytes())
    service = Service(program, folder, model)
    assert f"frames of {FRAME_BYTES} bytes" in service.wait_for("READY=1")
    frame = bytes(i * 7 % 251 for i in range(FRAME_BYTES))
    service.send(frame)
    first = service.answer().removeprefix("frame 0: ")
    assert first.startswith("class "), first
    while not service.messages.empty():
        service.messages.get()
    service.wait_for("WATCHDOG=1")
    service.wait_for("WATCHDOG=1")  # also while no frame arrives

    count = 1
    for content, status in (
        (PERSON.read_bytes(), "runs the new"),
        (b"no model at all", "keeps the old model"),
        (KEYWORDS.read_bytes(), "keeps the old model"),
    ):
        install(content)
        service.send(frame[:10000])  # the signal comes in the middle of a frame
        service.process.send_signal(signal.SIGHUP)
        service.send(frame[10000:] + frame * 3)
        service.wait_for("RELOADING=1")
        assert status in service.wait_for("READY=1"), status
        for _ in range(4):
            assert service.answer() == f"frame {count}: {first}"
            count += 1

    service.process.send_signal(signal.SIGTERM)
    service.wait_for("STOPPING=1")
    assert service.process.wait(service.PATIENCE) == 0

    output(program, folder / "absent.tflite", expected=65)
    output(program, expected=64)


def main():
    if not PERSON.exists():
        print(f"the examples are built, but not run: no models in {SHARED}")
        return
    for check in (spot, classify, person):
        check()
        print(f"{check.__name__}: as expected")
    for program in (PROGRAMS / "daemon", SWIFT_PROGRAMS / "firmware-daemon"):
        with tempfile.TemporaryDirectory() as folder:
            daemon(program, Path(folder))
        print(f"{program.name}: 13 frames, 3 reloads, none dropped")


if __name__ == "__main__":
    main()
