import CKernels
import ModelFormat

/// CONV_2D, FULLY_CONNECTED and BATCH_MATMUL with float32 activations and constant weights of 8, 4 or 2 bits,
/// quantized per tensor, per output channel or, in fully connected layers, by blocks of each row.
///
/// Activations are quantized to int8 while running, each pixel or row for itself in pointwise operators, each picture
/// otherwise; see `swl_hybrid.h` for the formula, which is that of XNNPACK's dynamically quantized operators.
package struct HybridConvolution: Sendable {
  private var parameters: swl_f32_conv_params
  private let isa: swl_isa
  private let input, output, packed, quantized, scratch: Operand
  /// Bytes of scratch memory for each thread.
  private var scratchBytes: Int
  private var groups, rows: Int
  private let columnStep, threads: Int
  /// How many groups, rows or panels of columns take about ten microseconds.
  private var groupGrain: Int
  private let rowGrain, columnGrain: Int

  /// Whether the weights, signed integers of 8, 4 or 2 bits with zero point 0, are constants of the file.
  static func isPossible(_ node: Node) throws(PrepareError) -> Bool {
    let weights = try node.input(1)
    guard weights.type == .int8 || weights.type == .int4 || weights.type == .int2, weights.isConstant,
      let quantization = weights.quantization
    else { return false }
    return quantization.isSymmetric
  }

  /// `channelDimension` is the dimension of the weights that the output channels are;
  /// `isDepthMajor` says that they stand behind the depth.
  init(
    _ node: Node, _ parameters: swl_f32_conv_params, channelDimension: Int = 0, isDepthMajor: Bool = false
  ) throws(PrepareError) {
    try OperatorTable.requireLayers(Selection.hasHybridLayers)
    var parameters = parameters
    let isa = node.isa.value
    let channels = parameters.out_channels
    try FloatWeights.requireFloatOutput(node)
    let weights = try node.input(1)
    parameters.weight_bits = weights.type.bitWidth
    if let blockwise = weights.quantization?.blockwise {
      _ = try BlockwiseScales(node, blockwise, columns: channels, depth: parameters.in_channels)
      parameters.weight_block = blockwise.blockSize
    }
    let packedBytes = unsafe swl_hybrid_packed_bytes(isa, &parameters)
    let scratchBytes = unsafe swl_hybrid_scratch_bytes(isa, &parameters)
    let quantizedBytes = unsafe swl_hybrid_quantized_bytes(isa, &parameters)
    // Sizes that overflow saturate at the largest unsigned number.
    guard scratchBytes >= 0, quantizedBytes >= 0 else {
      throw PrepareError(.memoryBudget, field: "scratch memory", remedy: "the window is too large for any memory")
    }
    self.scratchBytes = align(scratchBytes)
    packed = try node.kept(packedBytes) { () throws(PrepareError) in
      try Self.pack(node, isa, parameters, channelDimension: channelDimension, isDepthMajor: isDepthMajor, packedBytes)
    }
    quantized = node.scratch(quantizedBytes)
    scratch = node.scratch(self.scratchBytes.multipliedSaturated(by: node.threads))
    groups = unsafe swl_hybrid_quantization_groups(&parameters)
    self.parameters = parameters
    self.isa = isa
    input = node.operand(try node.input(0))
    output = node.operand(try node.output(0))
    rows = parameters.batches * parameters.out_height
    columnStep = swl_hybrid_column_step(isa)
    threads = node.threads
    let depth = parameters.kernel_height.multipliedSaturated(by: parameters.kernel_width)
      .multipliedSaturated(by: parameters.in_channels / parameters.groups)
    let rowProducts = depth.multipliedSaturated(by: parameters.out_width).multipliedSaturated(by: channels)
    let inputCount = try node.input(0).count
    groupGrain = max(1, Self.numbersPerGrain / max(1, inputCount / max(1, groups)))
    rowGrain = WorkRate.int8.grain(products: rowProducts, node.isa)
    columnGrain = WorkRate.int8.grain(products: depth.multipliedSaturated(by: columnStep), node.isa)
  }

  private static func pack(
    _ node: Node, _ isa: swl_isa, _ parameters: swl_f32_conv_params, channelDimension: Int, isDepthMajor: Bool,
    _ byteCount: Int
  ) throws(PrepareError) -> Operand {
    let channels = parameters.out_channels
    var scales: [Float]
    if let blockwise = try node.input(1).quantization?.blockwise {
      scales = try BlockwiseScales(node, blockwise, columns: channels, depth: parameters.in_channels).values
    } else {
      scales = try FloatWeights.scales(node, channels: channels, dimension: channelDimension)
      if scales.count != channels { scales = [Float](repeating: scales[0], count: channels) }
    }
    let constants = isDepthMajor ? try FloatWeights(turned: node, columns: channels) : try FloatWeights(node)
    let numbers = scales
    return unsafe try node.packedLater(byteCount) { packed in
      unsafe constants.withPointers { weights, bias in
        unsafe withUnsafePointer(to: parameters) { unsafe swl_hybrid_pack(isa, $0, weights, numbers, bias, packed) }
      }
    }
  }

  /// Makes a layer whose pixels are rows follow their number, see `AdaptableOperator`: the packed weights do not depend on
  /// it.
  mutating func adapt(toRows count: Int, _ shapes: RunTimeShapes) {
    guard Selection.hasHybridLayers else { return }
    (parameters.in_height, parameters.out_height, rows) = (count, count, count)
    groups = unsafe swl_hybrid_quantization_groups(&parameters)
    scratchBytes = align(unsafe swl_hybrid_scratch_bytes(isa, &parameters))
    groupGrain = max(1, Self.numbersPerGrain / max(1, shapes.shape(0).elementCount / max(1, groups)))
    shapes.resize(scratch: quantized, to: unsafe swl_hybrid_quantized_bytes(isa, &parameters))
    shapes.resize(scratch: scratch, to: scratchBytes.multipliedSaturated(by: threads))
  }

  private static let numbersPerGrain = 50_000

  /// Whether the layer is a single row that is not worth a second thread.
  private var isOneRow: Bool { rows == 1 && parameters.out_channels / columnStep < 2 * columnGrain }

  func run(_ invocation: borrowing Invocation) {
    guard Selection.hasHybridLayers else { return }
    let input = unsafe UnsafePointer(invocation.pointer(input).assumingMemoryBound(to: Float.self))
    let output = unsafe invocation.pointer(output).assumingMemoryBound(to: Float.self)
    let packed = unsafe UnsafeRawPointer(invocation.pointer(packed))
    let quantized = unsafe invocation.pointer(quantized)
    let scratch = unsafe invocation.pointer(scratch)
    unsafe withUnsafePointer(to: parameters) { parameters in
      if isOneRow, unsafe swl_hybrid_run_row(isa, parameters, packed, input, quantized, output) { return }
      invocation.parallel(count: groups, grain: groupGrain) { begin, end, _ in
        unsafe swl_hybrid_quantize(isa, parameters, input, quantized, begin, end)
      }
      let columns = unsafe parameters.pointee.out_channels
      if unsafe rows == 1 && parameters.pointee.groups == 1 {
        let panels = (columns + columnStep - 1) / columnStep
        invocation.parallel(count: panels, grain: columnGrain) { begin, end, part in
          unsafe swl_hybrid_conv(
            isa, parameters, packed, quantized, output, scratch + part * scratchBytes, 0, 1, begin * columnStep,
            min(end * columnStep, columns))
        }
      } else {
        invocation.parallel(count: rows, grain: rowGrain) { begin, end, part in
          unsafe swl_hybrid_conv(
            isa, parameters, packed, quantized, output, scratch + part * scratchBytes, begin, end, 0, columns)
        }
      }
    }
  }
}
