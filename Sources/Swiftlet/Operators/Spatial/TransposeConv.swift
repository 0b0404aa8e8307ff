import CKernels
import ModelFormat

/// TRANSPOSE_CONV: output shape (input 0, four constant int32), weights (output channels, height, width, input channels),
/// data (batch, height, width, input channels), optional bias.
///
/// float32, also with int8 weights, which stay so, each picture being quantized while running; int8 and int16 with int8 weights quantized per tensor
/// or per output channel; uint8. Options: `padding`, `stride_w`, `stride_h`, `fused_activation_function`,
/// `quantized_bias_type`. Quantized results have the arithmetic of `QuantizedConvolution`.
package enum TransposeConv: Operator {
  package enum Plan: Sendable {
    case layer(TransposedLayer)
    case hybrid(HybridTransposeConv)
  }

  static let data = 2
  static let weights = 1
  static let bias = 3

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...4, outputs: 1)
    guard try node.input(0).isConstant else {
      throw PrepareError(.dynamicShape, .input(0), remedy: "freeze the output shape to a constant when converting")
    }
    let wanted = try node.integers(0)
    guard wanted.count == 4, let shape = Shape(wanted) else {
      throw PrepareError(
        .valueInvalid, .input(0), field: "output shape", found: .int(wanted.count),
        remedy: "four dimensions of at least 0")
    }
    try node.setOutput(0, shape: shape)
    _ = try TransposedSizes(node, form(node))
  }

  private static func form(_ node: Node) throws(PrepareError) -> TransposeConvForm {
    let options = node.options
    return TransposeConvForm(
      data: data, bias: bias, padding: try WindowAxis.Padding(option: options.int8(0)),
      strideHeight: options.int32(2), strideWidth: options.int32(1))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(data), try node.output(0))
    try node.require(input, .input(data), among: .float32, .int8, .uint8, .int16)
    try node.require(output, .output(0), ofTypeOf: input)
    let weights = try node.input(weights)
    let isHybrid = input.type == .float32 && weights.type == .int8
    guard isHybrid || weights.type == (input.type == .int16 ? .int8 : input.type) else {
      throw PrepareError(
        .typeUnsupported, .input(Self.weights), found: .type(weights.type), expected: .type(input.type))
    }
    let form = try form(node)
    let sizes = try TransposedSizes(node, form)
    let limits = try node.activationLimits(3)
    guard input.type == .float32 else {
      try QuantizedWeights.requireBias(node, bias, ofTypeIn: 4)
      return .layer(try TransposedLayer(quantized: node, sizes, form, limits))
    }
    if let bias = try node.optionalInput(bias), bias.type != .float32 {
      throw PrepareError(.typeUnsupported, .input(Self.bias), found: .type(bias.type), expected: .type(.float32))
    }
    return isHybrid
      ? .hybrid(try HybridTransposeConv(node, swl_transpose_conv_params(sizes), limits))
      : .layer(try TransposedLayer(float: node, sizes, form, limits))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan {
    case .layer(let plan): plan.run(invocation)
    case .hybrid(let plan): plan.run(invocation)
    }
  }
}
