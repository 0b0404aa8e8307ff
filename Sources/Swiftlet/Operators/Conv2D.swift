import CKernels
import ModelFormat

/// CONV_2D: input (batch, height, width, channels), weights (filters, height, width, channels / groups), optional bias.
package enum Conv2D: Operator {
  package enum Plan: Sendable {
    case float(FloatConvolution)
    case hybrid(HybridConvolution)
    case quantized(QuantizedConvolution)
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    let geometry = try ConvolutionGeometry(node, .ordinary)
    node.keep(geometry)
    try node.setOutput(0, shape: geometry.outputShape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, weights) = (try node.input(0), try node.input(1))
    let geometry = try node.geometry(.ordinary)
    let limits = try node.activationLimits(3)
    switch (input.type, weights.type) {
    case (.float32, _) where try HybridConvolution.isPossible(node):
      return .hybrid(try HybridConvolution(node, swl_f32_conv_params(geometry, limits)))
    case (.float32, .float32), (.float32, .int8), (.float32, .int4):
      return .float(try FloatConvolution(node, geometry, .ordinary, limits))
    case (.int8, _), (.uint8, _), (.int16, _):
      try QuantizedWeights.requireBias(node, ofTypeIn: 6)
      return .quantized(
        try QuantizedConvolution(
          node, .ordinary, swl_q8_layer(geometry), channelDimension: 0, products: geometry.products, limits))
    default:
      throw PrepareError(.typeUnsupported, .input(1), found: .type(weights.type), expected: .type(input.type))
    }
  }

  package static func step(_ plan: Plan, node: Int) -> Step {
    switch plan {
    case .float(let plan): FloatConvolutionRows(plan).step(node: node)
    case .hybrid(let plan): Step(node: node) { plan.run($0) }
    case .quantized(let plan): QuantizedConvolutionRows(plan).step(node: node)
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
