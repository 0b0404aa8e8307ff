import Foundation
import ModelFormat
import TestSupport
import Testing

@testable import SwiftletCommand

/// Models that loop, and outputs whose shape an invocation decides.
@Suite struct ControlFlowCommandTests {
  let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  /// x = x + 1 while x <= x.
  private static func endless() -> [UInt8] {
    var condition = SubgraphSpec(name: "condition")
    let value = condition.tensor("x", .int32, [])
    let flag = condition.tensor("flag", .bool, [])
    condition.operation(63, inputs: [value, value], outputs: [flag])
    (condition.inputs, condition.outputs) = ([value], [flag])
    var body = SubgraphSpec(name: "body")
    let old = body.tensor("x", .int32, [])
    let one = body.constant("one", .int32, [], [1] as [Int32])
    let new = body.tensor("y", .int32, [])
    body.operation(0, inputs: [old, one], outputs: [new])
    (body.inputs, body.outputs) = ([old], [new])
    var model = ModelBuilder()
    let input = model.tensor("input", .int32, [])
    let output = model.tensor("output", .int32, [])
    model.operation(119, inputs: [input], outputs: [output], options: OptionsSpec(93, [0: .int32(1), 1: .int32(2)]))
    model.setInputs([input], outputs: [output])
    model.subgraphs += [condition, body]
    return model.build()
  }

  @Test(arguments: [
    (["--max-steps", "100"], "100 steps"), (["--timeout", "0.01", "--max-steps", "\(Int.max)"], "deadline"),
    (["--max-depth", "1"], "nested calls"),
  ])
  func anEndlessLoopEndsWithAnError(options: [String], words: String) throws {
    let model = try files.write(Self.endless(), to: "endless.tflite")
    for command in [["run", model, "--zero-input"], ["bench", model]] {
      let run = try Command(command + options)
      #expect(run.exitCode == 69)
      #expect(run.error.contains(words), "\(run.error)")
    }
  }

  @Test(arguments: ["--max-steps", "--max-depth"]) func limitsArePositive(option: String) throws {
    let model = try files.write(Self.endless(), to: "endless.tflite")
    #expect(try Command("run", model, "--zero-input", option, "0").exitCode == 64)
  }

  /// 0 up to the input.
  private static func numbers() -> [UInt8] {
    var model = ModelBuilder()
    let zero = model.constant("zero", .int32, [], [0] as [Int32])
    let one = model.constant("one", .int32, [], [1] as [Int32])
    let limit = model.tensor("limit", .int32, [])
    let output = model.tensor("output", .int32, [1], signature: [-1])
    model.operation(96, inputs: [zero, limit, one], outputs: [output])
    model.setInputs([limit], outputs: [output])
    return model.build()
  }

  private func limits(_ values: [Int32], shape: [Int]) throws -> String {
    let bytes = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> Int32(8 * $0)) } }
    return try files.write(NPY(type: .int32, shape: shape, bytes: bytes).contents(), to: "limits.npy")
  }

  @Test func outputsAreWrittenInTheirShape() throws {
    let model = try files.write(Self.numbers(), to: "numbers.tflite")
    for count in [3, 0, 7] {
      let input = try limits([Int32(count)], shape: [])
      let run = try Command("run", model, "--input", input, "--output-dir", files.path)
      #expect(run.exitCode == 0, "\(run.error)")
      #expect(run.output.contains("int32[\(count)]"))
      let output = try NPY(contents: files.read("0.npy"))
      #expect(output.shape == [count])
      #expect(output.bytes == (0..<count).flatMap { [UInt8($0), 0, 0, 0] })
    }
  }

  @Test func aSequenceNeedsEqualShapes() throws {
    let model = try files.write(Self.numbers(), to: "numbers.tflite")
    let equal = try Command(
      "run", model, "--sequence", "--input", limits([2, 2], shape: [2]), "--output-dir", files.path)
    #expect(equal.exitCode == 0, "\(equal.error)")
    #expect(try NPY(contents: files.read("0.npy")).shape == [2, 2])
    let different = try Command("run", model, "--sequence", "--input", limits([2, 3], shape: [2]))
    #expect(different.exitCode == 65)
    #expect(different.error.contains("--sequence needs equal shapes"))
  }

  @Test func aValueThatDoesNotFitIsRefusedWithItsNode() throws {
    let model = try files.write(Self.numbers(), to: "numbers.tflite")
    let run = try Command("run", model, "--input", limits([-1], shape: []))
    #expect(run.exitCode == 65)
    #expect(run.error.contains("node 0 'output' (RANGE)"), "\(run.error)")
  }
}
