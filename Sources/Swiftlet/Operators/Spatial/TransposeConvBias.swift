import CKernels
import ModelFormat

/// Convolution2DTransposeBias, MediaPipe's custom operator: TRANSPOSE_CONV of float32 without an input for the output shape.
///
/// Inputs: data (batch, height, width, input channels), weights (output channels, height, width, input channels), bias. Custom
/// options, as TensorFlow Lite's C structure lays them out: three int32, the padding (1 = SAME, 2 = VALID), the stride along
/// the width, that along the height. The output has the size that the file gives it where stride, padding and weights make
/// that of the data; else SAME makes `input * stride` of it and VALID `input * stride + max(window - stride, 0)`.
package enum TransposeConvBias: Operator {
  package typealias Plan = TransposedLayer

  private static func form(_ node: Node) throws(PrepareError) -> TransposeConvForm {
    let options = node.customOptions
    guard options.count >= 12 else {
      throw PrepareError(
        .optionInvalid, field: "bytes of custom options", found: .int(options.count), expected: .int(12))
    }
    func number(_ index: Int) -> Int {
      Int(unsafe Int32(littleEndian: options.base.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self)))
    }
    let padding = try WindowAxis.Padding(option: number(0).subtractingReportingOverflow(1).partialValue)
    let form = TransposeConvForm(
      data: 0, bias: 2, padding: padding, strideHeight: number(2), strideWidth: number(1))
    try WindowAxis.requirePositive(form.strideHeight, "stride")
    try WindowAxis.requirePositive(form.strideWidth, "stride")
    return form
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    let form = try form(node)
    let (input, weights) = (try node.input(0), try node.input(1))
    try node.require(input, .input(0), rank: 4)
    try node.require(weights, .input(1), rank: 4)
    let stored = try node.declaredOutput(0).shape
    func size(_ axis: Int, _ stride: Int) throws(PrepareError) -> Int {
      let (input, window) = (input.shape[axis], weights.shape[axis])
      if stored.count == 4,
        let fitting = try? WindowAxis(input: stored[axis], window: window, stride: stride, padding: form.padding),
        fitting.output == input
      {
        return stored[axis]
      }
      return input.multipliedSaturated(by: stride)
        .addingSaturated(form.padding == .valid ? max(window - stride, 0) : 0)
    }
    let (height, width) = (try size(1, form.strideHeight), try size(2, form.strideWidth))
    try node.setOutput(0, shape: Shape(of: input.shape[0], height, width, weights.shape[0]))
    _ = try TransposedSizes(node, form)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> TransposedLayer {
    let (input, weights, bias, output) = (
      try node.input(0), try node.input(1), try node.input(2), try node.output(0)
    )
    try node.require(input, .input(0), among: .float32)
    try node.require(weights, .input(1), among: .float32)
    try node.require(bias, .input(2), among: .float32)
    try node.require(output, .output(0), ofTypeOf: input)
    let form = try form(node)
    return try TransposedLayer(float: node, TransposedSizes(node, form), form, .none)
  }

  package static func run(_ plan: TransposedLayer, _ invocation: borrowing Invocation) { plan.run(invocation) }
}
