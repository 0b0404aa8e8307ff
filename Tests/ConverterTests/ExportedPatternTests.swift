import ModelFormat
import ONNXFormat
import Testing

@testable import Converter

/// Patterns that exporters write where the file format has something shorter.
@Suite struct ExportedPatternTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func counts(_ graph: Graph) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: graph.operatorCounts.map { ($0.name, $0.count) })
  }

  @Test func convolutionsAlongOneDimensionKeepNoTransposeBetweenThem() throws {
    var model = ONNXModel()
    model.input("x", [1, 2, 6])
    model.weights("w", [2, 2, 3], (0..<12).map { Float($0) })
    model.node("Conv", ["x", "w"], ["a"], ints: ["pads": [1, 1]])
    model.node("Relu", ["a"], ["b"])
    model.node("Conv", ["b", "w"], ["c"], ints: ["pads": [1, 1]])
    model.node("Add", ["c", "b"], ["y"])
    model.output("y")
    let graph = try folder.convert(model).graph
    #expect(counts(graph)["TRANSPOSE"] == 2, "one at each edge, which keeps its order of dimensions")
    #expect(counts(graph)["RELU"] == nil)
    #expect(counts(graph)["PAD"] == nil)
  }

  @Test func aConvolutionInGroupsIsOneOperator() throws {
    var model = ONNXModel()
    model.input("x", [1, 4, 3, 3])
    model.weights("w", [6, 2, 1, 1], (0..<12).map { Float($0) })
    model.node("Conv", ["x", "w"], ["y"])
    var group = model.proto.graph.node[0].attribute.first ?? .init()
    (group.name, group.i, group.type) = ("group", 2, 2)
    model.proto.graph.node[0].attribute = [group]
    model.output("y")
    #expect(try counts(folder.convert(model).graph) == ["CONV_2D": 1])
  }

  @Test func reshapesOfOnesGoBehindElementwiseLayers() throws {
    let after = try rewritten([.sinkReshape]) { builder in
      let x = builder.input([1, 1, 3, 2])
      let y = try builder.reshape(x, [1, 3, 2])
      return [try builder.mul(y, builder.constant([1, 2, 3], shape: [3, 1]))]
    }
    #expect(
      after == """
        input x: float32[1,1,3,2]
        out/MUL: float32[1,1,3,2] = MUL(x, {1.0 2.0 3.0})
        out: float32[1,3,2] = RESHAPE(out/MUL, {1 3 2})
        output out
        """)
  }

  @Test func reshapesStayBeforeLayersThatBroadcast() throws {
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let y = try builder.reshape(builder.input([1, 1, 1, 2]), [1, 2])
      return [try builder.add(y, builder.constant([1, 2, 3], shape: [3, 1]))]
    }
    #expect(try rewritten([.sinkReshape], build) == text(build))
  }

  @Test func aSelectionOfChannelsIsDoneByTheWeights() throws {
    let after = try rewritten([.foldSelection]) { builder in
      let y = try builder.convolution(builder.input([1, 1, 1, 2]))
      return [try builder.emit(.gather(axis: 3), [y, builder.integers([1, 0])])]
    }
    #expect(after.contains("CONV_2D(x, {3.0 4.0 1.0 2.0}, {6.0 5.0})"))
    #expect(!after.contains("GATHER"))
  }

  @Test func aSelectionOfRowsStays() throws {
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let y = try builder.convolution(builder.input([1, 2, 1, 2]))
      return [try builder.emit(.gather(axis: 1), [y, builder.integers([1, 0])])]
    }
    #expect(try rewritten([.foldSelection], build) == text(build))
  }

  @Test func aMatrixProductReadsTheTransposedMatrix() throws {
    let after = try rewritten([.fuseMatrixTranspose]) { builder in
      let (x, y) = (builder.input([2, 3, 4]), builder.input("y", [2, 5, 4]))
      return [try builder.emit(.batchMatMul(), [x, builder.transpose(y, [0, 2, 1])])]
    }
    #expect(after.contains("out: float32[2,3,5] = BATCH_MATMUL(x, y) adj_y"))
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let (x, y) = (builder.input([2, 3, 4]), builder.input("y", [4, 2, 5]))
      return [try builder.emit(.batchMatMul(), [x, builder.transpose(y, [1, 0, 2])])]
    }
    #expect(try rewritten([.fuseMatrixTranspose], build) == text(build), "batches are exchanged as well")
  }

  @Test func scalesOfBothMatricesAreOne() throws {
    let after = try rewritten([.mergeMatrixScales]) { builder in
      let (x, y) = (builder.input([3, 4]), builder.input("y", [4, 2]))
      return [try builder.emit(.batchMatMul(), [builder.mul(x, 2), builder.mul(y, 3)])]
    }
    #expect(after.contains("MUL(y, {6.0})"))
    #expect(after.contains("BATCH_MATMUL(x, "))
  }

  @Test func aShuffleOfChannelsStaysInRowsAndColumns() throws {
    let after = try rewritten(Passes.layout + [.collapseViews, .pictureAfterViews]) { builder in
      let y = try builder.transpose(builder.convolution(builder.input([1, 4, 5, 2])), [0, 3, 1, 2])
      let wide = try builder.concatenate([y, builder.unary(.tanh, y), builder.unary(.abs, y)], axis: 1)
      let parts = try builder.transpose(builder.reshape(wide, [1, 2, 3, 4, 5]), [0, 2, 1, 3, 4])
      let shuffled = try builder.unary(.relu, builder.reshape(parts, [1, 6, 4, 5]))
      return [try builder.transpose(shuffled, [0, 2, 3, 1])]
    }
    #expect(after.split(separator: "\n").count { $0.contains("= TRANSPOSE(") } == 1)
    #expect(after.contains("RELU"))
  }

  @Test func transposesGoBehindReshapesOfWholeDimensions() throws {
    let after = try rewritten([.sinkThroughReshape]) { builder in
      let planes = try builder.transpose(builder.input([1, 4, 5, 6]), [0, 3, 1, 2])
      return [try builder.reshape(planes, [1, 2, 3, 20])]
    }
    #expect(
      after == """
        input x: float32[1,4,5,6]
        x/RESHAPE: float32[1,20,2,3] = RESHAPE(x, {1 20 2 3})
        out: float32[1,2,3,20] = TRANSPOSE(x/RESHAPE, {0 2 3 1})
        output out
        """)
  }

  @Test func paddingIsTakenByTheLayerBehindATranspose() throws {
    let after = try rewritten([.raiseThroughPadding, .fusePadding]) { builder in
      let padded = try builder.pad(builder.input([1, 2, 6, 6]), [(0, 0), (0, 0), (1, 1), (1, 1)])
      let weights = builder.constant(Array(repeating: 1, count: 18), shape: [1, 3, 3, 2])
      return [
        try builder.emit(
          .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .valid),
          [builder.transpose(padded, [0, 2, 3, 1]), weights, builder.constant([0])])
      ]
    }
    #expect(!after.contains("PAD("))
    #expect(after.contains("TRANSPOSE(x, {0 2 3 1})"))
  }

  @Test func transposesStayBeforeReshapesAcrossThem() throws {
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let planes = try builder.transpose(builder.input([1, 4, 5, 6]), [0, 3, 1, 2])
      return [try builder.reshape(planes, [1, 120])]
    }
    #expect(try rewritten([.sinkThroughReshape], build) == text(build))
  }

  @Test func conversionsToTwoGridsStayTwo() throws {
    let builder = GraphBuilder()
    let x = builder.input([4])
    for scale: Float in [0.5, 0.25] {
      let stored = builder.emit(
        Operation(.quantize), [x], types: [.int8], shapes: [[4]],
        quantization: Quantization(scales: [scale], zeroPoints: [0]))[0]
      builder.graph.addOutput(try builder.emit(Operation(.dequantize), [stored], type: .float32))
    }
    var driver = PassDriver()
    driver.run([[]], on: &builder.graph)
    #expect(counts(builder.graph)["QUANTIZE"] == 2)
  }

  @Test func normalizesGroupsOfChannelsInRowsAndColumns() throws {
    var model = ONNXModel()
    model.input("x", [1, 4, 2, 2])
    for (name, shape) in [("groups", [1, 2, -1]), ("picture", [1, 4, 2, 2])] as [(String, [Int64])] {
      var tensor = Onnx_TensorProto()
      (tensor.name, tensor.dims, tensor.dataType, tensor.int64Data) = (name, [Int64(shape.count)], 7, shape)
      model.proto.graph.initializer.append(tensor)
    }
    model.weights("one", [2], [1, 1])
    model.weights("zero", [2], [0, 0])
    model.node("Reshape", ["x", "groups"], ["a"])
    model.node("InstanceNormalization", ["a", "one", "zero"], ["b"])
    model.node("Reshape", ["b", "picture"], ["c"])
    model.node("Relu", ["c"], ["y"])
    model.output("y")
    let graph = try folder.convert(model).graph
    let output = try GraphExecutor(graph).outputs([ConstantBytes(elements: (0..<16).map { Float($0) }).array])[0]
    // The mean of 0...7 is 3.5, their variance 5.25; the second group is the first and 8.
    let expected = (0..<8).map { max(0, (Float($0) - 3.5) / (5.25 + 1e-5 as Float).squareRoot()) }
    for (found, wanted) in zip(ConstantBytes(output).elements(as: Float.self), expected + expected) {
      #expect(abs(found - wanted) < 1e-5)
    }
  }
}
