extension ModelReader {
  /// The parameters, `nil` where there are none or they mean nothing.
  ///
  /// Writers leave parameters on float and string tensors, and scales of 0 on integer tensors that are not quantized
  /// (indices, shapes); both are read as none. An 8-bit or smaller tensor with a scale of 0 is refused.
  mutating func quantization(
    _ tensor: FlatTable, type: ElementType, shape: [Int]
  ) throws(FormatError) -> Quantization? {
    guard let table = try tensor.table(4, "quantization") else { return nil }
    let scales = try numbers(table, 2, as: UInt32.self, "quantization.scale") { Float(bitPattern: $0) }
    let zeroPoints = try numbers(table, 3, as: Int64.self, "quantization.zero_point") { $0 }
    let dimension = Int(try table.number(6, "quantization.quantized_dimension", default: Int32(0)))
    let blockwise = try blockwise(table)
    guard let range = type.quantizedIntegers else { return nil }
    guard blockwise == nil else {
      return Quantization(scales: [], zeroPoints: [], dimension: 0, blockwise: blockwise)
    }
    guard !scales.isEmpty, !(type.bitWidth >= 32 && scales.allSatisfy { $0 == 0 }) else { return nil }
    try verify(scales, table)
    return Quantization(
      scales: scales,
      zeroPoints: try verified(zeroPoints, count: scales.count, range, table),
      dimension: try channelDimension(dimension, count: scales.count, shape: shape, table))
  }

  /// A single scale and zero point, whatever the type of the tensor.
  mutating func unusedQuantization(_ tensor: FlatTable) throws(FormatError) -> Quantization? {
    guard let table = try tensor.table(4, "quantization") else { return nil }
    let scales = try numbers(table, 2, as: UInt32.self, "quantization.scale") { Float(bitPattern: $0) }
    let zeroPoints = try numbers(table, 3, as: Int64.self, "quantization.zero_point") { $0 }
    guard scales.count == 1, scales[0].isFinite, scales[0] > 0, zeroPoints.count <= 1,
      let zeroPoint = Int32(exactly: zeroPoints.first ?? 0)
    else { return nil }
    return Quantization(scales: scales, zeroPoints: [zeroPoint])
  }

  private func verify(_ scales: [Float], _ table: FlatTable) throws(FormatError) {
    for scale in scales where !(scale.isFinite && scale > 0) {
      let found: StaticString =
        scale.isNaN ? "NaN" : scale.isInfinite ? "infinity" : scale == 0 ? "zero" : "a negative number"
      throw FormatError(
        .quantization, "quantization.scale", offset: table.position, found: .text(found),
        expected: .text("a positive number"))
    }
  }

  /// One zero point for each scale, inside the range of the type.
  private mutating func verified(
    _ zeroPoints: [Int64], count: Int, _ range: ClosedRange<Int64>, _ table: FlatTable
  ) throws(FormatError) -> [Int32] {
    guard zeroPoints.isEmpty || zeroPoints.count == 1 || zeroPoints.count == count else {
      throw FormatError(
        .quantization, "quantization.zero_point", offset: table.position, found: .count(zeroPoints.count),
        expected: .count(count))
    }
    for zeroPoint in zeroPoints where !range.contains(zeroPoint) {
      throw FormatError(
        .quantization, "quantization.zero_point", offset: table.position, found: .integer(zeroPoint),
        expected: zeroPoint < range.lowerBound ? .atLeast(range.lowerBound) : .atMost(range.upperBound))
    }
    if zeroPoints.allSatisfy({ $0 == 0 }) { return zeros(count) }
    if zeroPoints.count == count { return zeroPoints.map { Int32(clamping: $0) } }
    return Array(repeating: Int32(clamping: zeroPoints.first ?? 0), count: count)
  }

  /// So many zeros, which tensors with as many channels share.
  private mutating func zeros(_ count: Int) -> [Int32] {
    if let known = zeroPoints.first(where: { $0.count == count }) { return known }
    let made = [Int32](repeating: 0, count: count)
    if zeroPoints.count < 64 { zeroPoints.append(made) }
    return made
  }

  /// The dimension whose length is the number of scales.
  ///
  /// A vector has only one dimension, so the number that the file gives does not matter: TensorFlow's early converters
  /// wrote 3 for the bias of a depthwise convolution, and TensorFlow Lite Micro runs such models.
  private func channelDimension(
    _ dimension: Int, count: Int, shape: [Int], _ table: FlatTable
  ) throws(FormatError) -> Int {
    if count == 1 || (shape.count == 1 && shape[0] == count) { return 0 }
    guard dimension >= 0, dimension < shape.count else {
      throw FormatError(
        .quantization, "quantization.quantized_dimension", offset: table.position, found: .count(dimension),
        expected: .below(Int64(shape.count)))
    }
    guard shape[dimension] == count else {
      throw FormatError(
        .quantization, "quantization.scale", offset: table.position, found: .count(count),
        expected: .count(shape[dimension]))
    }
    return dimension
  }

  /// `details` of kind 2; kind 1 (custom) adds nothing that this library uses.
  private func blockwise(_ table: FlatTable) throws(FormatError) -> Quantization.Blockwise? {
    let kind = try table.number(4, "quantization.details_type", default: UInt8(0))
    guard kind != 0, let details = try table.table(5, "quantization.details") else { return nil }
    guard kind <= 2 else {
      throw FormatError(
        .quantization, "quantization.details_type", offset: table.position, found: .count(kind), expected: .below(3))
    }
    guard kind == 2 else { return nil }
    guard Selection.hasBlockwise else { throw FormatError(.notBuilt, "quantization.details", offset: table.position) }
    return Quantization.Blockwise(
      scalesTensor: Int(try details.number(0, "quantization.details.scales", default: Int32(0))),
      zeroPointsTensor: Int(try details.number(1, "quantization.details.zero_points", default: Int32(0))),
      blockSize: Int(try details.number(2, "quantization.details.block_size", default: Int32(0))))
  }

  /// Whether the tensors that hold blockwise scales exist and a block is possible.
  func verifyBlockwise(_ tensors: [TensorInfo], subgraph: Int) throws(FormatError) {
    for (index, tensor) in tensors.enumerated() {
      guard let blockwise = tensor.quantization?.blockwise else { continue }
      try locating(.tensor(index, subgraph: subgraph), tensor.text) { () throws(FormatError) in
        try verify(blockwise, tensors: tensors.count)
      }
    }
  }

  private func verify(_ blockwise: Quantization.Blockwise, tensors count: Int) throws(FormatError) {
    let below = FormatError.Value.below(Int64(count))
    guard blockwise.scalesTensor >= 0, blockwise.scalesTensor < count else {
      throw FormatError(
        .invalidIndex, "quantization.details.scales", found: .count(blockwise.scalesTensor), expected: below)
    }
    guard blockwise.zeroPointsTensor >= -1, blockwise.zeroPointsTensor < count else {
      throw FormatError(
        .invalidIndex, "quantization.details.zero_points", found: .count(blockwise.zeroPointsTensor), expected: below)
    }
    guard blockwise.blockSize > 0 else {
      throw FormatError(
        .invalidValue, "quantization.details.block_size", found: .count(blockwise.blockSize), expected: .atLeast(1))
    }
  }
}

extension ElementType {
  /// The values that a stored element may have, `nil` for types that are never quantized.
  var quantizedIntegers: ClosedRange<Int64>? {
    switch self {
    case .int2: -2...1
    case .int4: -8...7
    case .uint4: 0...15
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32768...32767
    case .uint16: 0...65535
    case .int32, .int64: Int64(Int32.min)...Int64(Int32.max)
    default: nil
    }
  }
}
