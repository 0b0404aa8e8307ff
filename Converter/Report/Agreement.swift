internal import ModelFormat
internal import Swiftlet

/// How well other forms of a network agree with it on samples of which the answers are not known.
package final class Agreement {
  private let float: Graph
  private let samples: any SampleSource
  /// By sample and output.
  private let expected: [[[Float]]]

  /// Runs the float network once on every sample.
  ///
  /// - Throws: what `samples` throws, `ConversionError` for what cannot be run.
  package init(_ float: Graph, _ samples: some SampleSource) throws {
    self.float = float
    self.samples = samples
    let run = try Runner(float)
    expected = try (0..<samples.count).map { try run.outputs(samples.sample($0), of: float) }
  }

  /// The mean over samples and outputs, 0...1: 1 or 0 for a row of class scores whose first class is the same or another,
  /// the cosine (at least 0) for other outputs.
  package func score(_ graph: Graph) throws -> Double {
    let run = try Runner(graph)
    var sum = 0.0
    var count = 0
    for (index, expected) in expected.enumerated() {
      let found = try run.outputs(samples.sample(index), of: float)
      for (position, pair) in zip(expected, found).enumerated() where !pair.0.isEmpty {
        sum += agreement(pair.0, pair.1, isClasses: isClasses(float[float.outputs[position]].shape))
        count += 1
      }
    }
    return count > 0 ? sum / Double(count) : 0
  }

  private func isClasses(_ shape: [Int]) -> Bool { (shape.last ?? 0) >= 2 && shape.dropLast().allSatisfy { $0 == 1 } }

  private func agreement(_ expected: [Float], _ found: [Float], isClasses: Bool) -> Double {
    guard expected.count == found.count else { return 0 }
    if isClasses {
      let best = { (scores: [Float]) in scores.indices.max { scores[$0] < scores[$1] } }
      return best(expected) == best(found) ? 1 : 0
    }
    var fidelity = Fidelity()
    fidelity.add(reference: expected, found: found)
    return max(0, fidelity.cosine)
  }

  /// A graph as the runtime runs it.
  private struct Runner {
    let interpreter: Interpreter

    init(_ graph: Graph) throws {
      do {
        let model = try Model(bytes: ModelBytes(copying: ModelWriter.write(graph)))
        interpreter = try Interpreter(program: Program(model: model, options: PrepareOptions(threads: 2)))
      } catch let error as PrepareError {
        throw ConversionError(.unavailable, error.message)
      } catch let error as FormatError {
        throw ConversionError(.badData, error.message)
      }
    }

    /// The outputs in real units for inputs of `float`.
    func outputs(_ inputs: [[UInt8]], of float: Graph) throws -> [[Float]] {
      for (index, bytes) in inputs.enumerated() {
        let (source, target) = (float[float.inputs[index]], interpreter.program.inputs[index])
        var stored = bytes
        if source.type != target.type, let values = RealValues.floats(bytes, source.type, source.quantization) {
          stored = RealValues.bytes(values, target.type, target.quantization) ?? bytes
        }
        unsafe interpreter.withInputBytes(index) { if $0.count == stored.count { unsafe $0.copyBytes(from: stored) } }
      }
      do throws(InvokeError) {
        try interpreter.invoke()
      } catch {
        throw ConversionError(.unavailable, error.message)
      }
      return interpreter.program.outputs.indices.map { index in
        let description = interpreter.program.outputs[index]
        let bytes = unsafe interpreter.withOutputBytes(index) { unsafe [UInt8]($0) }
        return RealValues.floats(bytes, description.type, description.quantization) ?? []
      }
    }
  }
}
