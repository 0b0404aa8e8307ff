internal import ModelFormat

/// Layers that move elements.
enum KerasShaping {
  static func flatten(_ layer: KerasLayer) throws -> [ValueID] {
    let shape = layer.inputShape
    return [try layer.builder.reshape(layer.input, [shape[0], shape.dropFirst().reduce(1, *)])]
  }

  static func reshape(_ layer: KerasLayer) throws -> [ValueID] {
    guard var target = layer.config["target_shape"]?.ints else { throw layer.malformed("its target shape is missing") }
    let count = layer.inputShape.dropFirst().reduce(1, *)
    if let open = target.firstIndex(of: -1) {
      target[open] = 1
      let rest = target.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
      guard rest > 0, count % rest == 0 else { throw layer.malformed("its target shape does not fit") }
      target[open] = count / rest
    }
    guard target.allSatisfy({ $0 >= 0 && $0 <= max(count, 1) }),
      target.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == count
    else { throw layer.malformed("its target shape does not fit") }
    return [try layer.builder.reshape(layer.input, [layer.inputShape[0]] + target)]
  }

  static func permute(_ layer: KerasLayer) throws -> [ValueID] {
    guard let dims = layer.config["dims"]?.ints, dims.sorted() == Array(1..<layer.inputShape.count) else {
      throw layer.malformed("dims are no permutation")
    }
    return [try layer.builder.transpose(layer.input, [0] + dims)]
  }

  static func repeatVector(_ layer: KerasLayer) throws -> [ValueID] {
    guard let count = layer.config["n"]?.int, count > 0, count < 1 << 24, layer.inputShape.count == 2 else {
      throw layer.malformed("n does not fit")
    }
    let row = try layer.builder.unsqueeze(layer.input, at: [1])
    return [try layer.builder.broadcast(row, to: [layer.inputShape[0], count, layer.inputShape[1]])]
  }

  /// Before and after, for each dimension between the first and the last.
  private static func margins(_ layer: KerasLayer, _ key: String) throws -> [(Int, Int)] {
    let count = layer.inputShape.count - 2
    guard let value = layer.config[key] else { throw layer.malformed("\(key) is missing") }
    let pairs: [(Int, Int)]
    if let both = value.int {
      pairs = Array(repeating: (both, both), count: max(count, 0))
    } else if let ints = value.ints {
      // One dimension: before and after; two: the same on both sides.
      pairs = count == 1 && ints.count == 2 ? [(ints[0], ints[1])] : ints.map { ($0, $0) }
    } else {
      pairs = (value.elements ?? []).compactMap { $0.ints }.compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }
    }
    guard pairs.count == count, pairs.allSatisfy({ (0..<1 << 20).contains($0.0) && (0..<1 << 20).contains($0.1) })
    else {
      throw layer.malformed("\(key) does not fit an input of rank \(count + 2)")
    }
    return pairs
  }

  static func zeroPadding(_ layer: KerasLayer) throws -> [ValueID] {
    [try layer.builder.pad(layer.input, [(0, 0)] + margins(layer, "padding") + [(0, 0)])]
  }

  static func crop(_ layer: KerasLayer) throws -> [ValueID] {
    let pairs = [(0, 0)] + (try margins(layer, "cropping")) + [(0, 0)]
    let size = zip(layer.inputShape, pairs).map { $0 - $1.0 - $1.1 }
    guard size.allSatisfy({ $0 > 0 }) else { throw layer.malformed("it crops everything") }
    return [try layer.builder.slice(layer.input, begin: pairs.map(\.0), size: size)]
  }

  static func upSampling2D(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(4)
    let factors = try layer.extents("size", count: 2, default: 2)
    let size = [layer.inputShape[1] * factors[0], layer.inputShape[2] * factors[1]]
    return [try resized(layer, layer.input, to: size, layer.config["interpolation"]?.text ?? "nearest")]
  }

  /// Pictures of other rows and columns.
  static func resized(
    _ layer: KerasLayer, _ data: ValueID, to size: [Int], _ interpolation: String
  ) throws -> ValueID {
    let builder = layer.builder
    let kind: OperatorKind
    switch interpolation {
    case "nearest": kind = .resizeNearestNeighbor
    case "bilinear": kind = .resizeBilinear
    case "bicubic":
      let shape = builder.shape(data)
      let plan = ResizePlan(bicubic: shape, outputs: [shape[0]] + size + [shape[3]])
      return try [1, 2].filter { plan.isResized[$0] }.reduce(data) { picture, axis in
        guard Double(plan.inputs[axis]) * Double(plan.outputs[axis]) <= 0x1p26 else {
          throw layer.unsupported("a side of \(plan.outputs[axis]) pixels", "use smaller pictures")
        }
        return try ResizeOperators.interpolated(builder, picture, axis: axis, plan)
      }
    case let other: throw layer.unsupported("interpolation '\(other)'", "use nearest, bilinear or bicubic")
    }
    let operation = Operation.resize(kind, alignsCorners: false, hasHalfPixelCenters: true)
    return try builder.emit(operation, [data, builder.integers(size)])
  }

  static func upSampling1D(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(3)
    let factor = try layer.extents("size", count: 1, default: 2)[0]
    let indices = (0..<layer.inputShape[1] * factor).map { $0 / factor }
    return [try layer.builder.emit(.gather(axis: 1), [layer.input, layer.builder.integers(indices)])]
  }

  static func upSampling3D(_ layer: KerasLayer) throws -> [ValueID] {
    try layer.requireRank(5)
    let factors = try layer.extents("size", count: 3, default: 2)
    return [
      try factors.enumerated().reduce(layer.input) { data, entry in
        let (axis, factor) = (entry.offset + 1, entry.element)
        let indices = (0..<layer.inputShape[axis] * factor).map { $0 / factor }
        return try layer.builder.emit(.gather(axis: axis), [data, layer.builder.integers(indices)])
      }
    ]
  }

  static func embedding(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let table = layer.constant(try layer.weight(0, rank: 2))
    let indices = try builder.cast(layer.input, to: .int32)
    let result = try builder.emit(.gather(axis: 0), [table, indices])
    if layer.flag("mask_zero", default: false) {
      layer.masks[result] = try builder.compare(.notEqual, indices, builder.scalar(0, type: .int32))
    }
    return [result]
  }
}
