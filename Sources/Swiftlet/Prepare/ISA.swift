package import CKernels
package import ModelFormat

/// The instruction set whose kernels a program uses. All of them compute the same bytes.
public struct ISA: Equatable, Sendable {
  package let value: swl_isa

  package init(_ value: swl_isa) { self.value = value }

  /// The fastest that this machine can execute.
  public static var fastest: ISA { ISA(swl_isa_detect()) }
  public static let scalar = ISA(SWL_ISA_SCALAR)

  /// The instruction set called `name` ("scalar", "sse41", "avx2", "avxvnni", "avx512vnni", "amx", "neon", "dotprod",
  /// "i8mm"), or the next slower one that this machine can execute; `nil` for another name.
  public init?(name: String) { self.init(text: Text(name)) }

  package init?(text: Text) {
    for raw in 0..<UInt32(SWL_ISA_COUNT) {
      let candidate = swl_isa(rawValue: raw)
      if ISA(candidate).text == text {
        value = swl_isa_cap(candidate)
        return
      }
    }
    return nil
  }

  public var name: String { text.string }
  package var text: Text { unsafe Text(zeroTerminated: swl_isa_name(value)) }

  /// Every instruction set that this machine can execute, slowest first.
  public static var runnable: [ISA] { all.filter { swl_isa_runnable($0.value) } }

  /// Every instruction set that the kernels know, of all architectures.
  package static var all: [ISA] { (0..<UInt32(SWL_ISA_COUNT)).map { ISA(swl_isa(rawValue: $0)) } }

  public static func == (a: ISA, b: ISA) -> Bool { a.value.rawValue == b.value.rawValue }
}
