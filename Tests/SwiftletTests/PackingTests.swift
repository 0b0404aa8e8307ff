import Foundation
import ModelFormat
import Synchronization
import TestSupport
import Testing

@testable import Swiftlet

@Suite struct PackingTests {
  @Test func everyWeightIsPackedOnceHoweverManyThreadsStartTogether() throws {
    let count = Counter()
    let packing = try Self.packedWeights([
      {
        count.value.wrappingAdd(1, ordering: .relaxed)
        usleep(2000)
      },
      { count.value.wrappingAdd(10, ordering: .relaxed) },
    ])
    let unfinished = Counter()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      packing.finish()
      if count.value.load(ordering: .relaxed) != 11 { unfinished.value.wrappingAdd(1, ordering: .relaxed) }
    }
    #expect(unfinished.value.load(ordering: .relaxed) == 0)
    packing.finish()
    #expect(count.value.load(ordering: .relaxed) == 11)
  }

  @Test func whatFillsTheWeightsIsLetGoAfterwards() throws {
    var owner: Counter? = Counter()
    weak var witness = owner
    let packing = try Self.packedWeights([{ [owner] in _ = owner?.value.load(ordering: .relaxed) }])
    owner = nil
    #expect(witness != nil)
    packing.finish()
    #expect(witness == nil)
  }

  /// Each of `bodies` in place of packing 64 bytes.
  private static func packedWeights(_ bodies: [() -> Void]) throws -> PackedWeights {
    let packings = bodies.enumerated().map { index, body in
      unsafe WeightPacking(
        offset: 64 * index, byteCount: 64, key: nil, previous: -1, fill: { _ in body() }, preparation: nil)
    }
    return try unsafe PackedWeights(
      packings, PackingSpace(storable: 0, other: 64 * bodies.count), stored: nil, PackingBuffer(),
      from: ModelBytes(copying: [0]))
  }

  private final class Counter: Sendable {
    let value = Atomic(0)
  }

  // MARK: Shared constants

  @Test(arguments: [ElementType.float32, .float16, .int8])
  func oneConstantIsPackedOnceForLayersThatDifferOnlyInTheirPictures(type: ElementType) throws {
    let once = try Self.program(type, heights: [5])
    let shared = try Self.program(type, heights: [5, 9, 3])
    #expect(shared.packedBytes == once.packedBytes)
    #expect(try Self.outputs(of: shared)[0] == Self.outputs(of: once)[0])
  }

  @Test(arguments: [ElementType.float32, .float16, .int8])
  func sharedWeightsGiveTheBytesThatWeightsOfTheirOwnGive(type: ElementType) throws {
    let shared = try Self.outputs(of: Self.program(type, heights: [5, 9, 3]))
    for (index, height) in [5, 9, 3].enumerated() {
      #expect(try Self.outputs(of: Self.program(type, heights: [height])) == [shared[index]])
    }
  }

  @Test func layersWithOtherScalesArePackedForThemselves() throws {
    let shared = try Self.program(.int8, heights: [5, 5])
    let different = try Self.program(.int8, heights: [5, 5], outputScales: [0.5, 0.25])
    #expect(different.packedBytes > shared.packedBytes)
    let outputs = try Self.outputs(of: different)
    #expect(outputs[0] != outputs[1])
  }

  /// A 3x3 convolution of one constant over pictures of several heights.
  private static func program(
    _ stored: ElementType, heights: [Int], outputScales: [Float] = []
  ) throws -> Program {
    let isFloat = stored != .int8
    let type = isFloat ? ElementType.float32 : .int8
    var model = ModelBuilder()
    let count = 6 * 3 * 3 * 4
    let weightScale = isFloat ? nil : QuantizationSpec(scales: [0.01], zeroPoints: [0])
    var weights =
      isFloat
      ? model.constant("weights", type, [6, 3, 3, 4], (0..<count).map { Float($0 % 7) - 3 })
      : model.constant(
        "weights", type, [6, 3, 3, 4], (0..<count).map { Int8($0 * 5 % 251 - 125) }, quantization: weightScale)
    if stored == .float16 {
      let halves = (0..<count).map { [UInt16(0xC200), 0xC000, 0xBC00, 0, 0x3C00, 0x4000, 0x4200][$0 % 7] }
      let source = model.constant("halves", .float16, [6, 3, 3, 4], halves)
      weights = model.tensor("weights/float32", type, [6, 3, 3, 4])
      model.operation(6, inputs: [source], outputs: [weights])
    }
    var inputs: [Int] = [], outputs: [Int] = []
    for (index, height) in heights.enumerated() {
      let scale = index < outputScales.count ? outputScales[index] : 0.5
      let input = model.tensor(
        "input\(index)", type, [1, height, 7, 4], quantization: isFloat ? nil : .perTensor(0.5, 3))
      let output = model.tensor(
        "output\(index)", type, [1, height, 7, 6], quantization: isFloat ? nil : .perTensor(scale, -4))
      let options = OptionsSpec(1, [0: .int8(0), 1: .int32(1), 2: .int32(1), 4: .int32(1), 5: .int32(1)])
      model.operation(3, inputs: [input, weights], outputs: [output], options: options)
      inputs.append(input)
      outputs.append(output)
    }
    model.setInputs(inputs, outputs: outputs)
    return try Program(model: Model(bytes: ModelBytes(copying: model.build())))
  }

  private static func outputs(of program: Program) throws -> [[UInt8]] {
    let interpreter = try Interpreter(program: program)
    for (index, input) in program.inputs.enumerated() {
      interpreter.withInputBytes(index) { bytes in
        for position in 0..<bytes.count { unsafe bytes[position] = UInt8(position * 3 % 64) }
      }
      #expect(input.byteCount > 0)
    }
    try interpreter.invoke()
    return program.outputs.indices.map { index in interpreter.withOutputBytes(index) { unsafe Array($0) } }
  }
}
