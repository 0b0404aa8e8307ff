import CKernels
import ModelFormat

/// FULLY_CONNECTED: input, taken as (rows, depth), weights (units, depth), optional bias.
package enum FullyConnected: AdaptableOperator {
  package enum Plan: Sendable {
    case float(FloatMatrixProduct)
    case hybrid(HybridConvolution)
    case quantized(QuantizedConvolution)
  }

  /// Sizes, checked against each other.
  struct Geometry {
    let rows, depth, units: Int
    let outputShape: Shape?

    init(_ node: Node) throws(PrepareError) {
      try node.expect(inputs: 2...3, outputs: 1)
      let input = try node.input(0).shape
      let weights = try node.input(1).shape
      guard weights.rank == 2 else {
        throw PrepareError(.shapeMismatch, .input(1), field: "rank", found: .int(weights.rank), expected: .int(2))
      }
      (units, depth) = (weights[0], weights[1])
      guard depth > 0, input.elementCount % depth == 0 else {
        throw PrepareError(
          .shapeMismatch, .input(0), field: "number of elements", found: .int(input.elementCount),
          expected: .int(depth), remedy: "it must be a multiple of the weights' second dimension")
      }
      rows = input.elementCount / depth
      let keepsDimensions = node.options.bool(2)
      guard !keepsDimensions || input.last == depth else {
        throw PrepareError(
          .shapeMismatch, .input(0), field: "last dimension", found: .int(input.last), expected: .int(depth))
      }
      outputShape =
        keepsDimensions && input.rank > 0
        ? input.replacing(input.rank - 1, with: units) : keepsDimensions ? Shape(of: units) : Shape.matrix(rows, units)
      guard let bias = try node.optionalInput(2), bias.count != units else { return }
      throw PrepareError(
        .shapeMismatch, .input(2), field: "number of elements", found: .int(bias.count), expected: .int(units))
    }
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.setOutput(0, shape: Geometry(node).outputShape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, weights) = (try node.input(0), try node.input(1))
    guard node.options.int8(1) == 0 else {
      throw PrepareError(
        .optionUnsupported, field: "weights_format", found: .int(node.options.int8(1)), expected: .int(0))
    }
    let geometry = try Geometry(node)
    let limits = try node.activationLimits(0)
    switch (input.type, weights.type) {
    case (.float32, _) where try HybridConvolution.isPossible(node):
      return .hybrid(
        try HybridConvolution(
          node, swl_f32_conv_params(rows: geometry.rows, depth: geometry.depth, units: geometry.units, limits)))
    case (.float32, .float32), (.float32, .int8), (.float32, .int4):
      return .float(try FloatMatrixProduct(node, geometry, limits))
    case (.int8, _), (.uint8, _), (.int16, _):
      try QuantizedWeights.requireBias(node, ofTypeIn: 4)
      let layer = swl_q8_fully_connected(
        Int32(clamping: geometry.rows), Int32(clamping: geometry.depth), Int32(clamping: geometry.units))
      let products = input.count.multipliedSaturated(by: geometry.units)
      return .quantized(
        try QuantizedConvolution(
          node, .ordinary, layer, channelDimension: 0, products: products, limits, precision: .full))
    default:
      throw PrepareError(.typeUnsupported, .input(1), found: .type(weights.type), expected: .type(input.type))
    }
  }

  /// Weights and bias have the shapes that they had.
  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let (input, weights) = (shapes.shape(0), shapes.shape(1))
    guard shapes.isConstant(1), input.elementCount % weights[1] == 0 else { return false }
    let (rows, keepsDimensions) = (input.elementCount / weights[1], shapes.options.bool(2))
    guard !keepsDimensions || input.rank >= 1 && input.last == weights[1] else { return false }
    switch plan {
    case .float(var product):
      product.rows = rows
      plan = .float(product)
    case .hybrid(var layer):
      layer.adapt(toRows: rows, shapes)
      plan = .hybrid(layer)
    case .quantized(var layer):
      layer.adapt(toRows: rows, products: input.elementCount.multipliedSaturated(by: weights[0]), shapes)
      plan = .quantized(layer)
    }
    return shapes.set(
      0, to: keepsDimensions ? input.replacing(input.rank - 1, with: weights[0]) : Shape.matrix(rows, weights[0]))
  }

  package static func step(_ plan: Plan, node: Int) -> Step {
    switch plan {
    case .float(let plan): Step(node: node) { plan.run($0) }
    case .hybrid(let plan): Step(node: node) { plan.run($0) }
    case .quantized(let plan): Step(node: node) { plan.run($0) }
    }
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan {
    case .float(let plan): plan.run(invocation)
    case .hybrid(let plan): plan.run(invocation)
    case .quantized(let plan): plan.run(invocation)
    }
  }
}

extension swl_f32_conv_params {
  /// A pointwise convolution whose pixels are the rows.
  init(rows: Int, depth: Int, units: Int, _ limits: ActivationLimits) {
    self.init(
      batches: 1, in_height: rows, in_width: 1, in_channels: depth, out_height: rows, out_width: 1,
      out_channels: units, kernel_height: 1, kernel_width: 1, stride_height: 1, stride_width: 1,
      dilation_height: 1, dilation_width: 1, pad_top: 0, pad_left: 0, groups: 1, minimum: limits.minimum,
      maximum: limits.maximum, weight_bits: 8, weight_block: 0, output_row: 0, output_pixel: 0,
      bfloat16: false)
  }
}
