import CKernels
import Testing

@Suite struct LSTMKernelTests {
  /// A sequence of three steps with every size around the tiles, and every variant against the base one.
  @Test(arguments: ReduceKernelTests.variants.map(\.rawValue), [1, 3, 4, 15, 16, 17, 20, 33])
  func everyVariantGivesTheSameBytes(variant: UInt32, cells: Int) {
    for inputs in [1, 4, 7, 28] {
      var base = run(SWL_ISA_SCALAR, cells: cells, inputs: inputs)
      let other = run(swl_isa(rawValue: variant), cells: cells, inputs: inputs)
      #expect(base.output == other.output)
      #expect(base.state == other.state)
      #expect(base.output.removeLast() == 99)
    }
  }

  private func run(_ isa: swl_isa, cells: Int, inputs: Int) -> (output: [Int8], state: [Int16]) {
    var gate = swl_lstm_gate()
    gate.input = swl_multiplier(multiplier: 1_500_000_000, shift: -3)
    gate.recurrent = swl_multiplier(multiplier: 1_700_000_000, shift: -2)
    var parameters = swl_i8_lstm_params()
    (parameters.inputs, parameters.cells, parameters.outputs) = (inputs, cells, cells)
    parameters.has_input_gate = true
    parameters.gates = (gate, gate, gate, gate)
    parameters.state_integer_bits = 3
    parameters.hidden = swl_multiplier(multiplier: 1 << 30, shift: -21)
    let matrix = (0..<cells * max(inputs, cells)).map { Int8(truncatingIfNeeded: $0 &* 53 &+ 7) }
    let bias = (0..<cells).map { Int32($0 * 300 - 2000) }
    let input = (0..<3 * inputs).map { Int8(truncatingIfNeeded: $0 &* 29) }
    var output = Array(repeating: Int8(99), count: 3 * cells + 1)
    var hidden = Array(repeating: Int8(0), count: cells)
    var state = Array(repeating: Int16(0), count: cells)
    let packed = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: swl_i8_lstm_packed_bytes(&parameters), alignment: 64)
    let scratch = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: swl_i8_lstm_scratch_bytes(&parameters), alignment: 64)
    defer {
      unsafe packed.deallocate()
      unsafe scratch.deallocate()
    }
    unsafe matrix.withUnsafeBytes { matrix in
      unsafe bias.withUnsafeBytes { bias in
        var weights = unsafe swl_i8_lstm_weights()
        let m = matrix.baseAddress
        let b = bias.baseAddress
        unsafe weights.input = (m, m, m, m)
        unsafe weights.recurrent = (m, m, m, m)
        unsafe weights.bias = (b, b, b, b)
        unsafe weights.input_zero_point = -3
        unsafe swl_i8_lstm_pack(isa, &parameters, &weights, packed)
      }
    }
    unsafe swl_i8_lstm(
      isa, &parameters, packed, 3, input, inputs, &output, cells, &hidden, &state, scratch)
    return (output, state)
  }
}
