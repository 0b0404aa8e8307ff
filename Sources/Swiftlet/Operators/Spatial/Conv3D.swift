import CKernels
import ModelFormat

/// CONV_3D on float32: windows over depth, height and width.
///
/// Inputs: data (batch, depth, height, width, channels); weights (depth, height, width, input channels, output channels),
/// constant or computed; optionally a bias. Options: padding, strides, activation, dilations. Outputs are summed where they
/// stand, so no memory is taken beside them.
package enum Conv3D: Operator {
  package struct Plan: Sendable {
    let input, weights, output: Operand
    let bias: Operand?
    let parameters: swl_conv3d_params
    let rows, grain: Int
  }

  private struct Geometry {
    let depth, height, width: WindowAxis
    let shape: Shape?
  }

  private static func geometry(_ node: Node) throws(PrepareError) -> Geometry {
    try node.expect(inputs: 2...3, outputs: 1)
    let (input, weights) = (try node.input(0).shape, try node.input(1).shape)
    guard input.rank == 5, weights.rank == 5 else {
      let (position, rank) = input.rank != 5 ? (0, input.rank) : (1, weights.rank)
      throw PrepareError(.shapeMismatch, .input(position), field: "rank", found: .int(rank), expected: .int(5))
    }
    guard input[4] > 0, weights[3] == input[4], weights[4] > 0 else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "input channels", found: .int(weights[3]), expected: .int(input[4]))
    }
    let options = node.options
    let padding = try WindowAxis.Padding(option: options.int8(0))
    // Options: 1 to 3 are the strides of depth, width and height, 5 to 7 the dilations in the same order.
    let depth = try WindowAxis(
      input: input[1], window: weights[0], stride: options.int32(1), dilation: options.int32(5, default: 1),
      padding: padding)
    let height = try WindowAxis(
      input: input[2], window: weights[1], stride: options.int32(3), dilation: options.int32(7, default: 1),
      padding: padding)
    let width = try WindowAxis(
      input: input[3], window: weights[2], stride: options.int32(2), dilation: options.int32(6, default: 1),
      padding: padding)
    return Geometry(
      depth: depth, height: height, width: width,
      shape: Shape(of: input[0], depth.output, height.output, width.output, weights[4]))
  }

  package static func infer(_ node: Node) throws(PrepareError) { try node.setOutput(0, shape: geometry(node).shape) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let geometry = try geometry(node)
    let (input, weights, output) = (try node.input(0), try node.input(1), try node.output(0))
    try node.expectType(of: input, .input(0), among: .float32)
    try node.expectType(of: weights, .input(1), among: .float32)
    guard output.type == .float32 else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(output.type), expected: .type(.float32))
    }
    let limits = try ActivationLimits(node.options.int8(4))
    let rows = output.shape.count(of: 0..<3)
    let rowProducts = output.shape.count(of: 3..<5).multipliedSaturated(by: weights.shape.count(of: 0..<4))
    return Plan(
      input: try node.alignedOperand(input), weights: try node.alignedOperand(weights), output: node.operand(output),
      bias: try bias(node, channels: weights.shape[4]),
      parameters: swl_conv3d_params(
        depth: swl_conv3d_axis(geometry.depth), height: swl_conv3d_axis(geometry.height),
        width: swl_conv3d_axis(geometry.width), in_channels: input.shape[4], out_channels: weights.shape[4],
        minimum: limits.minimum, maximum: limits.maximum),
      rows: output.count == 0 ? 0 : rows, grain: max(1, productsWorthAThread / max(1, rowProducts)))
  }

  /// About ten microseconds of one core.
  private static let productsWorthAThread = 50_000

  private static func bias(_ node: Node, channels: Int) throws(PrepareError) -> Operand? {
    guard let bias = try node.optionalInput(2) else { return nil }
    guard bias.type == .float32 else {
      throw PrepareError(.typeUnsupported, .input(2), found: .type(bias.type), expected: .type(.float32))
    }
    guard bias.count == channels else {
      throw PrepareError(
        .shapeMismatch, .input(2), field: "number of elements", found: .int(bias.count), expected: .int(channels))
    }
    return try node.alignedOperand(bias)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let input = unsafe UnsafePointer(invocation.pointer(plan.input).assumingMemoryBound(to: Float.self))
    let weights = unsafe UnsafePointer(invocation.pointer(plan.weights).assumingMemoryBound(to: Float.self))
    let output = unsafe invocation.pointer(plan.output).assumingMemoryBound(to: Float.self)
    let bias = unsafe plan.bias.map { unsafe UnsafePointer(invocation.pointer($0).assumingMemoryBound(to: Float.self)) }
    invocation.parallel(count: plan.rows, grain: plan.grain) { begin, end, _ in
      unsafe withUnsafePointer(to: plan.parameters) { parameters in
        unsafe swl_f32_conv3d(parameters, input, weights, bias, output, begin, end)
      }
    }
  }
}

extension swl_conv3d_axis {
  fileprivate init(_ axis: WindowAxis) {
    self.init(
      input: axis.input, output: axis.output, window: axis.window, stride: axis.stride, dilation: axis.dilation,
      padding: axis.paddingBefore)
  }
}
