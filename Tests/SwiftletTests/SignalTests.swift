import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// The audio front end: states, refusals and edges; the comparison with TensorFlow Lite Micro covers the numbers.
@Suite struct SignalTests {
  private static func node(
    _ name: String, _ inputs: [OneNode.Value], _ outputs: [ElementType], _ options: [String: Int64]
  ) -> OneNode {
    var node = OneNode(OperatorCode.custom, inputs, outputs)
    node.custom = name
    node.customOptions = flexBuffer(options.mapValues { .int(Int32($0)) })
    return node
  }

  @Test func windowsRepeatTheirWeights() throws {
    let weights = OneNode.Value.constant(.int16, [2], [16384, -32768])
    let node = Self.node("SignalWindow", [.input(.int16, [4]), weights], [.int16], ["shift": 14])
    #expect(try node.run([100, 100, -5, -32768]) == [[100, -200, -5, 32767]])
    let odd = Self.node("SignalWindow", [.input(.int16, [3]), weights], [.int16], ["shift": 14])
    #expect(odd.refusal()?.code == .shapeMismatch)
  }

  @Test(arguments: [([0, 0], 15), ([1, -1], 14), ([-32768, 0], 0), ([100, -300], 6)] as [([Double], Double)])
  func scalesSamplesUp(samples: [Double], shift: Double) throws {
    let node = Self.node("SignalFftAutoScale", [.input(.int16, [2])], [.int16, .int32], [:])
    let factor = Double(1 << Int(shift))
    #expect(try node.run(samples) == [samples.map { $0 * factor }, [shift]])
  }

  @Test func spectrumOfAConstant() throws {
    let node = Self.node("SignalRfft", [.input(.int16, [8])], [.int16], ["fft_length": 8])
    let found = try node.run(Array(repeating: 8000, count: 8))[0]
    #expect(found.count == 10)
    #expect(abs(found[0] - 8000) <= 4)
    #expect(found[2...].allSatisfy { abs($0) <= 4 })
  }

  @Test(
    arguments: [("fft_length", 12), ("fft_length", 2), ("fft_length", 1 << 20), ("length", 8)] as [(String, Int64)])
  func refusesLengths(key: String, length: Int64) {
    let node = Self.node("SignalRfft", [.input(.int16, [4])], [.int16], [key: length])
    #expect(node.refusal()?.code == .optionInvalid)
  }

  @Test func refusesMoreSamplesThanTheLength() {
    let node = Self.node("SignalRfft", [.input(.int16, [9])], [.int16], ["fft_length": 8])
    #expect(node.refusal()?.code == .shapeMismatch)
  }

  @Test func energiesOutsideTheRangeAreZero() throws {
    let node = Self.node(
      "SignalEnergy", [.input(.int16, [6])], [.uint32], ["start_index": 1, "end_index": 2])
    let program = try node.program()
    let interpreter = try Interpreter(program: program)
    try interpreter.setBytes(0, [3, 4, -32768, -32768, 7, 1].flatMap { ElementType.int16.bytes(of: $0) })
    try interpreter.invoke()
    let energies = unsafe interpreter.withOutputBytes(0) { unsafe Array($0.bindMemory(to: UInt32.self)) }
    #expect(energies == [0, 1 << 31, 0])
    let outside = Self.node("SignalEnergy", [.input(.int16, [6])], [.uint32], ["start_index": 0, "end_index": 4])
    #expect(outside.refusal()?.code == .optionInvalid)
  }

  @Test func noiseIsRememberedUntilAReset() throws {
    let options: [String: Int64] = [
      "num_channels": 1, "smoothing": 1 << 13, "one_minus_smoothing": 1 << 13, "alternate_smoothing": 0,
      "alternate_one_minus_smoothing": 0, "min_signal_remaining": 0, "smoothing_bits": 0,
      "spectral_subtraction_bits": 14, "clamping": 0,
    ]
    let node = Self.node(
      "SignalFilterBankSpectralSubtraction", [.input(.uint32, [1])], [.uint32, .uint32], options)
    let interpreter = try Interpreter(program: node.program())
    for noise in [50, 75, 87] as [UInt32] {
      try interpreter.setBytes(0, [100, 0, 0, 0])
      try interpreter.invoke()
      let outputs = (0..<2).map { index in
        unsafe interpreter.withOutputBytes(index) { unsafe $0.loadUnaligned(as: UInt32.self) }
      }
      #expect(outputs == [100 - noise, noise])
    }
  }

  @Test func refusesTooFewGains() {
    let inputs: [OneNode.Value] = [.input(.uint32, [1]), .input(.uint32, [1]), .input(.int16, [124])]
    #expect(Self.node("SignalPCAN", inputs, [.uint32], ["snr_shift": 1]).refusal()?.code == .shapeMismatch)
  }

  @Test func channelsOutsideTheEnergiesAddNothing() throws {
    let weights = OneNode.Value.constant(.int16, [2], [1, 1])
    let inputs: [OneNode.Value] = [
      .input(.uint32, [2]), weights, weights, .constant(.int16, [2], [-5, 1]), .constant(.int16, [2], [0, -1]),
      .constant(.int16, [2], [3, 9]),
    ]
    let node = Self.node("SignalFilterBank", inputs, [.uint64], ["num_channels": 1])
    let interpreter = try Interpreter(program: node.program())
    try interpreter.setBytes(0, [7, 0, 0, 0, 9, 0, 0, 0])
    try interpreter.invoke()
    #expect(unsafe interpreter.withOutputBytes(0) { unsafe $0.loadUnaligned(as: UInt64.self) } == 0)
  }

  /// The outputs of one interpreter in one invocation after the other.
  private static func run(_ node: OneNode, _ inputs: [[Double]]) throws -> [[[Double]]] {
    let interpreter = try Interpreter(program: node.program())
    return try inputs.map { values in
      try interpreter.setBytes(0, values.flatMap { interpreter.program.inputs[0].type.bytes(of: $0) })
      try interpreter.invoke()
      return interpreter.program.outputs.indices.map { interpreter.elements($0) }
    }
  }

  @Test func framesOverlapAcrossInvocations() throws {
    let options: [String: Int64] = ["frame_size": 3, "frame_step": 2, "prefill": 0]
    let node = Self.node("SignalFramer", [.input(.int16, [2])], [.int16, .bool], options)
    // Once four samples wait, frames lag by one.
    #expect(
      try Self.run(node, [[1, 2], [3, 4], [5, 6]])
        == [[[0, 0, 0], [0]], [[1, 2, 3], [1]], [[3, 4, 5], [1]]])
    let prefilled = Self.node(
      "SignalFramer", [.input(.int16, [2])], [.int16, .bool], options.merging(["prefill": 1]) { $1 })
    #expect(try Self.run(prefilled, [[1, 2], [3, 4]]) == [[[0, 1, 2], [1]], [[2, 3, 4], [1]]])
    #expect(
      Self.node("SignalFramer", [.input(.int16, [3])], [.int16, .bool], options).refusal()?.code == .shapeMismatch)
    let wide = Self.node(
      "SignalFramer", [.input(.int16, [4])], [.int16, .bool], options.merging(["frame_step": 4]) { $1 })
    #expect(wide.refusal()?.field.string == "frame_step")
  }

  @Test func stacksFramesWithTheirNeighbours() throws {
    let options: [String: Int64] = [
      "num_channels": 1, "stacker_left_context": 1, "stacker_right_context": 1, "stacker_step": 2,
    ]
    let node = Self.node("SignalStacker", [.input(.int16, [1])], [.int16, .bool], options)
    #expect(
      try Self.run(node, [[1], [2], [3], [4], [5]])
        == [
          [[0, 0, 0], [0]], [[1, 1, 2], [1]], [[0, 0, 0], [0]], [[2, 3, 4], [1]], [[0, 0, 0], [0]],
        ])
    let skipping = Self.node(
      "SignalStacker", [.input(.int16, [1])], [.int16, .bool], options.merging(["stacker_step": 4]) { $1 })
    #expect(skipping.refusal()?.field.string == "stacker_step")
    let wide = Self.node("SignalStacker", [.input(.int16, [2])], [.int16, .bool], options)
    #expect(wide.refusal()?.code == .shapeMismatch)
  }

  @Test(arguments: [0, 1, 2, 3, 5]) func delaysSamples(delay: Int) throws {
    let node = Self.node(
      "SignalDelay", [.input(.int16, [2, 2])], [.int16], ["delay_length": Int64(delay)])
    let inputs: [[Double]] = [[1, 2, -1, -2], [3, 4, -3, -4], [5, 6, -5, -6], [7, 8, -7, -8]]
    let found = try Self.run(node, inputs).map { $0[0] }
    let late = Array(repeating: 0, count: delay) + counting(8).map { $0 + 1 }
    #expect(found.flatMap { $0[..<2] } == Array(late[..<8]))
    #expect(found.flatMap { $0[2...] } == late[..<8].map { -$0 })
  }

  @Test func addsFramesWhereTheyOverlap() throws {
    let node = Self.node("SignalOverlapAdd", [.input(.int16, [2, 3])], [.int16], ["frame_step": 2])
    #expect(
      try Self.run(node, [[1, 2, 3, 10, 20, 32767], [1, 1, 1, 1, 1, 1]])
        == [[[1, 2, 13, 20]], [[32767, 1, 2, 1]]])
    let wide = Self.node("SignalOverlapAdd", [.input(.int16, [2, 3])], [.int16], ["frame_step": 4])
    #expect(wide.refusal()?.field.string == "frame_step")
  }

  @Test func theWayBackGivesTheSignalDividedByItsLength() throws {
    let forth = Self.node("SignalRfft", [.input(.int16, [8])], [.int16], ["fft_length": 8])
    let back = Self.node("SignalIrfft", [.input(.int16, [10])], [.int16], ["fft_length": 8])
    let signal: [Double] = [8000, -16000, 24000, 0, 0, 4000, -8000, 32000]
    let found = try back.run(try forth.run(signal)[0])[0]
    for (x, y) in zip(signal, found) { #expect(abs(x / 8 - y) <= 8) }
    let short = Self.node("SignalIrfft", [.input(.int16, [8])], [.int16], ["fft_length": 8])
    #expect(short.refusal()?.code == .shapeMismatch)
  }
}
