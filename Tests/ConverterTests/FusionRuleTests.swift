import Foundation
import ModelFormat
import Testing

@testable import Converter

@Suite struct FusionRuleTests {
  @Test func fusesActivation() throws {
    let after = try rewritten([.fuseActivation]) { builder in
      [try builder.unary(.relu6, builder.convolution(builder.input([1, 1, 1, 2])))]
    }
    #expect(after.contains("fused_activation_function=3"))
    #expect(!after.contains("RELU6"))
  }

  @Test func keepsAnActivationOfALayerThatOthersRead() throws {
    let build: (GraphBuilder) throws -> [ValueID] = { builder in
      let y = try builder.convolution(builder.input([1, 1, 1, 2]))
      return [try builder.unary(.relu, y), try builder.unary(.tanh, y)]
    }
    #expect(try rewritten([.fuseActivation], build) == text(build))
  }

  private func padded(_ before: Int, _ after: Int, stride: Int) throws -> String {
    try rewritten([.fusePadding]) { builder in
      let x = builder.input([1, 6, 6, 1])
      let data = try builder.pad(x, [(0, 0), (before, after), (before, after), (0, 0)])
      let weights = builder.constant(Array(repeating: 1, count: 9), shape: [1, 3, 3, 1])
      return [
        try builder.emit(
          .conv2D(strides: Extent(stride, stride), dilations: Extent(1, 1), padding: .valid),
          [data, weights, builder.constant([0])])
      ]
    }
  }

  @Test func paddingThatIsSameIsFused() throws {
    #expect(!(try padded(1, 1, stride: 1).contains("PAD(")))
    #expect(!(try padded(0, 1, stride: 2).contains("PAD(")))
  }

  @Test func paddingOnTheOtherSideStays() throws {
    #expect(try padded(1, 1, stride: 2).contains("PAD("))
    #expect(try padded(1, 0, stride: 2).contains("PAD("))
  }

  @Test func fusesHardSwishInAnyOrder() throws {
    let orders: [(GraphBuilder, ValueID, ValueID) throws -> ValueID] = [
      { builder, x, gate in try builder.mul(x, builder.mul(gate, 1.0 / 6)) },
      { builder, x, gate in try builder.mul(builder.mul(x, gate), 1.0 / 6) },
      { builder, x, gate in try builder.mul(builder.mul(x, 1.0 / 6), gate) },
    ]
    for order in orders {
      let after = try rewritten([.fuseHardSwish]) { builder in
        let x = builder.input([4])
        return [try order(builder, x, builder.unary(.relu6, builder.add(x, 3)))]
      }
      #expect(after.contains("out: float32[4] = HARD_SWISH(x)"))
    }
  }

  @Test func aGateOfAnotherInputIsNoHardSwish() throws {
    let after = try rewritten([.fuseHardSwish]) { builder in
      let (x, y) = (builder.input([4]), builder.input("y", [4]))
      return [try builder.mul(x, builder.mul(builder.unary(.relu6, builder.add(y, 3)), 1.0 / 6))]
    }
    #expect(!after.contains("HARD_SWISH"))
  }

  @Test func fusesGELUWithErrorFunction() throws {
    let after = try rewritten([.fuseGELU]) { builder in
      let x = builder.input([4])
      let gate = try builder.add(builder.unary(.erf, builder.mul(x, 0.5.squareRoot())), 1)
      return [try builder.mul(builder.mul(x, gate), 0.5)]
    }
    #expect(after.contains("out: float32[4] = GELU(x)"))
  }

  @Test func fusesGELUWithTanh() throws {
    let after = try rewritten([.fuseGELU]) { builder in
      let x = builder.input([4])
      let cubic = try builder.mul(builder.mul(builder.mul(x, x), x), 0.044715)
      let gate = try builder.add(
        builder.unary(.tanh, builder.mul(builder.add(x, cubic), (2 / Double.pi).squareRoot())), 1)
      return [try builder.mul(builder.mul(x, 0.5), gate)]
    }
    #expect(after.contains("out: float32[4] = GELU(x) approximate"))
  }

  @Test func fusesSoftmax() throws {
    let after = try rewritten([.fuseSoftmax]) { builder in
      let x = builder.input([2, 3])
      let shifted = try builder.sub(x, builder.reduce(.reduceMax, x, axes: [1]))
      let exponential = try builder.unary(.exp, shifted)
      return [try builder.div(exponential, builder.reduce(.sum, exponential, axes: [1]))]
    }
    #expect(after.contains("out: float32[2,3] = SOFTMAX(x) beta=1.0"))
  }

  @Test func aSumOverAnotherDimensionIsNoSoftmax() throws {
    let after = try rewritten([.fuseSoftmax]) { builder in
      let exponential = try builder.unary(.exp, builder.input([2, 3]))
      return [try builder.div(exponential, builder.reduce(.sum, exponential, axes: [0]))]
    }
    #expect(!after.contains("SOFTMAX"))
  }

  @Test func fusesMean() throws {
    let after = try rewritten([.fuseMean]) { builder in
      [try builder.mul(builder.reduce(.sum, builder.input([2, 4]), axes: [1]), 0.25)]
    }
    #expect(after.contains("out: float32[2,1] = MEAN(x, {1}) keep_dims"))
  }

  @Test func fusesL2Normalization() throws {
    let after = try rewritten([.fuseL2Normalization]) { builder in
      let x = builder.input([2, 4])
      let norm = try builder.unary(.sqrt, builder.reduce(.sum, builder.mul(x, x), axes: [1]))
      return [try builder.div(x, norm)]
    }
    #expect(after.contains("out: float32[2,4] = L2_NORMALIZATION(x)"))
  }

  @Test func fusesReciprocalRootOnlyWhereItCannotBeInfinite() throws {
    func result(epsilon: Double) throws -> String {
      try rewritten([.fuseReciprocalRoot]) { builder in
        let (x, variance) = (builder.input([4]), builder.input("v", [4]))
        return [try builder.div(x, builder.unary(.sqrt, builder.add(variance, epsilon)))]
      }
    }
    #expect(try result(epsilon: 1e-5).contains("RSQRT"))
    #expect(try !result(epsilon: 0).contains("RSQRT"))
  }

  @Test func fusesLogistic() throws {
    let after = try rewritten([.fuseLogistic]) { builder in
      let x = builder.input([4])
      return [try builder.div(builder.scalar(1), builder.add(builder.unary(.exp, builder.unary(.neg, x)), 1))]
    }
    #expect(after.contains("out: float32[4] = LOGISTIC(x)"))
  }

  @Test func equalLayersMerge() throws {
    let after = try rewritten([]) { builder in
      let x = builder.input([4])
      return [try builder.add(builder.unary(.tanh, x), builder.unary(.tanh, x))]
    }
    #expect(after.contains("ADD(t, t)"))
    #expect(after.components(separatedBy: "TANH").count == 2)
  }

  @Test func layersWithoutReadersDisappear() throws {
    let after = try rewritten([]) { builder in
      let x = builder.input([4])
      _ = try builder.unary(.exp, builder.unary(.tanh, x))
      return [try builder.unary(.relu, x)]
    }
    #expect(!after.contains("TANH"))
    #expect(!after.contains("EXP"))
  }

  @Test func dimensionsThatAReshapePutsBackAreKept() throws {
    func build(_ shape: [Int]) -> (GraphBuilder) throws -> [ValueID] {
      { builder in
        let means = try builder.reduce(.mean, builder.input([1, 3, 5, 4]), axes: [1, -2], keepsDimensions: false)
        return [try builder.reshape(means, shape)]
      }
    }
    let after = try rewritten([.keepDimensions], build([1, 1, 1, 4]))
    #expect(after.contains("float32[1,1,1,4] = MEAN(x") && !after.contains("RESHAPE"))
    #expect(try rewritten([.keepDimensions], build([1, 2, 2])) == text(build([1, 2, 2])))
  }
}
