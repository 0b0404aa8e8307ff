import ModelFormat
import Testing

@testable import Converter

@Suite struct FoldingRuleTests {
  @Test func foldsScaleIntoWeightsAndBias() throws {
    let after = try rewritten([.foldScale]) { builder in
      let x = builder.input([1, 1, 1, 2])
      return [try builder.mul(builder.convolution(x), builder.constant([10, 100]))]
    }
    #expect(
      after == """
        input x: float32[1,1,1,2]
        out: float32[1,1,1,2] = CONV_2D(x, {10.0 20.0 300.0 400.0}, {50.0 600.0}) \
        padding=1 stride_w=1 stride_h=1 dilation_w_factor=1 dilation_h_factor=1
        output out
        """)
  }

  @Test func foldsOffsetIntoBias() throws {
    let after = try rewritten([.foldOffset]) { builder in
      let x = builder.input([1, 1, 1, 2])
      return [try builder.add(builder.convolution(x), builder.constant([10, 100]))]
    }
    #expect(after.contains("CONV_2D(x, {1.0 2.0 3.0 4.0}, {15.0 106.0})"))
    #expect(!after.contains("ADD"))
  }

  @Test func keepsAScaleThatIsNotPerChannel() throws {
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let x = builder.input([1, 2, 1, 2])
      return [try builder.mul(builder.convolution(x), builder.constant([10, 100], shape: [1, 2, 1, 1]))]
    }
    #expect(try rewritten([.foldScale], build) == text(build))
  }

  @Test func keepsAScaleOfALayerThatOthersRead() throws {
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let x = builder.input([1, 1, 1, 2])
      let y = try builder.convolution(x)
      return [try builder.mul(y, builder.constant([10, 100])), try builder.unary(.tanh, y)]
    }
    #expect(try rewritten([.foldScale], build) == text(build))
  }

  @Test func foldsAScaleBeforeTheLayer() throws {
    let after = try rewritten([.foldScaleForward]) { builder in
      let x = builder.input([1, 1, 1, 2])
      return [try builder.convolution(builder.mul(x, builder.constant([10, 100])))]
    }
    #expect(after.contains("CONV_2D(x, {10.0 200.0 30.0 400.0}, {5.0 6.0})"))
  }

  @Test func combinesConstantsOfNeighbouringProducts() throws {
    let after = try rewritten([.normalizeArithmetic]) { builder in
      let x = builder.input([2])
      return [try builder.div(builder.mul(x, builder.constant([3, 5])), builder.scalar(2))]
    }
    #expect(after.contains("out: float32[2] = MUL(x, {1.5 2.5})"))
  }

  @Test func computesWhatDependsOnConstantsAlone() throws {
    let after = try text { builder in
      let x = builder.input([2])
      let constant = try builder.mul(builder.constant([1, 2]), builder.constant([3, 4]))
      return [try builder.add(x, constant)]
    }
    #expect(after.contains("ADD(x, {3.0 8.0})"))
  }

  @Test func foldsOffsetIntoTheNextBias() throws {
    let after = try rewritten([.foldOffsetForward]) { builder in
      let x = builder.input([1, 3, 1, 2])
      return [try builder.convolution(builder.add(x, builder.constant([10, 100])))]
    }
    #expect(after.contains("CONV_2D(x, {1.0 2.0 3.0 4.0}, {215.0 436.0})"))
    #expect(!after.contains("ADD"))
  }

  @Test func keepsAnOffsetBeforeALayerWithAWindow() throws {
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let x = try builder.add(builder.input([1, 3, 1, 2]), builder.constant([10, 100]))
      let weights = builder.constant([1, 2, 3, 4, 5, 6], shape: [1, 3, 1, 2])
      return [
        try builder.emit(
          .conv2D(strides: Extent(1, 1), dilations: Extent(1, 1), padding: .same), [x, weights, builder.constant([0])])
      ]
    }
    #expect(try rewritten([.foldOffsetForward], build) == text(build))
  }
}
