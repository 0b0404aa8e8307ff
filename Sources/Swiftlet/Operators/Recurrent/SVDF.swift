import CKernels
import ModelFormat

/// SVDF: input (batch, features), feature weights (filters, features), time weights (filters, memory), optional bias
/// (units), state, a variable (batch, filters * memory). Outputs (batch, units) with units = filters / `rank`.
///
/// float32; float32 with constant int8 weights, which stay so, the input being quantized while running (option
/// `asymmetric_quantize_inputs`); and int8 with int16 state and time weights.
package enum SVDF: Operator {
  package struct Plan: Sendable {
    let input, output, featureWeights, timeWeights, state: Operand
    let bias: Operand?
    let parameters: swl_svdf_params
    let batches: Int
    let isInteger: Bool
    let hybrid: Hybrid?
  }

  /// int8 feature weights, the scale of int8 time weights, and memory for the products with the former.
  package struct Hybrid: Sendable {
    let features: HybridMatrix
    let timeScale: Float
    let products: Operand
  }

  private struct Geometry {
    let batches, inputs, filters, memory, rank: Int
    var units: Int { filters / rank }

    init(_ node: Node) throws(PrepareError) {
      try node.expect(inputs: 5...5, outputs: 1)
      for position in 0..<3 { try node.require(try node.input(position), .input(position), rank: 2) }
      let (input, feature, time) = (try node.input(0).shape, try node.input(1).shape, try node.input(2).shape)
      (batches, inputs, filters, memory) = (input[0], input[1], feature[0], time[1])
      rank = node.options.int32(0)
      guard rank >= 1, filters > 0, filters % rank == 0 else {
        throw PrepareError(
          .optionInvalid, field: "rank", found: .int(rank), remedy: "it is at least 1 and divides the filters")
      }
      guard feature[1] == inputs, time[0] == filters, memory > 0 else {
        throw PrepareError(
          .shapeMismatch, .input(feature[1] == inputs ? 2 : 1), field: "shape",
          found: .shape(feature[1] == inputs ? time : feature))
      }
      let state = try node.input(4)
      guard state.isVariable else {
        throw PrepareError(.variableInvalid, .input(4), expected: .text("a tensor with is_variable"))
      }
      let wanted = batches.multipliedSaturated(by: filters).multipliedSaturated(by: memory)
      guard state.count == wanted else {
        throw PrepareError(
          .shapeMismatch, .input(4), field: "number of elements", found: .int(state.count), expected: .int(wanted))
      }
      guard let bias = try node.optionalInput(3), bias.count != filters / rank else { return }
      throw PrepareError(
        .shapeMismatch, .input(3), field: "number of elements", found: .int(bias.count), expected: .int(filters / rank))
    }
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    let geometry = try Geometry(node)
    try node.setOutput(0, shape: Shape(of: geometry.batches, geometry.units))
  }

  /// The type of input `position` of the 8-bit form.
  private static func integerType(_ position: Int) -> ElementType {
    switch position {
    case 1: .int8
    case 3: .int32
    default: .int16
    }
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let geometry = try Geometry(node)
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .float32, .int8)
    try node.require(output, .output(0), ofTypeOf: input)
    let isInteger = input.type == .int8
    for position in 1..<5 {
      let expected = isInteger ? integerType(position) : .float32
      guard let tensor = try node.optionalInput(position), tensor.type != expected else { continue }
      if !isInteger && position <= 2 && tensor.type == .int8 && tensor.isConstant { continue }
      throw PrepareError(.typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(expected))
    }
    var parameters = swl_svdf_params()
    parameters.inputs = geometry.inputs
    parameters.filters = geometry.filters
    parameters.memory = geometry.memory
    parameters.rank = geometry.rank
    let limits = try ActivationLimits(node.options.int8(1))
    (parameters.low, parameters.high) = (limits.minimum, limits.maximum)
    if isInteger {
      guard node.options.int8(1) <= 1 else {
        throw PrepareError(
          .optionUnsupported, field: "fused_activation_function", found: .int(node.options.int8(1)), expected: .int(1))
      }
      try scale(node, &parameters)
    }
    let bias = try node.optionalInput(3)
    let hybrid = isInteger ? nil : try hybrid(node, geometry)
    let isWidened = !isInteger && hybrid == nil
    return Plan(
      input: node.operand(input), output: node.operand(output), featureWeights: try weights(node, 1, isWidened),
      timeWeights: try weights(node, 2, isWidened), state: node.operand(try node.input(4)),
      bias: bias.map { node.operand($0) }, parameters: parameters, batches: geometry.batches, isInteger: isInteger,
      hybrid: hybrid)
  }

  /// The state fixes all sizes, which `infer` has compared.
  package static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError) {}

  /// `nil` unless both weights are int8 constants with zero point 0.
  private static func hybrid(_ node: Node, _ geometry: Geometry) throws(PrepareError) -> Hybrid? {
    let time = try node.input(2)
    guard time.type == .int8, time.isConstant, time.zeroPoint == 0, time.scale > 0,
      let features = try HybridMatrix(
        node, left: [1], right: [], bias: [], rowsEach: geometry.filters, depths: (geometry.inputs, 0),
        isAsymmetric: node.options.bool(2))
    else { return nil }
    let bytes = geometry.filters.multipliedSaturated(by: MemoryLayout<Float>.size)
    return Hybrid(features: features, timeScale: time.scale, products: node.scratch(bytes))
  }

  /// Weights as the kernel reads them: int8 ones beside float32 ones become float32.
  private static func weights(_ node: Node, _ position: Int, _ isWidened: Bool) throws(PrepareError) -> Operand {
    let tensor = try node.input(position)
    guard isWidened, tensor.type == .int8, let bytes = node.constantBytes(tensor), bytes.count >= tensor.byteCount
    else { return node.operand(tensor) }
    try node.requireQuantization(tensor, .input(position))
    let (scale, zeroPoint) = (tensor.scale, tensor.zeroPoint)
    let size = tensor.count.multipliedSaturated(by: MemoryLayout<Float>.size)
    return unsafe try node.packed(size) { memory in
      for index in 0..<tensor.count {
        let value = Float(tensor.type.stored(bytes, index) - zeroPoint) * scale
        unsafe memory.storeBytes(of: value, toByteOffset: index * MemoryLayout<Float>.size, as: Float.self)
      }
    }
  }

  /// Source: `svdf.cc` of TensorFlow Lite. RELU limits nothing: the converter gives the output the lowest zero point.
  private static func scale(
    _ node: Node, _ parameters: inout swl_svdf_params
  ) throws(PrepareError) {
    for position in [0, 1, 2, 4] { try node.requireQuantization(try node.input(position), .input(position)) }
    let (input, output) = (try node.input(0), try node.output(0))
    let (feature, time, state) = (try node.input(1).scale, try node.input(2).scale, try node.input(4).scale)
    parameters.feature = try node.multiplier(Double(input.scale) * Double(feature) / Double(state), .input(4)).c
    parameters.time = try node.multiplier(Double(state) * Double(time) / Double(output.scale)).c
    parameters.input_zero_point = input.zeroPoint
    parameters.output_zero_point = output.zeroPoint
    guard parameters.inputs < 1 << 16 else {
      throw PrepareError(
        .shapeUnsupported, .input(0), field: "features", found: .int(parameters.inputs), expected: .int(1 << 16))
    }
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let feature = unsafe invocation.pointer(plan.featureWeights)
    let time = unsafe invocation.pointer(plan.timeWeights)
    let bias = unsafe plan.bias.map { unsafe UnsafeRawPointer(invocation.pointer($0)) }
    let sizes = plan.parameters
    let (states, units) = (sizes.filters * sizes.memory, sizes.filters / sizes.rank)
    unsafe withUnsafePointer(to: sizes) { parameters in
      for batch in 0..<plan.batches {
        if plan.isInteger {
          unsafe swl_i8_svdf(
            parameters, invocation.elements(plan.input, as: Int8.self) + batch * sizes.inputs, feature, time, bias,
            invocation.elements(plan.state, as: Int16.self) + batch * states,
            invocation.elements(plan.output, as: Int8.self) + batch * units)
        } else if let hybrid = plan.hybrid {
          let products = unsafe invocation.elements(hybrid.products, as: Float.self)
          unsafe hybrid.features.multiply(
            invocation, invocation.elements(plan.input, as: Float.self) + batch * sizes.inputs, products)
          unsafe swl_hybrid_svdf(
            parameters, products, time.assumingMemoryBound(to: Int8.self), hybrid.timeScale, bias,
            invocation.elements(plan.state, as: Float.self) + batch * states,
            invocation.elements(plan.output, as: Float.self) + batch * units)
        } else {
          unsafe swl_f32_svdf(
            parameters, invocation.elements(plan.input, as: Float.self) + batch * sizes.inputs, feature, time, bias,
            invocation.elements(plan.state, as: Float.self) + batch * states,
            invocation.elements(plan.output, as: Float.self) + batch * units)
        }
      }
    }
  }
}
