import CKernels
import ModelFormat

/// Which operand is what, and the options, of a transposed convolution.
struct TransposeConvForm {
  let data, bias: Int
  let padding: WindowAxis.Padding
  let strideHeight, strideWidth: Int
}

/// Sizes of a transposed convolution that agree with each other: those of the convolution that it transposes, which reads
/// the output and gives the input.
struct TransposedSizes: Equatable, Sendable, BitwiseCopyable {
  let rows, columns: WindowAxis
  let batches, inputChannels, outputChannels: Int

  /// The output shape chooses among those that the stride allows.
  init(_ node: Node, _ form: TransposeConvForm) throws(PrepareError) {
    let operand = TransposeConv.weights
    let (weights, input, output) = (try node.input(operand), try node.input(form.data), try node.output(0))
    try node.require(weights, .input(operand), rank: 4)
    try node.require(input, .input(form.data), rank: 4)
    guard weights.shape[3] == input.shape[3], weights.shape[0] == output.shape[3], input.shape[0] == output.shape[0],
      weights.count > 0
    else {
      throw PrepareError(
        .shapeMismatch, .input(operand), field: "shape", found: .shape(weights.shape),
        remedy: "channels and batches of weights, data and output shape differ")
    }
    if let bias = try node.optionalInput(form.bias), bias.count != weights.shape[0] {
      throw PrepareError(
        .shapeMismatch, .input(form.bias), field: "number of elements", found: .int(bias.count),
        expected: .int(weights.shape[0]))
    }
    rows = try WindowAxis(
      input: output.shape[1], window: weights.shape[1], stride: form.strideHeight, padding: form.padding)
    columns = try WindowAxis(
      input: output.shape[2], window: weights.shape[2], stride: form.strideWidth, padding: form.padding)
    guard rows.output == input.shape[1], columns.output == input.shape[2] else {
      throw PrepareError(
        .shapeMismatch, .input(0), field: "output shape", found: .shape(output.shape),
        remedy: "stride, padding and weights do not make it of the data")
    }
    (batches, inputChannels, outputChannels) = (input.shape[0], input.shape[3], output.shape[3])
  }

  /// Products of the whole output.
  var products: Int {
    batches.multipliedSaturated(by: rows.output).multipliedSaturated(by: columns.output)
      .multipliedSaturated(by: inputChannels).multipliedSaturated(by: outputChannels)
      .multipliedSaturated(by: rows.window * columns.window)
  }

  /// Whether the size of what the float kernels copy is a number: the padded surroundings of some rows.
  var hasCountableScratch: Bool {
    rows.reach.multipliedSaturated(by: columns.reach).multipliedSaturated(by: inputChannels)
      .multipliedSaturated(by: 1024) < Int.max
  }
}

extension swl_f32_conv_params {
  init(_ sizes: TransposedSizes, _ limits: ActivationLimits) {
    self.init(
      batches: sizes.batches, in_height: sizes.rows.output, in_width: sizes.columns.output,
      in_channels: sizes.inputChannels, out_height: sizes.rows.input, out_width: sizes.columns.input,
      out_channels: sizes.outputChannels, kernel_height: sizes.rows.window, kernel_width: sizes.columns.window,
      stride_height: sizes.rows.stride, stride_width: sizes.columns.stride, dilation_height: 1, dilation_width: 1,
      pad_top: sizes.rows.paddingBefore, pad_left: sizes.columns.paddingBefore, groups: 1, minimum: limits.minimum,
      maximum: limits.maximum, weight_bits: 8, weight_block: 0, output_row: 0, output_pixel: 0,
      bfloat16: false)
  }
}

extension swl_q8_layer {
  init(_ sizes: TransposedSizes) {
    self.init()
    batch = Int32(clamping: sizes.batches)
    in_h = Int32(clamping: sizes.rows.output)
    in_w = Int32(clamping: sizes.columns.output)
    in_c = Int32(clamping: sizes.inputChannels)
    out_h = Int32(clamping: sizes.rows.input)
    out_w = Int32(clamping: sizes.columns.input)
    out_c = Int32(clamping: sizes.outputChannels)
    kernel_h = Int32(clamping: sizes.rows.window)
    kernel_w = Int32(clamping: sizes.columns.window)
    stride_h = Int32(clamping: sizes.rows.stride)
    stride_w = Int32(clamping: sizes.columns.stride)
    (dilation_h, dilation_w, groups) = (1, 1, 1)
    pad_top = Int32(clamping: sizes.rows.paddingBefore)
    pad_left = Int32(clamping: sizes.columns.paddingBefore)
  }
}

extension swl_transpose_conv_params {
  init(_ sizes: TransposedSizes) {
    self.init(
      in_height: sizes.rows.output, in_width: sizes.columns.output, in_channels: sizes.inputChannels,
      out_height: sizes.rows.input, out_width: sizes.columns.input, out_channels: sizes.outputChannels,
      kernel_height: sizes.rows.window, kernel_width: sizes.columns.window, stride_height: sizes.rows.stride,
      stride_width: sizes.columns.stride, pad_top: sizes.rows.paddingBefore, pad_left: sizes.columns.paddingBefore)
  }
}
