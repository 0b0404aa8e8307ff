internal import ModelFormat

/// Functions between layers that move elements.
enum KerasOperationShapes {
  static func expandDimensions(_ layer: KerasLayer) throws -> [ValueID] {
    let axis = try layer.axis(layer.parameter(1, "axis")?.int ?? -1, rank: layer.inputShape.count + 1)
    return [try layer.builder.unsqueeze(layer.input, at: [axis])]
  }

  static func squeeze(_ layer: KerasLayer) throws -> [ValueID] {
    let shape = layer.inputShape
    let given = layer.parameter(1, "axis")
    let axes = try (given?.ints ?? given?.int.map { [$0] })?.map { try layer.axis($0, rank: shape.count) }
    let dropped = axes ?? shape.indices.filter { $0 > 0 && shape[$0] == 1 }
    guard dropped.allSatisfy({ shape[$0] == 1 }) else { throw layer.malformed("it drops a dimension that is not one") }
    return [try layer.builder.reshape(layer.input, shape.indices.filter { !dropped.contains($0) }.map { shape[$0] })]
  }

  static func reshape(_ layer: KerasLayer) throws -> [ValueID] {
    let count = layer.inputShape.reduce(1, *)
    guard var target = (layer.parameter(1, "newshape") ?? layer.parameter(1, "shape"))?.elements?.map({ $0.int ?? -1 })
    else { throw layer.malformed("its shape is missing") }
    // Batches are open in configurations; here they have one element.
    if target.first == -1, target.dropFirst().contains(-1) { target[0] = layer.inputShape[0] }
    if let open = target.firstIndex(of: -1) {
      let rest = target.reduce(-1) { $0.multipliedReportingOverflow(by: $1).partialValue }
      guard rest > 0, count % rest == 0 else { throw layer.malformed("its shape does not fit") }
      target[open] = count / rest
    }
    guard target.allSatisfy({ $0 >= 0 && $0 <= max(count, 1) }),
      target.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == count
    else { throw layer.malformed("its shape does not fit") }
    return [try layer.builder.reshape(layer.input, target)]
  }

  static func transpose(_ layer: KerasLayer) throws -> [ValueID] {
    let rank = layer.inputShape.count
    let axes = (layer.parameter(1, "axes") ?? layer.parameter(1, "perm"))?.ints ?? (0..<rank).reversed()
    guard axes.sorted() == Array(0..<rank) else { throw layer.malformed("its axes are no permutation") }
    return [try layer.builder.transpose(layer.input, axes)]
  }

  static func stack(_ layer: KerasLayer) throws -> [ValueID] {
    let axis = try layer.axis(layer.parameter(1, "axis")?.int ?? 0, rank: layer.inputShape.count + 1)
    return [try layer.builder.emit(.pack(count: layer.inputs.count, axis: axis), layer.inputs)]
  }

  // MARK: x[...]

  /// What one entry of an index takes of a dimension.
  private enum Index {
    case range(begin: Int, end: Int, step: Int)
    case element(Int)
    case newDimension
  }

  static func getItem(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    guard let argument = layer.argument(1, ["key", "slice_spec"]) else { throw layer.malformed("its index is missing") }
    guard let index = argument.constant else {
      throw layer.unsupported("an index that is computed", "use numbers, or ops.take")
    }
    let entries = index.elements ?? [index]
    let (begin, size, steps, kept) = try extents(indices(layer, entries))
    guard size.allSatisfy({ $0 > 0 }) else { throw layer.malformed("it takes nothing") }
    let part: ValueID
    if steps.allSatisfy({ $0 == 1 }) {
      part = try builder.slice(layer.input, begin: begin, size: size)
    } else {
      let ends = size.indices.map { begin[$0] + (size[$0] - 1) * steps[$0] + 1 }
      part = try builder.emit(
        .stridedSlice(), [layer.input, builder.integers(begin), builder.integers(ends), builder.integers(steps)])
    }
    return [try builder.reshape(part, kept)]
  }

  /// `kept`: the shape of the result.
  private static func extents(
    _ indices: [Index]
  ) -> (begin: [Int], size: [Int], steps: [Int], kept: [Int]) {
    var (begin, size, steps, kept): ([Int], [Int], [Int], [Int]) = ([], [], [], [])
    for index in indices {
      switch index {
      case .range(let first, let end, let step):
        begin.append(first)
        size.append(max(0, (end - first + step - 1) / step))
        steps.append(step)
        kept.append(size[size.count - 1])
      case .element(let place):
        begin.append(place)
        size.append(1)
        steps.append(1)
      case .newDimension: kept.append(1)
      }
    }
    return (begin, size, steps, kept)
  }

  private static func indices(_ layer: KerasLayer, _ entries: [KerasConfig]) throws -> [Index] {
    let shape = layer.inputShape
    let isEllipsis = { (entry: KerasConfig) in
      entry.text == "Ellipsis" || entry["class_name"]?.text == "__ellipsis__"
    }
    let isNew = { (entry: KerasConfig) in if case .null = entry { true } else { false } }
    let missing = shape.count - entries.filter { !isEllipsis($0) && !isNew($0) }.count
    guard missing >= 0 else { throw layer.malformed("its index has more entries than its input dimensions") }
    var result: [Index] = []
    var axis = 0
    func takeWhole(_ count: Int) {
      for _ in 0..<count {
        result.append(.range(begin: 0, end: shape[axis], step: 1))
        axis += 1
      }
    }
    for entry in entries {
      if isEllipsis(entry) {
        takeWhole(missing)
      } else if isNew(entry) {
        result.append(.newDimension)
      } else {
        result.append(try index(layer, entry, extent: shape[axis]))
        axis += 1
      }
    }
    takeWhole(shape.count - axis)
    return result
  }

  private static func index(_ layer: KerasLayer, _ entry: KerasConfig, extent: Int) throws -> Index {
    let counted = { (place: Int) in place < 0 ? place + extent : place }
    if let place = entry.int {
      guard (0..<extent).contains(counted(place)) else { throw layer.malformed("index \(place) of \(extent)") }
      return .element(counted(place))
    }
    let slice = entry["config"] ?? entry
    let step = slice["step"]?.int ?? 1
    guard step > 0 else { throw layer.unsupported("a step of \(step)", "use a positive step") }
    let begin = min(max(counted(slice["start"]?.int ?? 0), 0), extent)
    let end = min(max(slice["stop"]?.int.map(counted) ?? extent, 0), extent)
    return .range(begin: begin, end: end, step: step)
  }
}
