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

  static func ravel(_ layer: KerasLayer) throws -> [ValueID] {
    [try layer.builder.reshape(layer.input, [layer.inputShape.reduce(1, *)])]
  }

  /// Dimensions that are open in the configuration keep their size.
  static func broadcast(_ layer: KerasLayer) throws -> [ValueID] {
    guard let given = layer.parameter(1, "shape")?.elements, given.count >= layer.inputShape.count else {
      throw layer.malformed("its shape is missing")
    }
    let own = Array(repeating: 1, count: given.count - layer.inputShape.count) + layer.inputShape
    let target = zip(given, own).map { size, own in
      let stated = size.int ?? -1
      return stated < 0 ? own : stated
    }
    guard zip(target, own).allSatisfy({ $0 == $1 || $1 == 1 }), target.allSatisfy({ $0 < 1 << 24 }) else {
      throw layer.malformed("its shape does not fit")
    }
    return [try layer.builder.broadcast(layer.input, to: target)]
  }

  static func swapAxes(_ layer: KerasLayer) throws -> [ValueID] {
    let rank = layer.inputShape.count
    let axes = try [(1, "axis1"), (2, "axis2")].map { position, name in
      guard let axis = layer.parameter(position, name)?.int else { throw layer.malformed("\(name) is missing") }
      return try layer.axis(axis, rank: rank)
    }
    var order = Array(0..<rank)
    order.swapAt(axes[0], axes[1])
    return [try layer.builder.transpose(layer.input, order)]
  }

  static func moveAxis(_ layer: KerasLayer) throws -> [ValueID] {
    let rank = layer.inputShape.count
    func axes(_ position: Int, _ name: String) throws -> [Int] {
      let given = layer.parameter(position, name)
      return try (given?.ints ?? given?.int.map { [$0] } ?? []).map { try layer.axis($0, rank: rank) }
    }
    let (sources, targets) = (try axes(1, "source"), try axes(2, "destination"))
    guard sources.count == targets.count, Set(sources).count == sources.count, Set(targets).count == targets.count
    else {
      throw layer.malformed("its axes do not fit")
    }
    var order = (0..<rank).filter { !sources.contains($0) }
    for (target, source) in zip(targets, sources).sorted(by: { $0.0 < $1.0 }) { order.insert(source, at: target) }
    return [try layer.builder.transpose(layer.input, order)]
  }

  static func flip(_ layer: KerasLayer) throws -> [ValueID] {
    let rank = layer.inputShape.count
    let given = layer.parameter(1, "axis")
    let axes = try (given?.ints ?? given?.int.map { [$0] } ?? Array(0..<rank)).map { try layer.axis($0, rank: rank) }
    return [
      try axes.reduce(layer.input) { data, axis in
        try layer.builder.emit(Operation(.reverse), [data, layer.builder.integers([axis])])
      }
    ]
  }

  static func tile(_ layer: KerasLayer) throws -> [ValueID] {
    let given = layer.parameter(1, "repeats") ?? layer.parameter(1, "multiples")
    guard let stated = given?.ints ?? given?.int.map({ [$0] }), stated.allSatisfy({ (0..<1 << 20).contains($0) }) else {
      throw layer.malformed("its repeats are no numbers")
    }
    let rank = max(stated.count, layer.inputShape.count)
    let data = try layer.builder.reshape(
      layer.input, Array(repeating: 1, count: rank - layer.inputShape.count) + layer.inputShape)
    let multiples = Array(repeating: 1, count: rank - stated.count) + stated
    return [try layer.builder.emit(Operation(.tile), [data, layer.builder.integers(multiples)])]
  }

  /// Each element as often as stated, one after the other.
  static func repeatElements(_ layer: KerasLayer) throws -> [ValueID] {
    guard let count = layer.parameter(1, "repeats")?.int ?? layer.parameter(1, "repeats")?.ints?.first,
      layer.parameter(1, "repeats")?.ints?.count ?? 1 == 1, (1..<1 << 12).contains(count)
    else { throw layer.unsupported("repeats for each element", "repeat all as often") }
    guard let given = layer.parameter(2, "axis")?.int else {
      throw layer.unsupported("no axis", "give it one, or reshape its input to one dimension")
    }
    let axis = try layer.axis(given, rank: layer.inputShape.count)
    guard layer.inputShape[axis] * count < 1 << 24 else { throw layer.malformed("\(count) repeats are too many") }
    let places = (0..<layer.inputShape[axis] * count).map { $0 / count }
    return [try layer.builder.emit(.gather(axis: axis), [layer.input, layer.builder.integers(places)])]
  }

  /// Into equal parts, or at the places (Keras) or into the sizes (TensorFlow) of a list.
  static func split(_ layer: KerasLayer) throws -> [ValueID] {
    let (builder, shape) = (layer.builder, layer.inputShape)
    let axis = try layer.axis(layer.parameter(2, "axis")?.int ?? 0, rank: shape.count)
    let extent = shape[axis]
    let sizes: [Int]
    if let count = (layer.parameter(1, "indices_or_sections") ?? layer.parameter(1, "num_or_size_splits"))?.int {
      guard count > 0, extent % count == 0 else { throw layer.malformed("\(count) parts of \(extent)") }
      sizes = Array(repeating: extent / count, count: count)
    } else if let places = layer.parameter(1, "indices_or_sections")?.ints,
      places.allSatisfy({ (0...extent).contains($0) })
    {
      sizes = zip([0] + places, places + [extent]).map { $1 - $0 }
    } else if let stated = layer.parameter(1, "num_or_size_splits")?.ints, stated.allSatisfy({ $0 <= extent }) {
      let rest = extent - stated.reduce(0) { $0 + max($1, 0) }
      sizes = stated.map { $0 < 0 ? rest : $0 }
    } else {
      throw layer.malformed("its parts do not fit")
    }
    guard sizes.allSatisfy({ $0 >= 0 && $0 <= extent }), sizes.reduce(0, +) == extent else {
      throw layer.malformed("parts \(sizes) of \(extent)")
    }
    var start = 0
    return try sizes.map { part in
      var (begin, size) = (shape.map { _ in 0 }, shape)
      (begin[axis], size[axis]) = (start, part)
      start += part
      return try builder.slice(layer.input, begin: begin, size: size)
    }
  }

  static func pad(_ layer: KerasLayer) throws -> [ValueID] {
    let (builder, shape) = (layer.builder, layer.inputShape)
    let given = layer.parameter(1, "pad_width") ?? layer.parameter(1, "paddings")
    var pairs = (given?.elements ?? []).compactMap(\.ints).filter { $0.count == 2 }.map { ($0[0], $0[1]) }
    if let all = given?.int { pairs = shape.map { _ in (all, all) } }
    if pairs.count == 1 { pairs = shape.map { _ in pairs[0] } }
    guard pairs.count == shape.count, pairs.allSatisfy({ (0..<1 << 20).contains($0.0) && (0..<1 << 20).contains($0.1) })
    else { throw layer.malformed("its widths do not fit") }
    switch (layer.parameter(2, "mode")?.text ?? "constant").lowercased() {
    case "constant":
      return [try builder.pad(layer.input, pairs, with: layer.parameter(3, "constant_values")?.number ?? 0)]
    case let mode where mode == "reflect" || mode == "symmetric":
      let room = mode == "reflect" ? 1 : 0
      guard zip(pairs, shape).allSatisfy({ max($0.0, $0.1) <= max($1 - room, 0) }) else {
        throw layer.malformed("it pads more than its input has")
      }
      let amounts = builder.integers(pairs.flatMap { [$0.0, $0.1] }, shape: [pairs.count, 2])
      return [try builder.emit(.mirrorPad(isSymmetric: mode == "symmetric"), [layer.input, amounts])]
    case let mode: throw layer.unsupported("mode '\(mode)'", "use constant, reflect or symmetric")
    }
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
    guard (1..<1 << 31).contains(step) else {
      throw layer.unsupported("a step of \(step)", "use a positive step below 2^31")
    }
    let begin = min(max(counted(slice["start"]?.int ?? 0), 0), extent)
    let end = min(max(slice["stop"]?.int.map(counted) ?? extent, 0), extent)
    return .range(begin: begin, end: end, step: step)
  }
}
