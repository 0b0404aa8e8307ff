import ModelFormat
import Swiftlet
import Testing

@testable import Converter

@Suite struct QuantizerTests {
  /// A convolution, ReLU, a pool, a concatenation of two and a layer without 8-bit arithmetic.
  private func network() throws -> GraphBuilder {
    let builder = GraphBuilder()
    let x = builder.input([1, 4, 4, 2])
    let a = try builder.convolution(x)
    let b = try builder.emit(Operation(.relu), [builder.convolution(x)])
    let joined = try builder.emit(.concatenation(axis: 3), [a, b])
    let pooled = try builder.emit(
      .pool(.maxPool2D, window: Extent(2, 2), strides: Extent(2, 2), padding: .valid), [joined])
    let result = try builder.emit(Operation(.floor), [pooled])
    builder.graph[result].name = "out"
    builder.graph.addOutput(result)
    builder.graph.nameUniquely()
    return builder
  }

  private func samples(of graph: Graph, count: Int) -> SampleList {
    SampleList(
      (0..<count).map { sample in
        graph.inputs.map { input in
          let elements = (0..<graph[input].count).map { Float(($0 * 7 + sample * 3) % 11) / 5 - 1 }
          return ConstantBytes(elements: elements).array
        }
      })
  }

  private func quantized(
    _ graph: Graph, _ standard: LayerScheme = .int8, _ change: (inout QuantizationPlan) -> Void = { _ in }
  ) throws -> QuantizedGraph {
    var plan = QuantizationPlan(standard: standard)
    change(&plan)
    let calibration = try Calibration.measure(graph, samples(of: graph, count: 4))
    return try Quantizer.apply(plan, calibration, to: graph)
  }

  @Test func surroundsTheQuantizedPartWithConversions() throws {
    let graph = try network().graph
    let result = try quantized(graph)
    let counts = Dictionary(uniqueKeysWithValues: result.graph.operatorCounts.map { ($0.name, $0.count) })
    #expect(counts["DEQUANTIZE"] == 1)
    #expect((counts["QUANTIZE"] ?? 0) >= 1)
    #expect(result.kept.map(\.operatorName) == ["FLOOR"])
    #expect(result.kept[0].reason.contains("8-bit"))
  }

  @Test func operandsOfAConcatenationHaveItsGrid() throws {
    let result = try quantized(network().graph).graph
    let node = try #require(result.nodeIDs.compactMap { result[$0] }.first { $0.operation.kind == .concatenation })
    let grids = (node.inputs.compactMap { $0 } + node.outputs).map { result[$0].quantization }
    #expect(grids.allSatisfy { $0 == grids[0] && $0 != nil })
  }

  @Test func poolingKeepsTheGridOfItsInput() throws {
    let result = try quantized(network().graph).graph
    let node = try #require(result.nodeIDs.compactMap { result[$0] }.first { $0.operation.kind == .maxPool2D })
    #expect(result[try #require(node.inputs[0])].quantization == result[node.outputs[0]].quantization)
  }

  @Test func whatIsLookedUpHasTheGridOfItsTable() throws {
    let builder = GraphBuilder()
    let words = builder.graph.add(Value(name: "words", type: .int32, shape: [1, 3]))
    builder.graph.addInput(words)
    let table = builder.constant((0..<8).map { Float($0) - 3 }, shape: [4, 2])
    let rows = try builder.emit(.gather(axis: 0), [table, words])
    let result = try builder.emit(Operation(.relu), [rows])
    builder.graph[result].name = "out"
    builder.graph.addOutput(result)
    let zeros = ConstantBytes(elements: [0, 1, 2] as [Int32]).array
    let calibration = try Calibration.measure(builder.graph, SampleList([[zeros]]))
    let graph = try Quantizer.apply(QuantizationPlan(standard: .int8), calibration, to: builder.graph).graph
    let node = try #require(graph.nodeIDs.compactMap { graph[$0] }.first { $0.operation.kind == .gather })
    let stored = graph[try #require(node.inputs[0])]
    #expect(stored.type == .int8 && stored.quantization?.scales == [7.0 / 255])
    #expect(graph[node.outputs[0]].type == .int8 && graph[node.outputs[0]].quantization == stored.quantization)
  }

  @Test(arguments: [(LayerScheme.int8, ElementType.int8), (.int16x8, .int16)])
  func rowsOfAConstantTableHaveItsGrid(scheme: LayerScheme, type: ElementType) throws {
    let builder = GraphBuilder()
    let words = builder.graph.add(Value(name: "words", type: .int32, shape: [1, 2]))
    builder.graph.addInput(words)
    builder.name = "t"
    let table = builder.constant([1, 2, -3, 4, 0, 1, 2, 2], shape: [4, 1, 1, 2])
    let rows = try builder.emit(.gather(axis: 0), [table, words])
    let y = try builder.convolution(builder.reshape(rows, [1, 2, 1, 2]))
    builder.graph.addOutput(y)
    builder.graph.nameUniquely()
    let calibration = try Calibration.measure(
      builder.graph, SampleList([[ConstantBytes(elements: [Int32(1), 3]).array]]))
    let graph = try Quantizer.apply(QuantizationPlan(standard: scheme), calibration, to: builder.graph).graph
    let gather = try #require(graph.nodeIDs.compactMap { graph[$0] }.first { $0.operation.kind == .gather })
    let (input, output) = (graph[try #require(gather.inputs[0])], graph[gather.outputs[0]])
    #expect(input.type == type && output.type == type)
    #expect(input.quantization == output.quantization && input.quantization != nil)
    let bytes = try ModelWriter.write(graph)
    _ = try Program(model: Model(bytes: ModelBytes(copying: bytes)))
  }

  @Test func sixteenBitsHoldMoreThanWasSeen() throws {
    let builder = GraphBuilder()
    let sum = try builder.emit(.arithmetic(.add), [builder.input([1, 4]), builder.constant([1, 1, 1, 1])])
    let limited = try builder.emit(.arithmetic(.add, activation: .relu6), [sum, builder.constant([1, 1, 1, 1])])
    builder.graph.addOutput(limited)
    builder.graph.nameUniquely()
    let samples = SampleList([[ConstantBytes(elements: [Float(-3), 0, 1, 4]).array]])
    let calibration = try Calibration.measure(builder.graph, samples)
    #expect(calibration.wideRanges(.standard)[sum] == -3...7.5)
    #expect(calibration.wideRanges(.minMax)[sum] == -2...5)
    #expect(calibration.wideRanges(.standard)[limited] == 0...6)
  }

  @Test func aTensorOfZerosIsNoCoarserThanOthers() {
    #expect(Grid(.int16, low: 0, high: 0).scale == 0x1p-15)
    #expect(Grid(.int8, low: 0, high: 0).scale == 0x1p-7)
  }

  @Test func biasesAreStoredAtTheProductOfTheScales() throws {
    let result = try quantized(network().graph).graph
    let node = try #require(result.nodeIDs.compactMap { result[$0] }.first { $0.operation.kind == .conv2D })
    let operands = node.inputs.compactMap { $0 }.map { result[$0] }
    let data = try #require(operands[0].quantization?.scales.first)
    let weights = try #require(operands[1].quantization?.scales)
    #expect(operands[2].type == .int32)
    #expect(operands[2].quantization?.scales == weights.map { $0 * data })
  }

  @Test func inputsAndOutputsTakeTheTypesAskedFor() throws {
    let builder = GraphBuilder()
    let y = try builder.convolution(builder.input([1, 2, 2, 2]))
    builder.graph[y].name = "y"
    builder.graph.addOutput(y)
    for (inside, outer) in [
      (LayerScheme.int8, ElementType.int8), (.int8, .uint8), (.int8, .float32), (.int16x8, .int16),
    ] {
      let result = try quantized(builder.graph, inside) { ($0.inputType, $0.outputType) = (outer, outer) }.graph
      #expect(result[result.inputs[0]].type == outer)
      #expect(result[result.outputs[0]].type == outer)
      #expect(result[result.inputs[0]].name == "x")
      #expect(result[result.outputs[0]].name == "y")
    }
    #expect(throws: ConversionError.self) { try quantized(builder.graph) { $0.outputType = .int16 } }
  }

  @Test(arguments: [ElementType.int8, .uint8]) func layersOfSixteenBitsHaveEdgesOfEight(outer: ElementType) throws {
    let builder = GraphBuilder()
    let y = try builder.emit(.softmax(), [builder.convolution(builder.input([1, 2, 2, 2]))])
    builder.graph.addOutput(y)
    let graph = try quantized(builder.graph, .int16x8) { ($0.inputType, $0.outputType) = (outer, outer) }.graph
    let (input, output) = (graph[graph.inputs[0]], graph[graph.outputs[0]])
    #expect(input.type == outer && output.type == outer)
    #expect(output.quantization?.scales == [Float(1) / 256])
    let convolution = try #require(graph.nodeIDs.compactMap { graph[$0] }.first { $0.operation.kind == .conv2D })
    #expect(graph[try #require(convolution.inputs[0])].type == .int16)
    let executor = try GraphExecutor(graph)
    let stored = try executor.outputs([[UInt8](repeating: 77, count: 8)])[0]
    #expect(Set(stored).count > 1)
  }

  @Test func layersLeftInFloatHaveEdgesOfEightBits() throws {
    let builder = GraphBuilder()
    builder.graph.addOutput(try builder.convolution(builder.input([1, 2, 2, 2])))
    let graph = try quantized(builder.graph, .float32) { ($0.inputType, $0.outputType) = (.int8, .int8) }.graph
    #expect(graph[graph.inputs[0]].type == .int8 && graph[graph.outputs[0]].type == .int8)
    #expect(graph.operatorCounts.map(\.name).sorted() == ["CONV_2D", "DEQUANTIZE", "QUANTIZE"])
  }

  @Test func quantizedGraphsComputeNearlyTheSame() throws {
    let graph = try network().graph
    let source = samples(of: graph, count: 4)
    for scheme in [LayerScheme.int8, .int16x8] {
      let result = try quantized(graph, scheme).graph
      let (float, integer) = (try GraphExecutor(graph), try GraphExecutor(result))
      for index in 0..<source.count {
        var expected: [ValueID: [Float]] = [:]
        try float.run(source.sample(index)) { id, bytes in
          expected[id] = unsafe bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
        }
        let joined = try #require(graph.nodeIDs.first { graph[$0]?.operation.kind == .maxPool2D }.flatMap { graph[$0] })
        try integer.run(source.sample(index)) { id, bytes in
          guard id == joined.outputs[0], let wanted = expected[id], let grid = result[id].quantization else { return }
          let stored: [Int] = unsafe bytes.withUnsafeBytes { raw in
            scheme == .int8
              ? unsafe raw.bindMemory(to: Int8.self).map { Int($0) }
              : unsafe raw.bindMemory(to: Int16.self).map { Int($0) }
          }
          for (number, integer) in zip(wanted, stored) {
            let real = Float(integer - Int(grid.zeroPoints[0])) * grid.scales[0]
            #expect(abs(real - number) < 0.02 * 20)
          }
        }
      }
    }
  }
}

@Suite struct QuantizationRepairTests {
  private let samples = SampleList([[ConstantBytes(elements: (0..<32).map { Float($0) / 8 }).array]])

  private func quantized(
    _ graph: Graph, _ change: (inout QuantizationPlan) -> Void = { _ in }
  ) throws -> Graph {
    var plan = QuantizationPlan(standard: .int8)
    change(&plan)
    return try Quantizer.apply(plan, Calibration.measure(graph, samples), to: graph).graph
  }

  @Test func biasesMakeUpForRoundedWeights() throws {
    let builder = GraphBuilder()
    // 0.1 and 0.3 of 127 fall between two steps.
    let weights = builder.constant([127, 0.4, 0.4, 127], shape: [2, 1, 1, 2])
    let y = try builder.emit(
      .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .valid),
      [builder.input([1, 4, 4, 2]), weights, builder.constant([0, 0])])
    builder.graph.addOutput(y)
    func biases(_ corrects: Bool) throws -> (stored: [Int32], scales: [Float]) {
      let graph = try quantized(builder.graph) { $0.correctsBias = corrects }
      let node = try #require(graph.nodeIDs.compactMap { graph[$0] }.first { $0.operation.kind == .conv2D })
      let bias = try graph[#require(node.inputs[2])]
      return (try #require(bias.constant).elements(as: Int32.self), bias.quantization?.scales ?? [])
    }
    #expect(try biases(false).stored == [0, 0])
    let (stored, scales) = try biases(true)
    // The means of what 0.4 is multiplied with.
    for (channel, mean) in [2, Float(1.875)].enumerated() {
      #expect(abs(Float(stored[channel]) * scales[channel] - 0.4 * mean) <= scales[channel])
    }
  }

  @Test func whatPadsBeforeAMaximumIsCutOff() throws {
    let builder = GraphBuilder()
    let x = builder.input([1, 4, 4, 2])
    let padded = try builder.emit(
      Operation(.padV2),
      [
        x, builder.integers([0, 0, 1, 1, 1, 1, 0, 0], shape: [4, 2]),
        builder.scalar(-Double(Float.greatestFiniteMagnitude)),
      ])
    let y = try builder.emit(.pool(.maxPool2D, window: Extent(3, 3), strides: Extent(1, 1), padding: .valid), [padded])
    builder.graph.addOutput(y)
    let graph = try quantized(builder.graph) { $0.outputType = .int8 }
    #expect((graph[graph.outputs[0]].quantization?.scales.first ?? 1) < 0.02)
  }

  @Test func outputsOfDifferentReachKeepTheirScales() throws {
    let builder = GraphBuilder()
    let x = builder.input([1, 4, 4, 2])
    let small = try builder.emit(Operation(.logistic), [x])
    let large = try builder.convolution(x)
    builder.graph.addOutput(try builder.emit(.concatenation(axis: 3), [small, large]))
    let float = try quantized(builder.graph)
    let node = try #require(float.nodeIDs.compactMap { float[$0] }.first { $0.operation.kind == .concatenation })
    #expect(float[node.outputs[0]].type == .float32)
    let integer = try quantized(builder.graph) { $0.outputType = .int8 }
    let other = try #require(integer.nodeIDs.compactMap { integer[$0] }.first { $0.operation.kind == .concatenation })
    #expect(integer[other.outputs[0]].type == .int8)
  }

  @Test func deadChannelsGetAScaleThatKernelsTake() throws {
    let builder = GraphBuilder()
    let weights = builder.constant([1, 1, 1e-20, 0], shape: [2, 1, 1, 2])
    let y = try builder.emit(
      .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .valid),
      [builder.input([1, 4, 4, 2]), weights, builder.constant([0, 0])])
    builder.graph.addOutput(y)
    let graph = try quantized(builder.graph) { ($0.inputType, $0.outputType) = (.int8, .int8) }
    let node = try #require(graph.nodeIDs.compactMap { graph[$0] }.first { $0.operation.kind == .conv2D })
    let scales = try node.inputs.prefix(2).map { try #require($0.flatMap { graph[$0].quantization?.scales }) }
    let output = try #require(graph[node.outputs[0]].quantization?.scales.first)
    #expect(scales[1].allSatisfy { $0 * scales[0][0] / output >= 0x1p-32 })
  }
}
