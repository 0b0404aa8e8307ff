import CKernels
import ModelFormat

/// REDUCE_PROD of int8 and int16 along constant axes, after the reference kernel of TensorFlow Lite: the factors are
/// multiplied in order, each product scaled by `inputScale / outputScale^(1 / count)` in 16-bit fixed point.
struct QuantizedProduct: Sendable {
  private let input, output: Operand
  private let walk: swl_reduce_shape
  private let parameters: swl_reduce_product_params
  private let outerCount, elementBytes: Int

  init(_ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .int8, .int16)
    try node.require(output, .output(0), ofTypeOf: input)
    let axes = try ReductionAxes(node)
    guard axes.reducedCount > 0 else {
      throw PrepareError(.shapeUnsupported, .input(0), field: "number of reduced elements", found: .int(0))
    }
    let root = swl_root_f64(output.scale, Double(axes.reducedCount))
    let multiplier = try node.multiplier(Double(input.scale) / root)
    guard multiplier.shift <= 7 else {
      throw PrepareError(
        .quantizationInvalid, .output(0), field: "scale", found: .float(output.scale),
        expected: .text("one that the product of the inputs' scales can reach"))
    }
    self.input = try node.alignedOperand(input)
    self.output = node.operand(output)
    walk = axes.walk
    outerCount = axes.outerCount
    elementBytes = input.type.bitWidth / 8
    parameters = swl_reduce_product_params(
      input_zero_point: input.zeroPoint, output_zero_point: output.zeroPoint, multiplier: multiplier.c)
  }

  func run(_ invocation: borrowing Invocation) {
    let input = unsafe UnsafeRawPointer(invocation.pointer(input))
    let output = unsafe invocation.pointer(output)
    unsafe withUnsafePointer(to: walk) { walk in
      unsafe withUnsafePointer(to: parameters) { parameters in
        unsafe swl_quantized_reduce_product(elementBytes, walk, input, output, 0, outerCount, parameters)
      }
    }
  }
}
