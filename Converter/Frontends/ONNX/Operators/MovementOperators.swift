internal import ModelFormat

/// Operators that only move elements.
enum MovementOperators {
  static func reshape(_ node: ONNXNode) throws -> [ValueID] {
    let input = try node.shape(0)
    guard let wanted = try node.integers(1, "shape") else { throw node.malformed("its shape is missing") }
    let keepsZero = node.int("allowzero", default: 0) == 1
    var shape = wanted
    for (index, size) in wanted.enumerated() where size == 0 && !keepsZero {
      guard index < input.count else {
        throw node.malformed("shape \(wanted) copies a dimension that input \(input) lacks")
      }
      shape[index] = input[index]
    }
    let count = input.reduce(1, *)
    if let open = shape.firstIndex(of: -1) {
      shape[open] = 1
      let rest = shape.reduce(1) { $0.multipliedReportingOverflow(by: max($1, 0)).partialValue }
      guard rest > 0, count % rest == 0 else { throw node.malformed("shape \(wanted) does not divide input \(input)") }
      shape[open] = count / rest
    }
    guard shape.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }), shape.contains(0) || shape.allSatisfy({ $0 <= count }),
      shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == count
    else { throw node.malformed("shape \(wanted) does not have the elements of input \(input)") }
    return [try node.builder.reshape(node.input(0), shape)]
  }

  static func flatten(_ node: ONNXNode) throws -> [ValueID] {
    let shape = try node.shape(0)
    let given = node.int("axis", default: 1)
    let axis = given == shape.count ? given : try node.normalized(given, rank: max(shape.count, 1))
    return [
      try node.builder.reshape(
        node.input(0), [shape.prefix(axis).reduce(1, *), shape.dropFirst(axis).reduce(1, *)])
    ]
  }

  static func squeeze(_ node: ONNXNode) throws -> [ValueID] {
    let shape = try node.shape(0)
    let given = try node.integers(1, "axes") ?? node.ints("axes")
    let axes =
      try given.map { try $0.map { try node.normalized($0, rank: shape.count) } }
      ?? shape.indices.filter { shape[$0] == 1 }
    guard axes.allSatisfy({ shape[$0] == 1 }) else { throw node.malformed("axes \(axes) of input \(shape) are not 1") }
    return [try node.builder.reshape(node.input(0), shape.indices.filter { !axes.contains($0) }.map { shape[$0] })]
  }

  static func unsqueeze(_ node: ONNXNode) throws -> [ValueID] {
    guard let given = try node.integers(1, "axes") ?? node.ints("axes") else {
      throw node.malformed("axes are missing")
    }
    let rank = try node.shape(0).count + given.count
    let axes = try given.map { try node.normalized($0, rank: rank) }.sorted()
    guard Set(axes).count == axes.count else { throw node.malformed("axes \(given) repeat") }
    return [try node.builder.unsqueeze(node.input(0), at: axes)]
  }

  static func transpose(_ node: ONNXNode) throws -> [ValueID] {
    let rank = try node.shape(0).count
    let permutation = node.ints("perm") ?? Array((0..<rank).reversed())
    guard permutation.sorted() == Array(0..<rank) else { throw node.malformed("perm \(permutation) for rank \(rank)") }
    return [try node.builder.transpose(node.input(0), permutation)]
  }

  static func concat(_ node: ONNXNode) throws -> [ValueID] {
    let axis = try node.normalized(node.int("axis", default: 1), rank: node.shape(0).count)
    return [try node.builder.concatenate(node.inputs.indices.map { try node.input($0) }, axis: axis)]
  }

  static func split(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let axis = try node.normalized(node.int("axis", default: 0), rank: shape.count)
    let count = node.outputCount
    var sizes = try node.integers(1, "split") ?? node.ints("split") ?? []
    if sizes.isEmpty {
      let size = (shape[axis] + count - 1) / max(count, 1)
      sizes = (0..<count).map { max(0, min(size, shape[axis] - $0 * size)) }
    }
    guard sizes.count == count, sizes.allSatisfy({ $0 >= 0 }), sizes.reduce(0, +) == shape[axis] else {
      throw node.malformed("parts \(sizes) of dimension \(shape[axis])")
    }
    var start = 0
    return try sizes.map { size in
      var (begin, extent) = (Array(repeating: 0, count: shape.count), shape)
      (begin[axis], extent[axis]) = (start, size)
      start += size
      return try builder.slice(node.input(0), begin: begin, size: extent)
    }
  }

  static func slice(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    guard let starts = try node.integers(1, "starts") ?? node.ints("starts"),
      let ends = try node.integers(2, "ends") ?? node.ints("ends"), starts.count == ends.count
    else { throw node.malformed("starts and ends do not fit") }
    let axes = try node.integers(3, "axes") ?? node.ints("axes") ?? Array(starts.indices)
    let steps = try node.integers(4, "steps") ?? Array(repeating: 1, count: starts.count)
    guard axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
      throw node.malformed("axes \(axes) and steps \(steps) do not fit")
    }
    var begin = Array(repeating: 0, count: shape.count)
    var size = shape
    var stride = Array(repeating: 1, count: shape.count)
    var reversed: [Int] = []
    for (index, given) in axes.enumerated() {
      let axis = try node.normalized(given, rank: shape.count)
      let extent = shape[axis]
      let step = steps[index]
      func clamped(_ position: Int, _ range: ClosedRange<Int>) -> Int {
        min(max(position < 0 ? position &+ extent : position, range.lowerBound), range.upperBound)
      }
      if step > 0 {
        let (from, to) = (clamped(starts[index], 0...extent), clamped(ends[index], 0...extent))
        begin[axis] = from
        size[axis] = to <= from ? 0 : (to - from - 1) / step + 1
        stride[axis] = size[axis] > 1 ? step : 1
      } else if extent > 0 {
        let (from, to) = (clamped(starts[index], 0...extent - 1), clamped(ends[index], -1...extent - 1))
        // Backwards: of the reversed dimension, forwards.
        reversed.append(axis)
        begin[axis] = extent - 1 - from
        let magnitude = step == Int.min ? Int.max : -step
        size[axis] = from <= to ? 0 : (from - to - 1) / magnitude + 1
        stride[axis] = size[axis] > 1 ? magnitude : 1
      }
    }
    return [try strided(builder, node.input(0), begin: begin, size: size, stride: stride, reversed: reversed)]
  }

  private static func strided(
    _ builder: GraphBuilder, _ input: ValueID, begin: [Int], size: [Int], stride: [Int], reversed: [Int]
  ) throws -> ValueID {
    var data = input
    for axis in reversed { data = try builder.emit(Operation(.reverse), [data, builder.integers([axis])]) }
    if size.contains(0) { return builder.constant(ConstantBytes([]), type: builder.type(data), shape: size) }
    if stride.allSatisfy({ $0 == 1 }) { return try builder.slice(data, begin: begin, size: size) }
    let end = begin.indices.map { begin[$0] + (size[$0] - 1) * stride[$0] + 1 }
    return try builder.emit(
      .stridedSlice(), [data, builder.integers(begin), builder.integers(end), builder.integers(stride)])
  }

  static func expand(_ node: ONNXNode) throws -> [ValueID] {
    guard let wanted = try node.integers(1, "shape") else { throw node.malformed("its shape is missing") }
    let shape = try node.shape(0)
    let rank = max(shape.count, wanted.count)
    func padded(_ shape: [Int]) -> [Int] { Array(repeating: 1, count: rank - shape.count) + shape }
    let target = zip(padded(shape), padded(wanted)).map { $0 == 1 ? $1 : ($1 == 1 ? $0 : max($0, $1)) }
    return [try node.builder.broadcast(node.input(0), to: target)]
  }

  static func tile(_ node: ONNXNode) throws -> [ValueID] {
    guard let multiples = try node.integers(1, "repeats") else { throw node.malformed("repeats are missing") }
    return [try node.builder.emit(Operation(.tile), [node.input(0), node.builder.integers(multiples)])]
  }

  static func pad(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let type = try node.type(0)
    guard let pads = try node.opset < 11 ? node.ints("pads") : node.integers(1, "pads") else {
      throw node.malformed("pads are missing")
    }
    let axes = try (node.integers(3, "axes") ?? Array(shape.indices)).map { try node.normalized($0, rank: shape.count) }
    guard pads.count == 2 * axes.count, pads.allSatisfy({ (-1 << 30...1 << 30).contains($0) }) else {
      throw node.malformed("\(pads.count) pads for \(axes.count) dimensions")
    }
    var paddings = Array(repeating: (0, 0), count: shape.count)
    for (index, axis) in axes.enumerated() { paddings[axis] = (pads[index], pads[axes.count + index]) }
    // Negative padding is cropping.
    let begin = paddings.map { max(0, -$0.0) }
    let size = shape.indices.map { shape[$0] - begin[$0] - max(0, -paddings[$0].1) }
    guard size.allSatisfy({ $0 >= 0 }) else { throw node.malformed("pads \(pads) crop more than input \(shape) has") }
    let data = try builder.slice(node.input(0), begin: begin, size: size)
    let added = paddings.map { (max(0, $0.0), max(0, $0.1)) }
    switch node.string("mode", default: "constant") {
    case "constant":
      let number = try constantValue(node)
      if number == 0 || added.allSatisfy({ $0 == (0, 0) }) { return [try builder.pad(data, added)] }
      let amounts = builder.integers(added.flatMap { [$0.0, $0.1] }, shape: [added.count, 2])
      return [try builder.emit(Operation(.padV2), [data, amounts, builder.scalar(number, type: type)])]
    case "reflect", "edge", "wrap":
      try node.requireModest(zip(size, added).map { $0 + $1.0 + $1.1 }.max() ?? 0)
      return [try indexed(builder, data, added, mode: node.string("mode", default: ""))]
    case let mode: throw node.unsupported("padding mode '\(mode)'", "use constant, reflect, edge or wrap")
    }
  }

  private static func constantValue(_ node: ONNXNode) throws -> Double {
    if node.opset < 11 { return Double(node.float("value", default: 0)) }
    guard let id = node.optional(2), node.builder.value(id).count > 0 else { return 0 }
    if let floats = node.builder.constantFloats(id) { return Double(floats[0]) }
    guard let integers = node.builder.constantIntegers(id) else { throw node.notConstant(2, "padding value") }
    return Double(integers[0])
  }

  /// Padding that repeats elements: MIRROR_PAD where it is a reflection, otherwise a GATHER along each padded dimension.
  private static func indexed(
    _ builder: GraphBuilder, _ data: ValueID, _ paddings: [(Int, Int)], mode: String
  ) throws -> ValueID {
    let shape = builder.shape(data)
    if mode == "reflect", zip(paddings, shape).allSatisfy({ max($0.0, $0.1) < max($1, 1) }) {
      let amounts = builder.integers(paddings.flatMap { [$0.0, $0.1] }, shape: [paddings.count, 2])
      return try builder.emit(.mirrorPad(isSymmetric: false), [data, amounts])
    }
    var result = data
    for (axis, padding) in paddings.enumerated() where padding != (0, 0) {
      let extent = max(shape[axis], 1)
      let indices = (-padding.0..<shape[axis] + padding.1).map { position -> Int in
        switch mode {
        case "edge": return min(max(position, 0), extent - 1)
        case "wrap": return ((position % extent) + extent) % extent
        default:
          let period = max(2 * (extent - 1), 1)
          let place = ((position % period) + period) % period
          return place < extent ? place : period - place
        }
      }
      result = try builder.emit(.gather(axis: axis), [result, builder.integers(indices)])
    }
    return result
  }

  /// ONNX counts blocks by depth first (DCR) or columns first (CRD).
  static func depthToSpace(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let block = node.int("blocksize", default: 1)
    guard shape.count == 4, block > 0, block < 1 << 15, shape[1] % (block * block) == 0 else {
      throw node.malformed("blocks of \(block) for input \(shape)")
    }
    var rows = try builder.transpose(node.input(0), [0, 2, 3, 1])
    let depth = shape[1] / (block * block)
    if node.string("mode", default: "DCR") == "CRD", depth > 1, block > 1 {
      // The file format has the channels of a place in the block next to each other.
      let order = (0..<shape[1]).map { $0 % depth * block * block + $0 / depth }
      rows = try builder.emit(.gather(axis: 3), [rows, builder.integers(order)])
    }
    return [try builder.transpose(builder.emit(.blocks(.depthToSpace, size: block), [rows]), [0, 3, 1, 2])]
  }

  static func spaceToDepth(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let block = node.int("blocksize", default: 1)
    guard shape.count == 4, block > 0, shape[2] % block == 0, shape[3] % block == 0 else {
      throw node.malformed("blocks of \(block) for input \(shape)")
    }
    let rows = try builder.transpose(node.input(0), [0, 2, 3, 1])
    return [try builder.transpose(builder.emit(.blocks(.spaceToDepth, size: block), [rows]), [0, 3, 1, 2])]
  }

  static func reverseSequence(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let (batch, time) = (node.int("batch_axis", default: 1), node.int("time_axis", default: 0))
    guard let lengths = try node.integers(1, "sequence lengths"), shape.count >= 2, batch + time == 1,
      lengths.count == shape[batch], lengths.allSatisfy({ (0...shape[time]).contains($0) })
    else { throw node.malformed("sequence lengths do not fit input \(shape)") }
    let parts = try lengths.enumerated().map { index, length in
      var (begin, size) = (Array(repeating: 0, count: shape.count), shape)
      (begin[batch], size[batch]) = (index, 1)
      let row = try builder.slice(node.input(0), begin: begin, size: size)
      let order = Array((0..<length).reversed()) + Array(length..<shape[time])
      return try builder.emit(.gather(axis: time), [row, builder.integers(order)])
    }
    return [try builder.concatenate(parts, axis: batch)]
  }

  static func cumsum(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    guard let axis = try node.integers(1, "axis")?.first else { throw node.malformed("its axis is missing") }
    let normalized = try node.normalized(axis, rank: node.shape(0).count)
    return [
      try builder.emit(
        .cumsum(
          isExclusive: node.int("exclusive", default: 0) == 1, isReversed: node.int("reverse", default: 0) == 1),
        [node.input(0), builder.scalar(Double(normalized), type: .int32)])
    ]
  }

  /// Products of all numbers before, each step of twice as many: the file format only has sums.
  static func cumprod(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    guard let stated = try node.integers(1, "axis")?.first else { throw node.malformed("its axis is missing") }
    let shape = try node.shape(0)
    let axis = try node.normalized(stated, rank: shape.count)
    let isReversed = node.int("reverse", default: 0) == 1
    // What lies `distance` before each number; ones where there is nothing.
    func before(_ input: ValueID, _ distance: Int) throws -> ValueID {
      let kept = max(shape[axis] - distance, 0)
      var (begin, size) = (shape.map { _ in 0 }, shape)
      (begin[axis], size[axis]) = (isReversed ? shape[axis] - kept : 0, kept)
      var paddings = shape.map { _ in (0, 0) }
      paddings[axis] = isReversed ? (0, shape[axis] - kept) : (shape[axis] - kept, 0)
      return try builder.pad(builder.slice(input, begin: begin, size: size), paddings, with: 1)
    }
    var result = try node.input(0)
    if node.int("exclusive", default: 0) == 1 { result = try before(result, 1) }
    var distance = 1
    while distance < shape[axis] {
      result = try builder.mul(result, before(result, distance))
      distance *= 2
    }
    return [result]
  }
}
