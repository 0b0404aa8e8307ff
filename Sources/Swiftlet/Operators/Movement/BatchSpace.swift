import ModelFormat

/// SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: blocks of positions along the dimensions behind the first become batches, and
/// back.
///
/// Inputs: data; the block shape, a constant vector of M sizes; [M, 2] constant counts of elements to add before the one
/// and to drop after the other. Added elements are zero, in 8-bit tensors the output's zero point.
package enum BatchSpace: MovementOperator {
  private struct Blocks {
    let sizes: ByAxis
    let margins: Margins
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
    var product = 1
    for index in 0..<sizes.count {
      guard sizes[index] >= 1, sizes[index] <= Int(Int32.max) else {
        throw PrepareError(.valueInvalid, .input(1), field: "block size", found: .int(sizes[index]), expected: .int(1))
      }
      product = product.multipliedSaturated(by: sizes[index])
    }
    let margins = try margins(node, count: sizes.count)
    return toBatch(node)
      ? try split(shape, sizes.byAxis, margins, product) : try join(shape, sizes.byAxis, margins, product)
  }

  private static func margins(_ node: Node, count: Int) throws(PrepareError) -> Margins {
    let shape = try node.input(2).shape
    guard shape.rank == 2, shape[0] == count, shape[1] == 2 else {
      throw PrepareError(
        .shapeMismatch, .input(2), found: .shape(shape), expected: Shape(of: count, 2).map { .shape($0) } ?? .none)
    }
    let values = try node.shapeIntegers(2)
    for index in 0..<values.count where values[index] < 0 || values[index] > Int(Int32.max) {
      throw PrepareError(.valueInvalid, .input(2), field: "margin", found: .int(values[index]), expected: .int(0))
    }
    return Margins(count: count) { (values[2 * $0], values[2 * $0 + 1]) }
  }

  private static func split(
    _ shape: Shape, _ sizes: ByAxis, _ margins: Margins, _ product: Int
  ) throws(PrepareError) -> Blocks {
    var whole = shape.byAxis
    var batched = shape.byAxis
    batched[0] = batched[0].multipliedSaturated(by: product)
    for index in 0..<sizes.count {
      let size = sizes[index]
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
    _ shape: Shape, _ sizes: ByAxis, _ margins: Margins, _ product: Int
  ) throws(PrepareError) -> Blocks {
    guard shape[0] % product == 0 else {
      throw PrepareError(
        .shapeMismatch, .input(0), field: "batches", found: .int(shape[0]), expected: .int(product),
        remedy: "the block size does not divide them")
    }
    var whole = shape.byAxis
    whole[0] /= product
    for index in 0..<sizes.count {
      whole[index + 1] = whole[index + 1].multipliedSaturated(by: sizes[index])
      guard margins[index].before + margins[index].after <= whole[index + 1] else {
        throw PrepareError(
          .valueInvalid, .input(2), field: "crop", found: .int(margins[index].before + margins[index].after),
          expected: .int(whole[index + 1]))
      }
    }
    return try Blocks(sizes: sizes, margins: margins, whole: require(whole), batched: shape)
  }

  private static func require(_ dimensions: ByAxis) throws(PrepareError) -> Shape {
    guard let shape = Shape(dimensions) else {
      throw PrepareError(.shapeUnsupported, .output(0), field: "shape", remedy: "more elements than fit")
    }
    return shape
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    let blocks = try blocks(node)
    guard !toBatch(node) else { return try node.setOutput(0, shape: blocks.batched) }
    var dimensions = blocks.whole.byAxis
    for index in 0..<blocks.margins.count {
      dimensions[index + 1] -= blocks.margins[index].before + blocks.margins[index].after
    }
    try node.setOutput(0, shape: Shape(dimensions))
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let blocks = try blocks(node)
    let copy = copy(blocks, elementBytes: bytes, toBatch: toBatch(node))
    guard blocks.margins.hasAny else { return moves.add(copy, from: input, to: output, of: node) }
    let small = toBatch(node) ? input : output
    let paddings = Margins(count: blocks.whole.rank) { axis in
      axis >= 1 && axis <= blocks.margins.count ? blocks.margins[axis - 1] : (0, 0)
    }
    let layout = PaddedLayout(
      inner: small.shape, outer: blocks.whole, paddings: paddings, elementBytes: bytes)
    guard let wholeBytes = small.type.byteCount(of: blocks.whole.elementCount) else {
      throw PrepareError(.shapeUnsupported, .output(0), field: "shape", found: .shape(blocks.whole))
    }
    let whole = node.scratch(wholeBytes)
    if toBatch(node) {
      moves.add(layout.interior, from: node.operand(input), to: whole)
      let zero = try node.zeros(of: output, byteCount: layout.valueBytes)
      layout.forEachBorder(valueBytes: layout.valueBytes) { moves.add($0, from: zero, to: whole) }
      moves.add(copy, from: whole, to: node.operand(output))
    } else {
      moves.add(copy, from: node.operand(input), to: whole)
      moves.add(layout.interior.reversed, from: whole, to: node.operand(output))
    }
  }

  /// Batch `b` of block position `p` holds the positions that are `p` behind a multiple of the block size.
  private static func copy(_ blocks: Blocks, elementBytes: Int, toBatch: Bool) -> StridedCopy {
    let whole = blocks.whole.byteStrides(elementBytes: elementBytes)
    let batched = blocks.batched.byteStrides(elementBytes: elementBytes)
    let count = blocks.sizes.count
    /// Count, stride in the whole shape, and stride in the batched one.
    func batches() -> (Int, Int, Int) { (blocks.whole[0], whole[0], batched[0]) }
    func position(_ index: Int) -> (Int, Int, Int) {
      var step = blocks.whole[0] &* batched[0]
      for inner in index + 1..<count { step = step &* blocks.sizes[inner] }
      return (blocks.sizes[index], whole[index + 1], step)
    }
    func space(_ index: Int) -> (Int, Int, Int) {
      (blocks.batched[index + 1], whole[index + 1] &* blocks.sizes[index], batched[index + 1])
    }
    func loop(_ index: Int) -> (Int, Int, Int) {
      if index > 2 * count {
        let axis = index - count
        return (blocks.whole[axis], whole[axis], batched[axis])
      }
      guard toBatch else {
        return index == 0 ? batches() : index % 2 == 1 ? space(index / 2) : position(index / 2 - 1)
      }
      return index < count ? position(index) : index == count ? batches() : space(index - count - 1)
    }
    return StridedCopy(blocks.whole.rank + count, elementBytes: elementBytes) { index in
      let (count, whole, batched) = loop(index)
      return StridedCopy.Loop(count, source: toBatch ? whole : batched, destination: toBatch ? batched : whole)
    }
  }
}
