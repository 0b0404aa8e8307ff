import CKernels
import ModelFormat

/// TRANSPOSE_CONV: output shape (input 0, four constant int32), weights (output channels, height, width, input channels),
/// data (batch, height, width, input channels), optional bias.
///
/// float32, also with int8 weights, which stay so, each picture being quantized while running; int8 and int16 with int8 weights quantized per tensor
/// or per output channel; uint8. Options: `padding`, `stride_w`, `stride_h`, `fused_activation_function`,
/// `quantized_bias_type`. Quantized results equal those of TensorFlow Lite's reference kernel.
package enum TransposeConv: Operator {
  package enum Plan: Sendable {
    case layer(Layer)
    case wide(WideTransposeConv)
    case hybrid(HybridTransposeConv)
  }

  package struct Layer: Sendable {
    let input, output, packed: Operand
    let bias, multipliers, sums: Operand?
    let type: ElementType
    let parameters: swl_transpose_conv_params
    let limits: ActivationLimits
    let stored: ClosedRange<Int32>
    let inputZeroPoint, outputZeroPoint: Int32
    let batches, rowsAtOnce: Int
    let isa: swl_isa
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
    _ = try parameters(node)
  }

  private static func parameters(_ node: Node) throws(PrepareError) -> swl_transpose_conv_params {
    let options = node.options
    return try parameters(
      node,
      TransposeConvForm(
        data: data, bias: bias, padding: try WindowAxis.Padding(option: options.int8(0)),
        strideHeight: options.int32(2),
        strideWidth: options.int32(1)))
  }

  /// Sizes that agree with each other. The output shape chooses among those that the stride allows.
  static func parameters(
    _ node: Node, _ form: TransposeConvForm
  ) throws(PrepareError) -> swl_transpose_conv_params {
    let (weights, input, output) = (try node.input(weights), try node.input(form.data), try node.output(0))
    try node.require(weights, .input(Self.weights), rank: 4)
    try node.require(input, .input(form.data), rank: 4)
    guard weights.shape[3] == input.shape[3], weights.shape[0] == output.shape[3], input.shape[0] == output.shape[0],
      weights.count > 0
    else {
      throw PrepareError(
        .shapeMismatch, .input(Self.weights), field: "shape", found: .shape(weights.shape),
        remedy: "channels and batches of weights, data and output shape differ")
    }
    if let bias = try node.optionalInput(form.bias), bias.count != weights.shape[0] {
      throw PrepareError(
        .shapeMismatch, .input(form.bias), field: "number of elements", found: .int(bias.count),
        expected: .int(weights.shape[0]))
    }
    // The convolution that this one transposes reads the output and gives the input.
    let rows = try WindowAxis(
      input: output.shape[1], window: weights.shape[1], stride: form.strideHeight, padding: form.padding)
    let columns = try WindowAxis(
      input: output.shape[2], window: weights.shape[2], stride: form.strideWidth, padding: form.padding)
    guard rows.output == input.shape[1], columns.output == input.shape[2] else {
      throw PrepareError(
        .shapeMismatch, .input(0), field: "output shape", found: .shape(output.shape),
        remedy: "stride, padding and weights do not make it of the data")
    }
    return swl_transpose_conv_params(
      in_height: input.shape[1], in_width: input.shape[2], in_channels: input.shape[3], out_height: output.shape[1],
      out_width: output.shape[2], out_channels: output.shape[3], kernel_height: weights.shape[1],
      kernel_width: weights.shape[2], stride_height: rows.stride, stride_width: columns.stride,
      pad_top: rows.paddingBefore, pad_left: columns.paddingBefore)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(data), try node.output(0))
    try node.require(input, .input(data), among: .float32, .int8, .uint8, .int16)
    try node.require(output, .output(0), ofTypeOf: input)
    let weights = try node.input(weights)
    if input.type == .int16 { return .wide(try WideTransposeConv(node, try parameters(node))) }
    guard weights.type == input.type || (input.type == .float32 && weights.type == .int8) else {
      throw PrepareError(
        .typeUnsupported, .input(Self.weights), found: .type(weights.type), expected: .type(input.type))
    }
    let bias = try node.optionalInput(bias)
    let biasType: ElementType = input.type == .float32 ? .float32 : .int32
    if let bias, bias.type != biasType {
      throw PrepareError(.typeUnsupported, .input(Self.bias), found: .type(bias.type), expected: .type(biasType))
    }
    let parameters = try parameters(node)
    let limits = try ActivationLimits(node.options.int8(3))
    if input.type == .float32 && weights.type == .int8 {
      return .hybrid(try HybridTransposeConv(node, parameters, limits))
    }
    let range = input.type.storedRange
    let isFloat = input.type == .float32
    let rowsAtOnce = isFloat ? parameters.out_height : Self.rowsAtOnce(parameters)
    return .layer(
      Layer(
        input: node.operand(input), output: node.operand(output), packed: try pack(node, weights, parameters),
        bias: bias.map { node.operand($0) },
        multipliers: isFloat ? nil : try multipliers(node, input, weights, output),
        sums: isFloat ? nil : sums(node, parameters, bytes: 4),
        type: input.type, parameters: parameters, limits: limits,
        stored: limits.quantized(
          scale: output.scale > 0 ? output.scale : 1, zeroPoint: output.zeroPoint, lowest: range.lowerBound,
          highest: range.upperBound),
        inputZeroPoint: input.zeroPoint, outputZeroPoint: output.zeroPoint, batches: input.shape[0],
        rowsAtOnce: rowsAtOnce, isa: node.isa.value))
  }

  static func pack(
    _ node: Node, _ weights: Tensor, _ parameters: swl_transpose_conv_params
  ) throws(PrepareError) -> Operand {
    guard let bytes = node.constantBytes(weights), bytes.count >= weights.byteCount else {
      throw PrepareError(.notConstant, .input(Self.weights), remedy: "freeze it to a constant when converting")
    }
    var parameters = parameters
    let count = unsafe swl_transpose_conv_weight_count(&parameters)
    let size = weights.type == .float32 ? MemoryLayout<Float>.size : MemoryLayout<Int16>.size
    return unsafe try node.packed(count.multipliedSaturated(by: size)) { memory in
      switch weights.type {
      case .float32:
        unsafe swl_f32_transpose_conv_pack(&parameters, bytes.base, memory.assumingMemoryBound(to: Float.self))
      case .int8:
        unsafe swl_i8_transpose_conv_pack(&parameters, bytes.base, memory.assumingMemoryBound(to: Int16.self))
      default:
        unsafe swl_u8_transpose_conv_pack(
          &parameters, bytes.base, weights.zeroPoint, memory.assumingMemoryBound(to: Int16.self))
      }
    }
  }

  /// `inputScale * weightScale / outputScale` for each output channel, in double as the reference has it.
  private static func multipliers(
    _ node: Node, _ input: Tensor, _ weights: Tensor, _ output: Tensor
  ) throws(PrepareError) -> Operand {
    let channels = weights.shape[0]
    guard let scales = weights.quantization?.scales, scales.count == 1 || scales.count == channels,
      scales.count == 1 || weights.quantization?.dimension == 0
    else {
      throw PrepareError(
        .quantizationInvalid, .input(Self.weights), field: "number of scales",
        found: .int(weights.quantization?.scales.count ?? 0), expected: .int(channels))
    }
    func product(_ index: Int) -> Double { Double(input.scale) * Double(scales[index]) / Double(output.scale) }
    for index in scales.indices { _ = try node.multiplier(product(index)) }
    return unsafe try node.packed(channels * MemoryLayout<swl_multiplier>.stride) { memory in
      for channel in 0..<channels {
        guard let multiplier = QuantizedMultiplier(product(scales.count == 1 ? 0 : channel)) else { continue }
        unsafe memory.storeBytes(
          of: multiplier.c, toByteOffset: channel * MemoryLayout<swl_multiplier>.stride, as: swl_multiplier.self)
      }
    }
  }

  /// Elements of sums that stay in a first-level cache.
  private static let sumsAtOnce = 4096

  /// Rows of sums that are computed together.
  static func rowsAtOnce(_ parameters: swl_transpose_conv_params) -> Int {
    let rowElements = parameters.out_width.multipliedSaturated(by: parameters.out_channels)
    return max(1, min(parameters.out_height, sumsAtOnce / max(1, rowElements)))
  }

  /// Memory for them, while running for those of any smaller picture.
  static func sums(_ node: Node, _ parameters: swl_transpose_conv_params, bytes: Int) -> Operand {
    let rowElements = parameters.out_width.multipliedSaturated(by: parameters.out_channels)
    let elements = rowsAtOnce(parameters).multipliedSaturated(by: rowElements)
    return node.scratch((node.isRunTime ? max(elements, sumsAtOnce) : elements).multipliedSaturated(by: bytes))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    switch plan {
    case .layer(let plan): run(plan, invocation)
    case .wide(let plan): plan.run(invocation)
    case .hybrid(let plan): plan.run(invocation)
    }
  }

  static func run(_ plan: Layer, _ invocation: borrowing Invocation) {
    let sizes = plan.parameters
    let bias = unsafe plan.bias.map { unsafe UnsafeRawPointer(invocation.pointer($0)) }
    for batch in 0..<plan.batches {
      let from = batch * sizes.in_height * sizes.in_width * sizes.in_channels
      let to = batch * sizes.out_height * sizes.out_width * sizes.out_channels
      var begin = 0
      while begin < sizes.out_height {
        let end = min(begin + plan.rowsAtOnce, sizes.out_height)
        unsafe convolve(plan, invocation, from, to, begin, end, bias)
        begin = end
      }
    }
  }

  private static func convolve(
    _ plan: Layer, _ invocation: borrowing Invocation, _ from: Int, _ to: Int, _ begin: Int, _ end: Int,
    _ bias: UnsafeRawPointer?
  ) {
    unsafe withUnsafePointer(to: plan.parameters) { parameters in
      guard let multipliers = plan.multipliers, let sums = plan.sums else {
        return unsafe swl_f32_transpose_conv(
          plan.isa, parameters, invocation.elements(plan.input, as: Float.self) + from,
          invocation.elements(plan.packed, as: Float.self), bias,
          invocation.elements(plan.output, as: Float.self) + to, begin, end, plan.limits.minimum, plan.limits.maximum)
      }
      var scaling = unsafe swl_transpose_conv_scaling(
        multipliers: invocation.elements(multipliers, as: swl_multiplier.self),
        input_zero_point: plan.inputZeroPoint, output_zero_point: plan.outputZeroPoint, low: plan.stored.lowerBound,
        high: plan.stored.upperBound)
      let packed = unsafe invocation.elements(plan.packed, as: Int16.self)
      let scratch = unsafe invocation.elements(sums, as: Int32.self)
      if plan.type == .int8 {
        unsafe swl_i8_transpose_conv(
          plan.isa, parameters, invocation.elements(plan.input, as: Int8.self) + from, packed, bias,
          invocation.elements(plan.output, as: Int8.self) + to, scratch, begin, end, &scaling)
      } else {
        unsafe swl_u8_transpose_conv(
          plan.isa, parameters, invocation.elements(plan.input, as: UInt8.self) + from, packed, bias,
          invocation.elements(plan.output, as: UInt8.self) + to, scratch, begin, end, &scaling)
      }
    }
  }
}
