import ModelFormat
import Testing
import TestSupport

/// Damaged files: reading them ends with a model that keeps its promises, or with an error.
@Suite struct MutationTests {
  private static func models() -> [[UInt8]] {
    var lstm = Fixtures.fullyConnected()
    lstm.subgraphs[0].operators[0].intermediates = [3, -1]
    lstm.subgraphs[0].operators[0].mutatingVariableInputs = [true, false, false]
    lstm.subgraphs[0].constant("words", .string, [1], [1, 12, 16, 0x6162_6364] as [Int32])
    lstm.override(.tensor(1, subgraph: 0), in: [4], field: 4, .uint8(2))
    lstm.override(
      .tensor(1, subgraph: 0), in: [4], field: 5, .table(TableSpec([0: .int32(2), 1: .int32(-1), 2: .int32(3)])))
    return [Fixtures.fullyConnected(), lstm, Fixtures.calling([[1, 2], [2], []]), Fixtures.chain(3)].map { $0.build() }
  }

  @Test func refusesEveryTruncation() throws {
    for bytes in Self.models() {
      // The last tables and strings may end a few padding bytes before the file does.
      let end = try Model(bytes: ModelBytes(copying: bytes)).trailingBytes.lowerBound
      for count in 0..<end {
        unsafe bytes.withUnsafeBytes { buffer in
          let prefix = unsafe ModelBytes(borrowing: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
          #expect(throws: FormatError.self) { try Model(bytes: prefix) }
        }
      }
    }
  }

  @Test func survivesFlippedBits() throws {
    var generator = SplitMix64(state: 1)
    var accepted = 0
    var refused = 0
    let models = Self.models()
    for round in 0..<20_000 {
      var bytes = models[round % models.count]
      for _ in 0..<(1 + round % 3) {
        bytes[Int(generator.next() % UInt64(bytes.count))] ^= 1 << UInt8(generator.next() % 8)
      }
      try readAndCheck(bytes, &accepted, &refused)
    }
    #expect(accepted > 2000 && refused > 2000, "\(accepted) accepted, \(refused) refused")
  }

  @Test func survivesOverwrittenWords() throws {
    var generator = SplitMix64(state: 2)
    var accepted = 0
    var refused = 0
    let extremes: [UInt32] = [0, 1, .max, .max - 1, 1 << 31, (1 << 31) - 1, 0x7FC0_0000, 1 << 16]
    let models = Self.models()
    for round in 0..<5000 {
      var bytes = models[round % models.count]
      let position = Int(generator.next() % UInt64(bytes.count / 4)) * 4
      let word = extremes[Int(generator.next() % UInt64(extremes.count))]
      for index in 0..<4 { bytes[position + index] = UInt8(truncatingIfNeeded: word >> UInt32(8 * index)) }
      try readAndCheck(bytes, &accepted, &refused)
    }
    #expect(accepted > 500 && refused > 500, "\(accepted) accepted, \(refused) refused")
  }

  private func readAndCheck(_ bytes: [UInt8], _ accepted: inout Int, _ refused: inout Int) throws {
    let result = unsafe bytes.withUnsafeBytes { buffer in
      Result { () throws(FormatError) in try unsafe Model(bytes: ModelBytes(borrowing: buffer)) }
    }
    switch result {
    case .success(let model):
      accepted += 1
      try #require(keepsItsPromises(model))
    case .failure(let error):
      refused += 1
      try #require(!error.message.isEmpty)
    }
  }
}

/// Whether every index exists and every range lies inside the file.
func keepsItsPromises(_ model: Model) -> Bool {
  let file = 0..<model.bytes.count
  func inside(_ range: Range<Int>) -> Bool {
    range.isEmpty || file.contains(range.lowerBound) && range.upperBound <= file.upperBound
  }
  guard model.buffers.allSatisfy(inside), model.metadata.allSatisfy({ $0.buffer < model.buffers.count }) else {
    return false
  }
  for graph in model.subgraphs {
    let tensors = graph.tensors.indices
    for tensor in graph.tensors {
      guard tensor.data.map(inside) ?? true, tensor.shape.allSatisfy({ $0 >= 0 }) else { return false }
      guard let quantization = tensor.quantization else { continue }
      guard quantization.zeroPoints.count == quantization.scales.count else { return false }
      guard quantization.scales.count < 2 || tensor.shape[quantization.dimension] == quantization.scales.count else {
        return false
      }
    }
    guard (graph.inputs + graph.outputs).allSatisfy(tensors.contains) else { return false }
    for info in graph.operators {
      guard model.operatorCodes.indices.contains(info.code), info.outputs.allSatisfy(tensors.contains),
        (info.inputs + info.intermediates).allSatisfy({ $0 == -1 || tensors.contains($0) }), inside(info.customOptions)
      else { return false }
    }
  }
  return model.signatures.allSatisfy { signature in
    guard model.subgraphs.indices.contains(signature.subgraph) else { return false }
    let tensors = model.subgraphs[signature.subgraph].tensors.indices
    return (signature.inputs + signature.outputs).allSatisfy { tensors.contains($0.tensor) }
  }
}

/// Sebastiano Vigna's SplitMix64, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
