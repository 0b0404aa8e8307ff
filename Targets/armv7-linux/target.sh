# Linux on 32-bit ARM (Debian's armhf: ARMv7-A with VFPv3-D16), built with Debian's cross compiler and run under qemu-user.
SWIFT_TRIPLE=armv7-none-none-eabi
SWIFT_EMBEDDED=armv7-none-none-eabi
CC=arm-linux-gnueabihf-gcc
STRIP=arm-linux-gnueabihf-strip
READELF=arm-linux-gnueabihf-readelf
C_FLAGS="-fPIC --target=arm-linux-gnueabihf -march=armv7-a -mfpu=vfpv3-d16 -mfloat-abi=hard -fno-short-enums --sysroot=/usr/arm-linux-gnueabihf -isystem/usr/arm-linux-gnueabihf/include"
SYSTEM_LIBRARIES="libc.so.6 libm.so.6 libgcc_s.so.1 ld-linux-armhf.so.3"
PACKAGES="gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user-static"
RUN="qemu-arm-static -L /usr/arm-linux-gnueabihf"
