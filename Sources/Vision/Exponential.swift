#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// e to the power of `x`.
func exponential(_ x: Float) -> Float { expf(x) }

func power(_ base: Float, _ exponent: Float) -> Float { powf(base, exponent) }

func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }
