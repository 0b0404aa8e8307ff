#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// e to the power of `x`.
func exponential(_ x: Float) -> Float { expf(x) }
