import CKernels
import ModelFormat

/// A transposed convolution on float32, int8, uint8 or int16, one convolution for each phase of the stride. Constant weights
/// are packed while preparing; with a computed bias, or where sizes are known only while running, on which the order of packed
/// weights may depend, they are packed in every run.
package struct TransposedLayer: Sendable {
  /// What the kernels know of it.
  fileprivate enum Sizes {
    case float(swl_f32_conv_params)
    case quantized(swl_q8_layer)
  }

  private let sizes: Sizes
  private let isa: swl_isa
  private let input, output, packed, scratch: Operand
  private let computed: Computed?
  /// Bytes of scratch memory for each thread.
  private let scratchBytes: Int
  /// Groups of output rows, and how many of them take about ten microseconds.
  private let units, grain: Int

  /// What is packed in every run.
  private struct Computed {
    let weights, gathered: Operand
    let bias, scales: Operand?
  }

  /// On float32.
  init(
    float node: Node, _ sizes: TransposedSizes, _ form: TransposeConvForm, _ limits: ActivationLimits
  ) throws(PrepareError) {
    try OperatorTable.requireLayers(Selection.hasFloatLayers)
    guard sizes.hasCountableScratch else {
      throw PrepareError(.memoryBudget, field: "scratch memory", remedy: "the window is too large for any memory")
    }
    try self.init(node, sizes, form, .float(swl_f32_conv_params(sizes, limits)), scales: nil, rate: .float)
  }

  /// On quantized types.
  init(
    quantized node: Node, _ sizes: TransposedSizes, _ form: TransposeConvForm, _ limits: ActivationLimits
  ) throws(PrepareError) {
    let operands = QuantizedWeights.Operands(data: form.data, weights: TransposeConv.weights, bias: form.bias)
    let quantization = try QuantizedWeights(
      node, channels: sizes.outputChannels, channelDimension: 0, operands: operands)
    var layer = swl_q8_layer(sizes)
    try layer.setQuantization(node, quantization, limits, operands)
    try self.init(
      node, sizes, form, .quantized(layer), scales: quantization.scales, rate: layer.is_wide ? .int16 : .int8)
  }

  private init(
    _ node: Node, _ geometry: TransposedSizes, _ form: TransposeConvForm, _ sizes: Sizes, scales: QuantizedScales?,
    rate: WorkRate
  ) throws(PrepareError) {
    let isa = node.isa.value
    let packedBytes = sizes.packedBytes(isa)
    let scratchBytes = sizes.scratchBytes(isa)
    // Sizes that overflow saturate at the largest unsigned number.
    guard packedBytes >= 0, scratchBytes >= 0, sizes.gatheredBytes >= 0 else {
      throw PrepareError(.memoryBudget, field: "scratch memory", remedy: "the window is too large for any memory")
    }
    let weights = try node.input(TransposeConv.weights)
    guard let bytes = node.constantBytes(weights), bytes.count >= weights.byteCount else {
      throw PrepareError(
        .notConstant, .input(TransposeConv.weights), remedy: "freeze it to a constant when converting")
    }
    let bias = try node.optionalInput(form.bias)
    let biasBytes = bias.flatMap { node.constantBytes($0) }
    let isBiasConstant = bias.map { bias in biasBytes.map { $0.count >= bias.byteCount } ?? false } ?? true
    if node.isRunTime || !isBiasConstant {
      packed = node.scratch(packedBytes)
      computed = Computed(
        weights: node.operand(weights), gathered: node.scratch(sizes.gatheredBytes),
        bias: bias.map { node.operand($0) },
        scales: try Self.table(node, scales))
    } else {
      packed = try Self.pack(node, isa, sizes, bytes, biasBytes, scales, packedBytes)
      computed = nil
    }
    self.sizes = sizes
    self.isa = isa
    self.scratchBytes = align(scratchBytes)
    input = node.operand(try node.input(form.data))
    output = node.operand(try node.output(0))
    let reserved = node.isRunTime ? max(scratchBytes, sizes.mostScratch(isa)) : scratchBytes
    scratch = node.scratch(align(reserved).multipliedSaturated(by: node.threads))
    units = sizes.units
    grain = rate.grain(products: geometry.products / max(1, units), node.isa)
  }

  private static func table(_ node: Node, _ scales: QuantizedScales?) throws(PrepareError) -> Operand? {
    guard let scales else { return nil }
    return unsafe try node.table(scales.byteCount) { unsafe scales.fill($0) }
  }

  private static func pack(
    _ node: Node, _ isa: swl_isa, _ sizes: Sizes, _ weights: ConstantView<UInt8>, _ bias: ConstantView<UInt8>?,
    _ scales: QuantizedScales?, _ byteCount: Int
  ) throws(PrepareError) -> Operand {
    unsafe try node.packedLater(byteCount) { packed in
      var gathered = [UInt64](repeating: 0, count: (sizes.gatheredBytes + 7) / 8)
      unsafe gathered.withUnsafeMutableBytes { gathered in
        guard let gathered = gathered.baseAddress else { return }
        guard let scales else { return unsafe sizes.pack(isa, weights.base, bias?.base, nil, gathered, packed) }
        unsafe scales.withPointer { scales in
          unsafe sizes.pack(isa, weights.base, bias?.base, scales, gathered, packed)
        }
      }
    }
  }

  func run(_ invocation: borrowing Invocation) {
    let input = unsafe UnsafeRawPointer(invocation.pointer(input))
    let output = unsafe invocation.pointer(output)
    let packed = unsafe invocation.pointer(packed)
    let scratch = unsafe invocation.pointer(scratch)
    if let computed {
      let scales = unsafe computed.scales.map { unsafe UnsafeRawPointer(invocation.pointer($0)) }
      let bias = unsafe computed.bias.map { unsafe UnsafeRawPointer(invocation.pointer($0)) }
      unsafe sizes.pack(
        isa, invocation.pointer(computed.weights), bias, scales, invocation.pointer(computed.gathered), packed)
    }
    invocation.parallel(count: units, grain: grain) { begin, end, part in
      unsafe sizes.run(isa, packed, input, output, scratch + part * scratchBytes, begin..<end)
    }
  }
}

extension TransposedLayer.Sizes {
  func packedBytes(_ isa: swl_isa) -> Int {
    switch self {
    case .float(var sizes): unsafe swl_f32_transpose_conv_packed_bytes(isa, &sizes)
    case .quantized(var layer): unsafe swl_q8_transpose_conv_packed_bytes(isa, &layer)
    }
  }

  func scratchBytes(_ isa: swl_isa) -> Int {
    switch self {
    case .float(var sizes): unsafe swl_f32_transpose_conv_scratch_bytes(isa, &sizes)
    case .quantized(var layer): unsafe swl_q8_transpose_conv_scratch_bytes(isa, &layer)
    }
  }

  /// The most for pictures up to this size: of narrow ones more rows are taken together.
  func mostScratch(_ isa: swl_isa) -> Int {
    var most = 0
    switch self {
    case .float(var sizes):
      sizes.in_width = 0  // every window reaches beyond the picture
      sizes.out_width = min(sizes.out_width, QuantizedConvolution.widestWalked)
      while sizes.out_width > 0 {
        most = max(most, Self.float(sizes).scratchBytes(isa))
        sizes.out_width -= 1
      }
    case .quantized(var layer):
      layer.in_w = 0
      layer.out_w = min(layer.out_w, Int32(QuantizedConvolution.widestWalked))
      while layer.out_w > 0 {
        most = max(most, Self.quantized(layer).scratchBytes(isa))
        layer.out_w -= 1
      }
    }
    return most
  }

  var gatheredBytes: Int {
    switch self {
    case .float(var sizes): unsafe swl_f32_transpose_conv_gathered_bytes(&sizes)
    case .quantized(var layer): unsafe swl_q8_transpose_conv_gathered_bytes(&layer)
    }
  }

  var units: Int {
    switch self {
    case .float(var sizes): unsafe swl_f32_transpose_conv_units(&sizes)
    case .quantized(var layer): unsafe swl_q8_transpose_conv_units(&layer)
    }
  }

  func pack(
    _ isa: swl_isa, _ weights: UnsafeRawPointer, _ bias: UnsafeRawPointer?, _ scales: UnsafeRawPointer?,
    _ gathered: UnsafeMutableRawPointer, _ packed: UnsafeMutableRawPointer
  ) {
    switch self {
    case .float(var sizes): unsafe swl_f32_transpose_conv_pack(isa, &sizes, weights, bias, gathered, packed)
    case .quantized(var layer):
      unsafe swl_q8_transpose_conv_pack(isa, &layer, weights, bias, scales, gathered, packed)
    }
  }

  func run(
    _ isa: swl_isa, _ packed: UnsafeRawPointer, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer,
    _ scratch: UnsafeMutableRawPointer, _ units: Range<Int>
  ) {
    switch self {
    case .float(var sizes):
      guard Selection.hasFloatLayers else { return }
      unsafe swl_f32_transpose_conv(
        isa, &sizes, packed, input.assumingMemoryBound(to: Float.self), output.assumingMemoryBound(to: Float.self),
        scratch, units.lowerBound, units.upperBound)
    case .quantized(var layer):
      unsafe swl_q8_transpose_conv_run(
        isa, &layer, packed, input, output, scratch, units.lowerBound, units.upperBound)
    }
  }
}
