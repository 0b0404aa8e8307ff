# Linux on x86-64: SSE2 is the floor, faster kernels are chosen when a program starts.
SWIFT_TRIPLE=
SWIFT_EMBEDDED=x86_64-unknown-linux-gnu
CC=${CC:-gcc}
STRIP=${STRIP:-strip}
READELF=${READELF:-readelf}
C_FLAGS=-fPIC
SYSTEM_LIBRARIES="libc.so.6 ld-linux-x86-64.so.2"
PACKAGES="gcc binutils"
RUN=
