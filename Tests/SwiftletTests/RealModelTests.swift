import Foundation
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Real models, where the folder with them is present.
@Suite(.enabled(if: RealModels.isPresent, "the folder that SWIFTLET_SHARED names is absent"))
struct RealModelTests {
  @Test(arguments: RealModels.all()) func arenaIsNearItsLowerBound(file: URL) throws {
    let program = try Program(model: Model(bytes: ModelBytes(path: file.path)))
    #expect(
      Double(program.arenaBytes) <= Double(program.arenaLowerBoundBytes) * 1.05,
      "\(program.arenaBytes) bytes, lower bound \(program.arenaLowerBoundBytes)")
  }

  /// With more threads, each of which has buffers of its own, fewer chains pay.
  @Test(arguments: RealModels.all()) func chainsOfRowsTakeNoMoreMemory(file: URL) throws {
    let model = try Model(bytes: ModelBytes(path: file.path))
    for (isa, threads) in [(ISA.fastest, 1), (.fastest, 2), (.fastest, 4), (.scalar, 1)] {
      var options = PrepareOptions(threads: threads)
      options.isa = isa
      let chained = try Program(model: model, options: options).arenaBytes
      options.chainsRows = false
      let whole = try Program(model: model, options: options).arenaBytes
      #expect(chained <= whole, "\(isa.name), \(threads) threads")
      guard file.lastPathComponent.contains("mobilenet_v2_1.0_224"), threads <= 2 else { continue }
      #expect(chained < 712_000 && whole > 1_600_000, "\(chained) of \(whole) bytes")
    }
  }

  /// The same bytes with two threads that share every step, without fusion, which means without chains of rows too, and of
  /// small models with other numbers of threads and on every instruction set, which the comparison with LiteRT covers for
  /// all.
  @Test(arguments: RealModels.all()) func everyPathGivesTheSameBytes(file: URL) throws {
    let model = try Model(bytes: ModelBytes(path: file.path))
    let expected = try outputs(of: model, PrepareOptions())
    let isFloat = model.subgraphs[0].tensors.contains {
      ($0.type == .float32 || $0.type == .float16) && $0.data != nil && $0.shape.count > 1
    }
    for isa in Self.isSmall(file) ? ISA.runnable : [] {
      var options = PrepareOptions()
      options.isa = isa
      // Without fused multiply-add the last bits of float32 sums differ, within the documented tolerance.
      if isa.name == "sse41" && isFloat { continue }
      #expect(try outputs(of: model, options) == expected, "\(isa.name)")
    }
    var unfused = PrepareOptions(threads: 2)
    unfused.fuses = false
    unfused.alwaysShares = true
    #expect(try outputs(of: model, unfused) == expected)
    for threads in Self.isSmall(file) ? [2, 3, 5] : [2] {
      var options = PrepareOptions(threads: threads)
      options.alwaysShares = true
      #expect(try outputs(of: model, options) == expected, "\(threads) threads")
    }
  }

  static func isSmall(_ file: URL) -> Bool {
    ((try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? nil) ?? 0 < 350_000
      && !file.lastPathComponent.hasPrefix("basic_pitch")
  }

  private func outputs(of model: Model, _ options: PrepareOptions) throws -> [[UInt8]] {
    let program = try Program(model: model, options: options)
    let interpreter = try Interpreter(program: program)
    var random = SplitMix(seed: 1)
    for index in program.inputs.indices {
      let isFloat = program.inputs[index].type == .float32
      unsafe interpreter.withInputBytes(index) { bytes in
        if isFloat {
          for position in 0..<(bytes.count / 4) {
            let value = Float(random.next() >> 40) * 0x1p-23 - 1
            unsafe bytes.storeBytes(of: value, toByteOffset: position * 4, as: Float.self)
          }
        } else {
          for position in bytes.indices { unsafe bytes[position] = UInt8(truncatingIfNeeded: random.next()) }
        }
      }
    }
    for _ in 0..<2 { try interpreter.invoke() }
    return program.outputs.indices.map { index in
      unsafe interpreter.withOutputBytes(index) { unsafe Array($0) }
    }
  }
}
