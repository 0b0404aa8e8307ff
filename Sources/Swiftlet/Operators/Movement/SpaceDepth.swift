import ModelFormat

/// SPACE_TO_DEPTH and DEPTH_TO_SPACE on (batch, height, width, channels): squares of `block_size` x `block_size` pixels
/// become pixels of as many times the channels, row by row, and back.
package enum SpaceDepth: MovementOperator {
  private struct Blocks {
    let size: Int
    /// The shape whose pixels are in blocks.
    let wide: Shape
    /// The shape whose pixels hold blocks.
    let deep: Shape
  }

  private static func toDepth(_ node: Node) -> Bool { node.code.builtin == 26 }

  private static func blocks(_ node: Node) throws(PrepareError) -> Blocks {
    let shape = try node.input(0).shape
    let size = node.options.int32(0)
    guard shape.rank == 4 else {
      throw PrepareError(.shapeMismatch, .input(0), field: "rank", found: .int(shape.rank), expected: .int(4))
    }
    guard size >= 1, size < 1 << 15 else {
      throw PrepareError(.optionInvalid, field: "block_size", found: .int(size), expected: .int(1))
    }
    let (rows, columns, channels) = (shape[1], shape[2], shape[3])
    let other: Shape?
    if toDepth(node) {
      guard rows % size == 0, columns % size == 0 else { throw indivisible(shape) }
      other = Shape(of: shape[0], rows / size, columns / size, channels.multipliedSaturated(by: size * size))
    } else {
      guard channels % (size * size) == 0 else { throw indivisible(shape) }
      other = Shape(
        of: shape[0], rows.multipliedSaturated(by: size), columns.multipliedSaturated(by: size),
        channels / (size * size))
    }
    guard let other else {
      throw PrepareError(.shapeUnsupported, .output(0), field: "shape", remedy: "more elements than fit")
    }
    return toDepth(node) ? Blocks(size: size, wide: shape, deep: other) : Blocks(size: size, wide: other, deep: shape)
  }

  private static func indivisible(_ shape: Shape) -> PrepareError {
    PrepareError(.shapeMismatch, .input(0), found: .shape(shape), remedy: "the block size does not divide it")
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let blocks = try blocks(node)
    try node.setOutput(0, shape: toDepth(node) ? blocks.deep : blocks.wide)
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let blocks = try blocks(node)
    let wide = blocks.wide.byteStrides(elementBytes: bytes)
    let deep = blocks.deep.byteStrides(elementBytes: bytes)
    let channels = blocks.wide[3]
    // Each loop: count, stride among pixels in blocks, stride among pixels that hold blocks.
    let batch = (blocks.deep[0], wide[0], deep[0])
    let row = (blocks.deep[1], wide[1] &* blocks.size, deep[1])
    let column = (blocks.deep[2], wide[2] &* blocks.size, deep[2])
    let blockRow = (blocks.size, wide[1], blocks.size &* channels &* bytes)
    let blockColumn = (blocks.size, wide[2], channels &* bytes)
    let channel = (channels, bytes, bytes)
    let isToDepth = toDepth(node)
    let copy = StridedCopy(6, elementBytes: bytes) { index in
      let (count, wide, deep) =
        switch index {
        case 0: batch
        case 1: row
        case 2: isToDepth ? column : blockRow
        case 3: isToDepth ? blockRow : column
        case 4: blockColumn
        default: channel
        }
      return StridedCopy.Loop(count, source: isToDepth ? wide : deep, destination: isToDepth ? deep : wide)
    }
    moves.add(copy, from: input, to: output, of: node)
  }
}
