import ModelFormat
import Testing

@testable import Converter

@Suite struct LayoutRuleTests {
  private static let toRows = [0, 2, 3, 1]
  private static let toPlanes = [0, 3, 1, 2]

  @Test func transposesBetweenLayersCancel() throws {
    let after = try rewritten(Passes.layout) { builder in
      let x = builder.input([1, 2, 3, 2])
      let y = try builder.transpose(builder.convolution(x), Self.toPlanes)
      let z = try builder.transpose(builder.unary(.relu, y), Self.toRows)
      return [try builder.convolution(z)]
    }
    #expect(!after.contains("TRANSPOSE"))
    #expect(after.contains("RELU(t)"))
  }

  @Test func permutesConstantsOfElementwiseLayers() throws {
    let after = try rewritten([.sinkThroughElementwise]) { builder in
      let x = builder.input([1, 3, 3, 2])
      let planes = try builder.transpose(x, Self.toPlanes)
      return [try builder.mul(planes, builder.constant([7, 8], shape: [2, 1, 1]))]
    }
    #expect(
      after == """
        input x: float32[1,3,3,2]
        out/MUL: float32[1,3,3,2] = MUL(x, {7.0 8.0})
        out: float32[1,2,3,3] = TRANSPOSE(out/MUL, {0 3 1 2})
        output out
        """)
  }

  @Test func keepsASumWithAnUntransposedOperand() throws {
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let x = builder.input([1, 3, 3, 2])
      let y = builder.input("y", [1, 2, 3, 3])
      return [try builder.add(builder.transpose(x, Self.toPlanes), y)]
    }
    #expect(try rewritten([.sinkThroughElementwise], build) == text(build))
  }

  @Test func concatenatesAlongTheSourceDimension() throws {
    let after = try rewritten([.sinkThroughConcatenation]) { builder in
      let x = builder.input([1, 3, 3, 2])
      let y = builder.input("y", [1, 3, 3, 4])
      return [
        try builder.concatenate(
          [builder.transpose(x, Self.toPlanes), builder.transpose(y, Self.toPlanes)], axis: 1)
      ]
    }
    #expect(after.contains("out/CONCATENATION: float32[1,3,3,6] = CONCATENATION(x, y) axis=3"))
  }

  @Test func reducesAlongTheSourceDimensions() throws {
    let after = try rewritten([.sinkThroughReduction]) { builder in
      let x = builder.input([1, 3, 5, 2])
      return [try builder.reduce(.mean, builder.transpose(x, Self.toPlanes), axes: [2, 3], keepsDimensions: false)]
    }
    #expect(
      after == """
        input x: float32[1,3,5,2]
        out: float32[1,2] = MEAN(x, {1 2})
        output out
        """)
  }

  @Test func padsAlongTheSourceDimensions() throws {
    let after = try rewritten([.sinkThroughMovement]) { builder in
      let x = builder.input([1, 3, 3, 2])
      return [try builder.pad(builder.transpose(x, Self.toPlanes), [(0, 0), (0, 0), (1, 2), (3, 4)])]
    }
    #expect(after.contains("out/PAD: float32[1,6,10,2] = PAD(x, {0 0 1 2 3 4 0 0})"))
  }

  @Test func channelShuffleBecomesStridedSlices() throws {
    let after = try rewritten(Passes.layout + [.selectThroughViews, .collapseViews]) { builder in
      let x = builder.input([1, 4, 5, 6])
      let planes = try builder.transpose(x, Self.toPlanes)
      let split = try builder.transpose(builder.reshape(planes, [3, 2, 20]), [1, 0, 2])
      let halves = try builder.reshape(split, [2, 1, 3, 4, 5])
      return try [0, 1].map { index in
        let half = try builder.emit(.gather(axis: 0), [halves, builder.integers([index], shape: [])])
        return try builder.transpose(half, Self.toRows)
      }
    }
    #expect(
      after == """
        input x: float32[1,4,5,6]
        out: float32[1,4,5,3] = STRIDED_SLICE(x, {0 0 0 0}, {1 4 5 5}, {1 1 1 2})
        out1: float32[1,4,5,3] = STRIDED_SLICE(x, {0 0 0 1}, {1 4 5 6}, {1 1 1 2})
        output out
        output out1
        """)
  }

  @Test func permutesWeightsBehindAFlattenedPicture() throws {
    let after = try rewritten([.permuteFullyConnected]) { builder in
      let x = builder.input([1, 1, 2, 2])  // rows 1, columns 2, channels 2
      let flat = try builder.reshape(builder.transpose(x, Self.toPlanes), [1, 4])
      let weights = builder.constant([1, 2, 3, 4], shape: [1, 4])
      return [try builder.emit(.fullyConnected(), [flat, weights, builder.constant([0])])]
    }
    #expect(after.contains("FULLY_CONNECTED(x/RESHAPE, {1.0 3.0 2.0 4.0}, {0.0})"))
    #expect(!after.contains("TRANSPOSE"))
  }

  @Test func transposeOfOnesIsAReshape() throws {
    let after = try rewritten([.transposeAsReshape]) { builder in
      [try builder.transpose(builder.input([1, 1, 1, 8]), Self.toPlanes)]
    }
    #expect(after.contains("out: float32[1,8,1,1] = RESHAPE(x, {1 8 1 1})"))
  }

  @Test func collapsesChainsOfViews() throws {
    let after = try rewritten([.collapseViews]) { builder in
      let x = builder.input([2, 3, 4])
      let turned = try builder.transpose(builder.reshape(x, [6, 4]), [1, 0])
      return [try builder.transpose(turned, [1, 0])]
    }
    #expect(after.contains("out: float32[6,4] = RESHAPE(x, {6 4})"))
  }

  @Test func inputsAndOutputsTakeTheLayoutInside() throws {
    let builder = GraphBuilder()
    let x = builder.input([1, 2, 3, 4])
    let y = try builder.transpose(
      builder.convolution(builder.transpose(x, Self.toRows)), Self.toPlanes)
    builder.graph.addOutput(y)
    BoundaryLayouts.moveInputs(of: &builder.graph)
    BoundaryLayouts.moveOutputs(of: &builder.graph)
    #expect(!builder.graph.text.contains("TRANSPOSE"))
    #expect(builder.graph[builder.graph.inputs[0]].shape == [1, 3, 4, 2])
    #expect(
      builder.graph.inputLayouts == [
        BoundaryLayout(sourceName: "x", sourceShape: [1, 2, 3, 4], permutation: Self.toRows)
      ])
    #expect(builder.graph.outputLayouts[0].permutation == Self.toRows)
  }
}
