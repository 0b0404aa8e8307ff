import CKernels
import ModelFormat

/// AVERAGE_POOL_2D: the mean of each window of a picture (batch, height, width, channels), over the cells inside.
package enum AveragePool2D: Operator {
  package struct Plan: Sendable { let pool: Pool2D }

  package static func infer(_ node: Node) throws(PrepareError) { try Pool2D.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    Plan(pool: try Pool2D(node, .average))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.pool.run(invocation) }
}

/// MAX_POOL_2D: the largest element of each window.
package enum MaxPool2D: Operator {
  package struct Plan: Sendable { let pool: Pool2D }

  package static func infer(_ node: Node) throws(PrepareError) { try Pool2D.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    Plan(pool: try Pool2D(node, .maximum))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.pool.run(invocation) }
}

/// L2_POOL_2D: the root of the mean of the squares of each window's cells inside, float32.
package enum L2Pool2D: Operator {
  package struct Plan: Sendable { let pool: Pool2D }

  package static func infer(_ node: Node) throws(PrepareError) { try Pool2D.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan { Plan(pool: try Pool2D(node, .l2)) }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) { plan.pool.run(invocation) }
}

/// Options: `padding`, `stride_w`, `stride_h`, `filter_width`, `filter_height`, `fused_activation_function`.
struct Pool2D: Sendable {
  enum Operation: Sendable { case average, maximum, l2 }

  private let input, output: Operand
  private let type: ElementType
  private let operation: Operation
  private let parameters: swl_pool_params
  private let limits: ActivationLimits
  private let stored: ClosedRange<Int32>
  private let rows, grain: Int
  private let isa: swl_isa

  /// No picture has sides as long, and sums of a window's elements must fit.
  private static let maximumFilter = 1 << 15

  private static func axes(_ node: Node) throws(PrepareError) -> (rows: WindowAxis, columns: WindowAxis) {
    let input = try node.input(0)
    try node.require(input, .input(0), rank: 4)
    let options = node.options
    for field in 3...4 where options.int32(field) >= maximumFilter {
      throw PrepareError(
        .optionInvalid, field: field == 3 ? "filter_width" : "filter_height", found: .int(options.int32(field)),
        expected: .int(maximumFilter - 1))
    }
    let padding = try WindowAxis.Padding(option: options.int8(0))
    return (
      try WindowAxis(
        input: input.shape[1], window: options.int32(4), stride: options.int32(2), padding: padding),
      try WindowAxis(
        input: input.shape[2], window: options.int32(3), stride: options.int32(1), padding: padding)
    )
  }

  static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let axes = try axes(node)
    let shape = try node.input(0).shape
    try node.setOutput(0, shape: Shape(of: shape[0], axes.rows.output, axes.columns.output, shape[3]))
  }

  init(_ node: Node, _ operation: Operation) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .float32, .int8, .uint8, .int16)
    if operation == .l2 { try node.expectType(of: input, .input(0), among: .float32) }
    try node.require(output, .output(0), ofTypeOf: input)
    try node.requireSameQuantization(output, as: input, .output(0))
    let axes = try Pool2D.axes(node)
    limits = try ActivationLimits(node.options.int8(5))
    let range = input.type.storedRange
    stored = limits.quantized(
      scale: output.scale > 0 ? output.scale : 1, zeroPoint: output.zeroPoint, lowest: range.lowerBound,
      highest: range.upperBound)
    type = input.type
    let covered = min(axes.rows.window, input.shape[1]).multipliedSaturated(
      by: min(axes.columns.window, input.shape[2]))
    let most = input.type == .float32 ? Int.max : input.type == .int16 ? 1 << 15 : 1 << 22
    guard operation != .average || covered <= most else {
      throw PrepareError(
        .shapeUnsupported, field: "elements of a window", found: .int(covered), expected: .int(most),
        remedy: "their sum does not fit in 32 bits")
    }
    self.operation = operation
    self.input = node.operand(input)
    self.output = node.operand(output)
    parameters = swl_pool_params(
      in_height: input.shape[1], in_width: input.shape[2], channels: input.shape[3], out_height: axes.rows.output,
      out_width: axes.columns.output, filter_height: axes.rows.window, filter_width: axes.columns.window,
      stride_height: axes.rows.stride, stride_width: axes.columns.stride, pad_top: axes.rows.paddingBefore,
      pad_left: axes.columns.paddingBefore)
    rows = output.count == 0 ? 0 : output.shape[0].multipliedSaturated(by: axes.rows.output)
    let cells = axes.rows.window.multipliedSaturated(by: axes.columns.window)
    grain = max(1, 100_000 / max(1, (output.count / max(1, rows)).multipliedSaturated(by: cells)))
    isa = node.isa.value
  }

  func run(_ invocation: borrowing Invocation) {
    unsafe withUnsafePointer(to: parameters) { parameters in
      invocation.parallel(count: rows, grain: grain) { begin, end, _ in
        switch type {
        case .float32 where Selection.hasFloatTensors: unsafe runFloat(parameters, invocation, begin, end)
        case .int8: unsafe runInt8(parameters, invocation, begin, end)
        case .uint8 where Selection.hasUInt8Tensors: unsafe runUInt8(parameters, invocation, begin, end)
        default:
          guard Selection.hasInt16Tensors else { return }
          unsafe runInt16(parameters, invocation, begin, end)
        }
      }
    }
  }

  private func runFloat(
    _ parameters: UnsafePointer<swl_pool_params>, _ invocation: borrowing Invocation, _ begin: Int, _ end: Int
  ) {
    if operation == .l2 {
      return unsafe swl_f32_l2_pool(
        parameters, invocation.elements(input, as: Float.self), invocation.elements(output, as: Float.self), begin, end,
        limits.minimum, limits.maximum)
    }
    let kernel = unsafe operation == .average ? swl_f32_average_pool : swl_f32_max_pool
    unsafe kernel(
      isa, parameters, invocation.elements(input, as: Float.self), invocation.elements(output, as: Float.self), begin,
      end, limits.minimum, limits.maximum)
  }

  private func runInt8(
    _ parameters: UnsafePointer<swl_pool_params>, _ invocation: borrowing Invocation, _ begin: Int, _ end: Int
  ) {
    let kernel = unsafe operation == .average ? swl_i8_average_pool : swl_i8_max_pool
    unsafe kernel(
      isa, parameters, invocation.elements(input, as: Int8.self), invocation.elements(output, as: Int8.self), begin,
      end, stored.lowerBound, stored.upperBound)
  }

  private func runUInt8(
    _ parameters: UnsafePointer<swl_pool_params>, _ invocation: borrowing Invocation, _ begin: Int, _ end: Int
  ) {
    let kernel = unsafe operation == .average ? swl_u8_average_pool : swl_u8_max_pool
    unsafe kernel(
      isa, parameters, invocation.elements(input, as: UInt8.self), invocation.elements(output, as: UInt8.self), begin,
      end, stored.lowerBound, stored.upperBound)
  }

  private func runInt16(
    _ parameters: UnsafePointer<swl_pool_params>, _ invocation: borrowing Invocation, _ begin: Int, _ end: Int
  ) {
    let kernel = unsafe operation == .average ? swl_i16_average_pool : swl_i16_max_pool
    unsafe kernel(
      isa, parameters, invocation.elements(input, as: Int16.self), invocation.elements(output, as: Int16.self), begin,
      end, stored.lowerBound, stored.upperBound)
  }
}
