# Cortex-M7 without an operating system, run on qemu's mps2-an500.
SWIFT_TRIPLE=armv7em-none-none-eabi
SWIFT_EMBEDDED=armv7em-none-none-eabi
CC=arm-none-eabi-gcc
C_FLAGS="--target=armv7em-none-none-eabi -mcpu=cortex-m7 -mfloat-abi=hard -isystem/usr/include/newlib/nano -isystem/usr/include/newlib -D_Thread_local= -fno-pic -fno-short-enums"
# Flash is dearer than time where most kernels are portable ones.
C_FAST=-Os
C_REST=-Oz
PACKAGES="gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm"
RUN="qemu-system-arm -M mps2-an500 -nographic -icount shift=0 -semihosting-config enable=on,target=native -kernel"
