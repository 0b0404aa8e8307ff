import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

@Suite struct MemoryPlannerTests {
  /// A chain of RESHAPEs would be all views, so the chains here are of RELU (19), whose tensors are of their own.
  static func chain(_ sizes: [Int]) throws -> Model {
    var model = ModelBuilder()
    let tensors = sizes.enumerated().map { model.tensor("t\($0.offset)", .float32, [$0.element]) }
    for index in 1..<tensors.count { model.operation(19, inputs: [tensors[index - 1]], outputs: [tensors[index]]) }
    model.setInputs([tensors[0]], outputs: [tensors[tensors.count - 1]])
    return try Model(bytes: ModelBytes(copying: model.build()))
  }

  static func planner(
    _ model: Model, keepsInputs: Bool = false, sizes: [Int]
  ) -> (planner: MemoryPlanner, graph: Graph) {
    let graph = Graph(model: model, subgraph: 0)
    return (MemoryPlanner(graph: graph, keepsInputs: keepsInputs, byteCount: { sizes[$0] * 4 }), graph)
  }

  @Test func neighboursInAChainUseTwoPlaces() throws {
    let sizes = [64, 64, 64, 64, 64]
    let plan = Self.planner(try Self.chain(sizes), sizes: sizes).planner.plan()
    #expect(plan.peak == 2 * 256)
    #expect(plan.lowerBound == 2 * 256)
  }

  /// Each of the orders needs 18 times 64 bytes.
  @Test func whatReachesHighestIsPlacedFirstInAnotherAttempt() throws {
    let sizes = [8, 4, 6, 8, 7].map { $0 * 16 }
    let plan = Self.planner(try Self.chain(sizes), sizes: sizes).planner.plan()
    #expect(plan.lowerBound == 15 * 64)
    #expect(plan.peak == 15 * 64)
  }

  @Test func keptInputsAreNeverOverwritten() throws {
    let sizes = [64, 64, 64, 64, 64]
    let plan = Self.planner(try Self.chain(sizes), keepsInputs: true, sizes: sizes).planner.plan()
    #expect(plan.peak == 3 * 256)
    let input = try #require(plan.tensorOffsets[0])
    for tensor in 1..<5 { #expect(plan.tensorOffsets[tensor] != input) }
  }

  @Test func inPlaceNeedsADeadInput() throws {
    let sizes = [64, 64, 64]
    var (planner, _) = Self.planner(try Self.chain(sizes), keepsInputs: true, sizes: sizes)
    planner.apply(.inPlace(output: 1, input: 0, step: 0))  // refused: the input is kept
    planner.apply(.inPlace(output: 2, input: 1, step: 1))
    let plan = planner.plan()
    #expect(plan.tensorOffsets[1] != plan.tensorOffsets[0])
    #expect(plan.tensorOffsets[2] == plan.tensorOffsets[1])
    #expect(plan.peak == 2 * 256)
  }

  @Test func inPlaceIsRefusedWhileAViewLives() throws {
    var model = ModelBuilder()
    let tensors = (0..<5).map { model.tensor("t\($0)", .float32, [64]) }
    model.operation(19, inputs: [tensors[0]], outputs: [tensors[1]])
    model.operation(22, inputs: [tensors[1]], outputs: [tensors[2]])  // a view of 1
    model.operation(19, inputs: [tensors[1]], outputs: [tensors[3]])
    model.operation(0, inputs: [tensors[2], tensors[3]], outputs: [tensors[4]])
    model.setInputs([tensors[0]], outputs: [tensors[4]])
    let sizes = Array(repeating: 64, count: 5)
    var (planner, _) = Self.planner(try Model(bytes: ModelBytes(copying: model.build())), sizes: sizes)
    planner.apply(.view(inner: 2, outer: 1, byteOffset: 0))
    planner.apply(.inPlace(output: 3, input: 1, step: 2))
    let plan = planner.plan()
    #expect(plan.tensorOffsets[2] == plan.tensorOffsets[1])
    #expect(plan.tensorOffsets[3] != plan.tensorOffsets[1])
  }

  @Test func concatenatedTensorsLieInTheirResult() throws {
    var model = ModelBuilder()
    let a = model.tensor("a", .float32, [64])
    let b = model.tensor("b", .float32, [32])
    let c = model.tensor("c", .float32, [64])
    let whole = model.tensor("whole", .float32, [96])
    model.operation(19, inputs: [c], outputs: [a])
    model.operation(19, inputs: [c], outputs: [b])
    model.operation(2, inputs: [a, b], outputs: [whole])
    model.setInputs([c], outputs: [whole])
    var (planner, _) = Self.planner(try Model(bytes: ModelBytes(copying: model.build())), sizes: [64, 32, 64, 96])
    planner.apply(.view(inner: a, outer: whole, byteOffset: 0))
    planner.apply(.view(inner: b, outer: whole, byteOffset: 256))
    let plan = planner.plan()
    let base = try #require(plan.tensorOffsets[whole])
    #expect(plan.tensorOffsets[a] == base)
    #expect(plan.tensorOffsets[b] == base + 256)
  }

  @Test func theSameTensorCannotLieTwiceInOneResult() throws {
    var model = ModelBuilder()
    let a = model.tensor("a", .float32, [64])
    let whole = model.tensor("whole", .float32, [128])
    let c = model.tensor("c", .float32, [64])
    model.operation(19, inputs: [c], outputs: [a])
    model.operation(2, inputs: [a, a], outputs: [whole])
    model.setInputs([c], outputs: [whole])
    var (planner, _) = Self.planner(try Model(bytes: ModelBytes(copying: model.build())), sizes: [64, 128, 64])
    planner.apply(.view(inner: a, outer: whole, byteOffset: 0))
    planner.apply(.view(inner: a, outer: whole, byteOffset: 256))
    let plan = planner.plan()
    #expect(plan.tensorOffsets[a] == plan.tensorOffsets[whole])
  }

  /// Random graphs, random wishes: tensors of different groups that are alive together never overlap.
  @Test(arguments: 0..<200) func livingTensorsNeverOverlap(seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed))
    let count = 3 + random.next(below: 20)
    var model = ModelBuilder()
    var sizes = (0..<count).map { _ in 16 * (1 + random.next(below: 8)) }
    if seed % 2 == 0 { sizes = sizes.map { _ in 64 } }
    let tensors = (0..<count).map { model.tensor("t\($0)", .float32, [sizes[$0]]) }
    for index in 1..<count {
      let first = random.next(below: index)
      model.operation(0, inputs: [tensors[first], tensors[random.next(below: index)]], outputs: [tensors[index]])
    }
    model.setInputs([tensors[0]], outputs: [tensors[count - 1], tensors[count / 2]])
    var (planner, graph) = Self.planner(
      try Model(bytes: ModelBytes(copying: model.build())), keepsInputs: seed % 3 == 0, sizes: sizes)
    for index in 1..<count {
      planner.apply(.inPlace(output: index, input: graph.nodes[index - 1].inputs[0], step: index - 1))
    }
    for step in 0..<(count - 1) where step % 4 == 0 { planner.add(scratch: 100, step: step) }
    let plan = planner.plan()
    #expect(plan.peak >= plan.lowerBound)
    for (index, a) in plan.blocks.enumerated() {
      #expect(a.offset % 64 == 0 && a.offset + a.byteCount <= plan.peak)
      for b in plan.blocks[(index + 1)...] where a.first <= b.last && b.first <= a.last {
        #expect(a.offset + a.byteCount <= b.offset || b.offset + b.byteCount <= a.offset, "\(a) over \(b)")
      }
    }
  }
}
