package import ModelFormat

/// How many multiplications with additions an operator needs, from its shapes.
package enum MultiplyAccumulates {
  /// - Parameters:
  ///   - code: the number of a built-in operator.
  ///   - inputs: shapes; `nil` for operands that are absent.
  /// - Returns: 0 for operators whose work is not made of multiply-accumulates, and for operands that do not fit.
  package static func count(code: Int, inputs: [Shape?], outputs: [Shape?], options: OptionTable) -> Int {
    func input(_ index: Int) -> Shape? { index < inputs.count ? inputs[index] : nil }
    let output = outputs.first ?? nil
    switch code {
    case 3: return perOutput(output, weights: input(1), skipping: 0)  // (output channels, height, width, channels)
    case 4: return perOutput(output, weights: input(1), skipping: 3)  // (1, height, width, channels)
    case 9: return perOutput(output, weights: input(1), skipping: 0)  // (units, depth)
    case 132: return perOutput(output, weights: input(1), skipping: 4)  // (d, h, w, channels, output channels)
    case 67: return perOutput(input(2), weights: input(1), skipping: 3)
    case 126: return matrixProduct(input(0), output, isTransposed: options.bool(0))
    case 16, 44: return recurrent(input(0), weights: (1...8).map { input($0) } + [input(16)])
    case 27: return recurrent(input(0), weights: [input(1), input(2)])
    default: return 0
    }
  }

  /// Every element of `tensor` meets the weights of all dimensions but `dimension`.
  private static func perOutput(_ tensor: Shape?, weights: Shape?, skipping dimension: Int) -> Int {
    guard let tensor, let weights, dimension < weights.rank, weights[dimension] > 0 else { return 0 }
    return tensor.elementCount.multipliedSaturated(by: weights.elementCount / weights[dimension])
  }

  private static func matrixProduct(_ left: Shape?, _ output: Shape?, isTransposed: Bool) -> Int {
    guard let left, let output, left.rank >= 2 else { return 0 }
    return output.elementCount.multipliedSaturated(by: left[left.rank - (isTransposed ? 2 : 1)])
  }

  /// Each time step of each sequence meets every weight once.
  private static func recurrent(_ input: Shape?, weights: [Shape?]) -> Int {
    guard let input, input.last > 0 else { return 0 }
    let perStep = weights.reduce(0) { $0.addingSaturated($1?.elementCount ?? 0) }
    return (input.elementCount / input.last).multipliedSaturated(by: perStep)
  }
}

extension Program {
  /// The multiply-accumulates of each operator of `entrySubgraph`, from the shapes as prepared.
  package var multiplyAccumulates: [Int] {
    let tensors = main.tensors
    return entrySubgraph.operators.map { info in
      MultiplyAccumulates.count(
        code: model.operatorCodes[info.code].builtin, inputs: info.inputs.map { $0 < 0 ? nil : tensors[$0].shape },
        outputs: info.outputs.map { $0 < 0 ? nil : tensors[$0].shape }, options: info.options)
    }
  }
}
