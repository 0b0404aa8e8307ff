import Foundation
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Layers that run some rows at a time give the bytes that they give as a whole.
@Suite struct RowChainTests {
  /// The outputs of two invocations on different inputs, since the second finds what the first has left.
  func outputs(_ model: Model, _ options: PrepareOptions) throws -> (outputs: [[UInt8]], chained: Int) {
    let program = try Program(model: model, options: options)
    let interpreter = try Interpreter(program: program)
    var random = SplitMix(seed: 7)
    var outputs: [[UInt8]] = []
    for _ in 0..<2 {
      for index in program.inputs.indices {
        try interpreter.setBytes(index, bytes(for: program.inputs[index], &random))
      }
      try interpreter.invoke()
      for index in program.outputs.indices {
        outputs.append(unsafe interpreter.withOutputBytes(index) { unsafe Array($0) })
      }
    }
    return (outputs, program.main.steps.reduce(0) { $0 + $1.chain.count })
  }

  private func bytes(for input: TensorDescription, _ random: inout SplitMix) -> [UInt8] {
    (0..<input.shape.elementCount).flatMap { _ -> [UInt8] in
      let value = random.next()
      switch input.type {
      case .float32: return input.type.bytes(of: Double(Int64(truncatingIfNeeded: value) >> 40) / 4096)
      case .int16: return input.type.bytes(of: Double(Int16(truncatingIfNeeded: value) / 64))
      default: return [UInt8(truncatingIfNeeded: value)]
      }
    }
  }

  /// Chains whose every layer has a window that touches its input become one step.
  @Test(arguments: [ElementType.int8, .uint8, .int16, .float32], 0..<12)
  func bandsGiveTheBytesOfTheWhole(type: ElementType, group: UInt64) throws {
    try expectBytesOfTheWhole(type, .float32, group)
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func bandsInBfloat16GiveTheBytesOfTheWhole(group: UInt64) throws {
    try expectBytesOfTheWhole(.float32, .bfloat16, group)
  }

  func expectBytesOfTheWhole(_ type: ElementType, _ precision: LayerPrecision, _ group: UInt64) throws {
    var (chained, varied) = (0, 0)
    for seed in group * 5..<group * 5 + 5 {
      let chain = RandomRowChain(type, seed: seed)
      let model = try chain.model()
      for isa in ISA.runnable {
        var options = PrepareOptions()
        options.isa = isa
        options.layerPrecision = precision
        options.chainsRows = false
        let whole = try outputs(model, options)
        #expect(whole.chained == 0)
        options.chainsRows = true
        for (bandRows, threads) in [(1, 1), (2, 3), (3, 1), (1, 2), (50, 1)] {
          options.bandRows = bandRows
          options.threads = threads
          options.alwaysShares = true
          let banded = try outputs(model, options)
          #expect(banded.outputs == whole.outputs, "\(chain), \(isa.name), \(bandRows) rows, \(threads) threads")
          chained += banded.chained
        }
      }
      varied += Set(try outputs(model, PrepareOptions()).outputs.joined()).count > 2 ? 1 : 0
    }
    #expect(varied > 0)
    #expect(chained > 0)
  }

  /// 96 KiB of expanded tensors become a few rows, where starting a layer costs nothing beside its work.
  @Test(arguments: [ElementType.int8, .uint8, .int16, .float32]) func anInvertedResidualTakesAFewRows(
    type: ElementType
  ) throws {
    let model = try RandomRowChain.invertedResidual(type).model()
    var options = PrepareOptions()
    options.isa = .scalar
    options.chainsRows = true
    let chained = try Program(model: model, options: options)
    options.chainsRows = false
    let whole = try Program(model: model, options: options)
    #expect(chained.stepChains == [[0, 1, 2]])
    #expect(whole.stepChains == [[0], [1], [2]])
    #expect(chained.arenaBytes < whole.arenaBytes / 2, "\(chained.arenaBytes) of \(whole.arenaBytes)")
    #expect(chained.main.operands[chained.entrySubgraph.operators[0].outputs[0]] == nil)
  }

  /// Where memory is not scarce, what the caches hold anyway is left alone.
  @Test(arguments: ISA.runnable) func onlyLargeArenasAreCutDown(isa: ISA) throws {
    var options = PrepareOptions()
    options.isa = isa
    var chain = RandomRowChain.invertedResidual(.int8)
    let small = try Program(model: chain.model(), options: options)
    #expect(small.stepChains == (isa == .scalar ? [[0, 1, 2]] : [[0], [1], [2]]))
    chain.input = [1, 128, 128, 8]
    let model = try chain.model()
    let large = try Program(model: model, options: options)
    #expect(large.stepChains == [[0, 1, 2]])
    options.chainsRows = false
    #expect(try large.arenaBytes < Program(model: model, options: options).arenaBytes / 2)
  }

  @Test func aTensorThatTheModelGivesStaysWhole() throws {
    for layer in 0..<2 {
      var chain = RandomRowChain.invertedResidual(.int8)
      chain.given = layer
      let model = try chain.model()
      var options = PrepareOptions()
      options.isa = .scalar
      options.chainsRows = true
      let chains = try Program(model: model, options: options).stepChains
      #expect(chains.contains { $0.last == layer }, "\(chains)")
      let chained = try outputs(model, options).outputs
      options.chainsRows = false
      #expect(try outputs(model, options).outputs == chained)
    }
  }

  @Test func withoutFusionThereAreNoChains() throws {
    var options = PrepareOptions()
    options.fuses = false
    options.chainsRows = true
    options.bandRows = 2
    let program = try Program(model: RandomRowChain.invertedResidual(.int8).model(), options: options)
    #expect(program.stepChains == [[0], [1], [2]])
  }
}
