import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

extension OneNode {
  /// The only output's elements, which every instruction set and two threads must give alike.
  func everywhere(_ inputs: [Double]...) throws -> [Double] {
    var results: [[Double]] = []
    for isa in ISA.runnable {
      for threads in 1...2 {
        var options = PrepareOptions(threads: threads)
        options.isa = isa
        options.alwaysShares = true
        let program = try program(options)
        let interpreter = try Interpreter(program: program)
        for (index, values) in inputs.enumerated() {
          try interpreter.setBytes(index, values.flatMap { program.inputs[index].type.bytes(of: $0) })
        }
        try interpreter.invoke()
        results.append(interpreter.elements(0))
        #expect(same(results[0], interpreter.elements(0)), "\(isa.name) with \(threads) threads")
      }
    }
    return results[0]
  }

  private func same(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
  }

  /// The code of the error that preparing throws; `nil` when it succeeds.
  func refusal() -> PrepareError? {
    do {
      _ = try program()
      return nil
    } catch let error as PrepareError {
      return error
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }
}

/// Every stored number of an 8-bit type.
func allStored(_ type: ElementType) -> [Double] { (type == .int8 ? -128...127 : 0...255).map { Double($0) } }

/// A stored number within the type's range, from a real one.
func stored(_ real: Double, _ type: ElementType, _ scale: Double, _ zeroPoint: Double) -> Double {
  let range = type.quantizedRange
  return min(max((real / scale).rounded() + zeroPoint, Double(range.lowerBound)), Double(range.upperBound))
}
