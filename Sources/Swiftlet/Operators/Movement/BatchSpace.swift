import ModelFormat

/// SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: blocks of positions along the dimensions behind the first become batches, and
/// back.
///
/// Inputs: data; the block shape, a constant vector of M sizes; [M, 2] constant counts of elements to add before the one
/// and to drop after the other. Added elements are zero, in 8-bit tensors the output's zero point.
package enum BatchSpace: MovementOperator {
  private struct Blocks {
    let sizes: [Int]
    let margins: [(before: Int, after: Int)]
    /// The shape with margins, whose positions are in blocks.
    let whole: Shape
    /// The shape with more batches.
    let batched: Shape
  }

  private static func toBatch(_ node: Node) -> Bool { node.code.builtin == 38 }

  private static func blocks(_ node: Node) throws(PrepareError) -> Blocks {
    let shape = try node.input(0).shape
    let sizes = try node.shapeIntegers(1)
    guard sizes.count >= 1, sizes.count < shape.rank else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "number of elements", found: .int(sizes.count), expected: .int(shape.rank - 1)
      )
    }
    if let size = sizes.first(where: { $0 < 1 || $0 > Int(Int32.max) }) {
      throw PrepareError(.valueInvalid, .input(1), field: "block size", found: .int(size), expected: .int(1))
    }
    let margins = try margins(node, count: sizes.count)
    let product = sizes.reduce(1) { $0.multipliedSaturated(by: $1) }
    return toBatch(node)
      ? try split(shape, sizes, margins, product) : try join(shape, sizes, margins, product)
  }

  private static func margins(_ node: Node, count: Int) throws(PrepareError) -> [(before: Int, after: Int)] {
    let shape = try node.input(2).shape
    guard shape.rank == 2, shape[0] == count, shape[1] == 2 else {
      throw PrepareError(
        .shapeMismatch, .input(2), found: .shape(shape), expected: Shape([count, 2]).map { .shape($0) } ?? .none)
    }
    let values = try node.shapeIntegers(2)
    if let value = values.first(where: { $0 < 0 || $0 > Int(Int32.max) }) {
      throw PrepareError(.valueInvalid, .input(2), field: "margin", found: .int(value), expected: .int(0))
    }
    return (0..<count).map { (values[2 * $0], values[2 * $0 + 1]) }
  }

  private static func split(
    _ shape: Shape, _ sizes: [Int], _ margins: [(before: Int, after: Int)], _ product: Int
  ) throws(PrepareError) -> Blocks {
    var whole = shape.dimensions
    var batched = shape.dimensions
    batched[0] = batched[0].multipliedSaturated(by: product)
    for (index, size) in sizes.enumerated() {
      whole[index + 1] = whole[index + 1].addingSaturated(margins[index].before + margins[index].after)
      guard whole[index + 1] % size == 0 else {
        throw PrepareError(
          .shapeMismatch, .input(0), field: "padded dimension", found: .int(whole[index + 1]), expected: .int(size),
          remedy: "the block size does not divide it")
      }
      batched[index + 1] = whole[index + 1] / size
    }
    return try Blocks(sizes: sizes, margins: margins, whole: require(whole), batched: require(batched))
  }

  private static func join(
    _ shape: Shape, _ sizes: [Int], _ margins: [(before: Int, after: Int)], _ product: Int
  ) throws(PrepareError) -> Blocks {
    guard shape[0] % product == 0 else {
      throw PrepareError(
        .shapeMismatch, .input(0), field: "batches", found: .int(shape[0]), expected: .int(product),
        remedy: "the block size does not divide them")
    }
    var whole = shape.dimensions
    whole[0] /= product
    for (index, size) in sizes.enumerated() {
      whole[index + 1] = whole[index + 1].multipliedSaturated(by: size)
      guard margins[index].before + margins[index].after <= whole[index + 1] else {
        throw PrepareError(
          .valueInvalid, .input(2), field: "crop", found: .int(margins[index].before + margins[index].after),
          expected: .int(whole[index + 1]))
      }
    }
    return try Blocks(sizes: sizes, margins: margins, whole: require(whole), batched: shape)
  }

  private static func require(_ dimensions: [Int]) throws(PrepareError) -> Shape {
    guard let shape = Shape(dimensions) else {
      throw PrepareError(.shapeUnsupported, .output(0), field: "shape", remedy: "more elements than fit")
    }
    return shape
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    let blocks = try blocks(node)
    guard !toBatch(node) else { return try node.setOutput(0, shape: blocks.batched) }
    var dimensions = blocks.whole.dimensions
    for (index, margin) in blocks.margins.enumerated() { dimensions[index + 1] -= margin.before + margin.after }
    try node.setOutput(0, shape: Shape(dimensions))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Moves {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let blocks = try blocks(node)
    let hasMargins = blocks.margins.contains { $0.before + $0.after > 0 }
    let loops = loops(blocks, elementBytes: bytes, toBatch: toBatch(node))
    var moves = Moves()
    guard hasMargins else {
      moves.add(StridedCopy(loops, elementBytes: bytes), from: input, to: output, of: node)
      return moves
    }
    let small = toBatch(node) ? input : output
    let rest = Array(repeating: (before: 0, after: 0), count: blocks.whole.rank - 1 - blocks.sizes.count)
    let layout = PaddedLayout(
      inner: small.shape, outer: blocks.whole, paddings: [(0, 0)] + blocks.margins + rest, elementBytes: bytes)
    guard let wholeBytes = small.type.byteCount(of: blocks.whole.elementCount) else {
      throw PrepareError(.shapeUnsupported, .output(0), field: "shape", found: .shape(blocks.whole))
    }
    let whole = node.scratch(wholeBytes)
    if toBatch(node) {
      moves.add(layout.interior, from: node.operand(input), to: whole)
      let zero = try node.zeros(of: output, byteCount: layout.valueBytes)
      for border in layout.borders(valueBytes: layout.valueBytes) { moves.add(border, from: zero, to: whole) }
      moves.add(StridedCopy(loops, elementBytes: bytes), from: whole, to: node.operand(output))
    } else {
      moves.add(StridedCopy(loops, elementBytes: bytes), from: node.operand(input), to: whole)
      moves.add(layout.interior.reversed, from: whole, to: node.operand(output))
    }
    return moves
  }

  /// Batch `b` of block position `p` holds the positions that are `p` behind a multiple of the block size.
  private static func loops(_ blocks: Blocks, elementBytes: Int, toBatch: Bool) -> [StridedCopy.Loop] {
    let whole = blocks.whole.byteStrides(elementBytes: elementBytes)
    let batched = blocks.batched.byteStrides(elementBytes: elementBytes)
    let count = blocks.sizes.count
    // Each loop: count, stride in the whole shape, stride in the batched one.
    var positions: [(Int, Int, Int)] = []
    var step = blocks.whole[0] &* batched[0]
    for index in stride(from: count - 1, through: 0, by: -1) {
      positions.insert((blocks.sizes[index], whole[index + 1], step), at: 0)
      step = step &* blocks.sizes[index]
    }
    let batches = (blocks.whole[0], whole[0], batched[0])
    let spaces = (0..<count).map { (blocks.batched[$0 + 1], whole[$0 + 1] &* blocks.sizes[$0], batched[$0 + 1]) }
    let rest = (count + 1..<blocks.whole.rank).map { (blocks.whole[$0], whole[$0], batched[$0]) }
    let order =
      toBatch
      ? positions + [batches] + spaces + rest : [batches] + zip(spaces, positions).flatMap { [$0, $1] } + rest
    return order.map { count, whole, batched in
      StridedCopy.Loop(count, source: toBatch ? whole : batched, destination: toBatch ? batched : whole)
    }
  }
}
