import CKernels
import ModelFormat

/// MEAN: the average along constant axes (input 1). Integers that are not quantized are averaged with truncation.
///
/// Quantized: `(sum - count * zeroPoint) * inputScale / (outputScale * count)`, on 8 bits in float32 as XNNPACK
/// computes it (at most one unit from TensorFlow Lite's reference, which is further from the exact mean), on 16 bits in
/// the reference's fixed point.
package enum Mean: AdaptableOperator {
  package struct Plan: Sendable { var reduction: Reduction }

  package static func infer(_ node: Node) throws(PrepareError) { try Reduction.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    Plan(reduction: try Sum.prepare(node, isMean: true))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    plan.reduction.adapt(to: shapes, isMean: true)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.reduction.run(invocation) }
}

/// SUM: the sum along constant axes (input 1), in fixed point for quantized elements. Sums of int32 and int64 wrap around.
package enum Sum: AdaptableOperator {
  package struct Plan: Sendable { var reduction: Reduction }

  package static func infer(_ node: Node) throws(PrepareError) { try Reduction.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    Plan(reduction: try prepare(node, isMean: false))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    plan.reduction.adapt(to: shapes)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.reduction.run(invocation) }

  static func prepare(_ node: Node, isMean: Bool) throws(PrepareError) -> Reduction {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .float32, .int8, .uint8, .int16, .int32, .int64)
    try node.require(output, .output(0), ofTypeOf: input)
    let axes = try ReductionAxes(node)
    guard Node.isQuantizedType(input.type) else {
      return try Reduction(node, axes, .quotient(divisor: isMean ? axes.reducedCount : 1))
    }
    return try Reduction(node, axes, .scaled(try scaling(node, input, output, axes.reducedCount, isMean: isMean)))
  }

  /// Sums of 8-bit elements are accumulated in 32 bits, and no model averages as many.
  private static let maximumCount = 1 << 23

  private static func scaling(
    _ node: Node, _ input: Tensor, _ output: Tensor, _ count: Int, isMean: Bool
  ) throws(PrepareError) -> swl_reduce_scaling {
    guard count <= maximumCount else {
      throw PrepareError(
        .shapeUnsupported, .input(0), field: "number of reduced elements", found: .int(count),
        expected: .int(maximumCount))
    }
    var scaling = swl_reduce_scaling()
    if count > 0 || !isMean { scaling.zero_point = output.zeroPoint }  // the mean of nothing is a stored 0
    guard count > 0 else { return scaling }
    let ratio = try node.multiplier(Double(input.scale) / Double(output.scale))
    scaling.multiplier = ratio.c
    scaling.offset = Int64(input.zeroPoint) * Int64(count)
    if isMean {
      if input.type.bitWidth == 8 { scaling.ratio = input.scale / output.scale / Float(count) }
      // 1 / count joins the multiplier, shifted as far as 32 bits and the shift's range allow.
      let shift = min(Int64(63 - Int64(count).leadingZeroBitCount), 31 + Int64(ratio.shift))
      scaling.multiplier.multiplier = Int32(truncatingIfNeeded: (Int64(ratio.multiplier) << shift) / Int64(count))
      scaling.multiplier.shift = ratio.shift - Int32(shift)
    }
    return scaling
  }
}
