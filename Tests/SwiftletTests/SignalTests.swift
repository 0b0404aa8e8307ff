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
}
