import ModelFormat

/// MIRROR_PAD: the input with its mirror image around it.
///
/// Inputs: data; paddings, a constant [rank, 2]. Option `mode`: REFLECT (0) mirrors at the centre of the outermost element
/// and pads less than the dimension, SYMMETRIC (1) at its edge and pads at most the dimension.
package enum MirrorPad: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let shape = try node.input(0).shape
    let paddings = try Pad.paddings(node, rank: shape.rank)
    let mode = node.options.int8(0)
    guard mode == 0 || mode == 1 else { throw PrepareError(.optionInvalid, field: "mode", found: .int(mode)) }
    for axis in 0..<shape.rank {
      let limit = mode == 0 ? max(0, shape[axis] - 1) : shape[axis]
      guard max(paddings[axis].before, paddings[axis].after) <= limit else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "padding",
          found: .int(max(paddings[axis].before, paddings[axis].after)), expected: .int(limit))
      }
    }
    try node.setOutput(0, shape: try Pad.paddedShape(shape, paddings))
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let layout = PaddedLayout(
      inner: input.shape, outer: output.shape, paddings: try Pad.paddings(node, rank: input.rank), elementBytes: bytes)
    moves.reserve(1 + layout.paddings.borderCount)
    moves.add(layout.interior, from: input, to: output, of: node)
    let isSymmetric = node.options.int8(0) == 1
    var axis = input.rank
    while axis > 0 {
      axis -= 1
      addMirrors(axis, layout, isSymmetric: isSymmetric) { mirror in
        moves.add(mirror, from: node.operand(output), to: node.operand(output))
      }
    }
  }

  /// Copies inside the output that fill the borders of dimension `axis`, those of later dimensions being filled.
  private static func addMirrors(
    _ axis: Int, _ layout: PaddedLayout, isSymmetric: Bool, _ body: (StridedCopy) -> Void
  ) {
    let strides = layout.outer.byteStrides(elementBytes: layout.elementBytes)
    let (before, after) = layout.paddings[axis]
    let dimension = layout.inner[axis]
    let skip = isSymmetric ? 0 : 1
    func copy(count: Int, to destination: Int, step: Int, from source: Int) -> StridedCopy {
      let base = layout.start(upTo: axis)
      return StridedCopy(
        strides.count, elementBytes: layout.elementBytes, sourceOffset: base &+ source &* strides[axis],
        destinationOffset: base &+ destination &* strides[axis]
      ) { index in
        index == axis
          ? StridedCopy.Loop(count, source: -step &* strides[axis], destination: step &* strides[axis])
          : StridedCopy.Loop(
            layout.slab(axis, count: count, index), source: strides[index], destination: strides[index])
      }
    }
    if before > 0 { body(copy(count: before, to: before - 1, step: -1, from: before + skip)) }
    if after > 0 {
      body(copy(count: after, to: before + dimension, step: 1, from: before + dimension - 1 - skip))
    }
  }
}
