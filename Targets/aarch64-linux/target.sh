# Linux on 64-bit ARM, built with Debian's cross compiler and run under qemu-user.
SWIFT_TRIPLE=aarch64-none-none-elf
SWIFT_EMBEDDED=aarch64-none-none-elf
CC=aarch64-linux-gnu-gcc
STRIP=aarch64-linux-gnu-strip
READELF=aarch64-linux-gnu-readelf
C_FLAGS="-fPIC --target=aarch64-linux-gnu --sysroot=/usr/aarch64-linux-gnu -isystem/usr/aarch64-linux-gnu/include"
SYSTEM_LIBRARIES="libc.so.6 ld-linux-aarch64.so.1"
PACKAGES="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"
RUN="qemu-aarch64-static -L /usr/aarch64-linux-gnu"
