import CKernels
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

@Suite struct StoredWeightsTests {
  /// What version 1 of the layouts is. Where one of these changes, `SWL_PACKING_VERSION` has to be raised: files hold
  /// weights in these layouts.
  static let digests: [String: UInt64] = [
    "scalar": 15_404_886_479_434_415_183, "sse41": 504_369_932_979_635_721, "avx2": 13_454_465_560_369_427_989,
    "avx512vnni": 4_679_868_778_657_483_979,
  ]

  @Test(.enabled(if: SWL_PACKING_VERSION == 1), arguments: ISA.runnable.filter { digests[$0.name] != nil })
  func layoutsAreThoseOfTheirVersion(isa: ISA) throws {
    let block = try #require(try StoredWeights.Block(Self.model(), for: isa))
    #expect(block.layers == 4)
    let bytes = block.bytes(original: 0..<0).dropFirst(StoredWeights.headerBytes)
    #expect(Self.digest(bytes) == Self.digests[isa.name])
  }

  /// FNV-1a.
  private static func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// A convolution and a fully connected layer on float32 and on int8.
  private static func model() throws -> Model {
    var model = ModelBuilder()
    var inputs: [Int] = [], outputs: [Int] = []
    for type in [ElementType.float32, .int8] {
      func constant(_ name: String, _ shape: [Int]) -> Int {
        let count = shape.reduce(1, *)
        guard type == .int8 else {
          return model.constant(name, type, shape, (0..<count).map { Float($0 * 29 % 64) / 8 - 4 })
        }
        return model.constant(
          name, type, shape, (0..<count).map { Int8($0 * 29 % 255 - 127) }, quantization: .perTensor(0.01, 0))
      }
      func tensor(_ shape: [Int]) -> Int {
        model.tensor("activation", type, shape, quantization: type == .int8 ? .perTensor(0.5, 3) : nil)
      }
      let picture = tensor([1, 5, 5, 7]), features = tensor([1, 5, 5, 19])
      let window = OptionsSpec(1, [0: .int8(1), 1: .int32(1), 2: .int32(1), 4: .int32(1), 5: .int32(1)])
      model.operation(3, inputs: [picture, constant("kernel", [19, 3, 3, 7])], outputs: [features], options: window)
      let row = tensor([2, 37]), result = tensor([2, 21])
      model.operation(9, inputs: [row, constant("matrix", [21, 37])], outputs: [result], options: OptionsSpec(8, [:]))
      inputs += [picture, row]
      outputs += [features, result]
    }
    model.setInputs(inputs, outputs: outputs)
    return try Model(bytes: ModelBytes(copying: model.build()))
  }
}
