import ModelFormat

/// TRANSPOSE: output dimension `i` is input dimension `perm[i]`.
///
/// Inputs: data of any type of whole bytes; `perm`, a constant permutation of `0..<rank`, negative values counting from
/// the end. One that only moves dimensions of size 1 is a view.
package enum Transpose: MovementOperator, AdaptableOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let input = try node.input(0)
    let permutation = try permutation(node, rank: input.rank)
    try node.setOutput(0, shape: Shape(rank: input.rank) { input.shape[permutation[$0]] })
  }

  private static func permutation(_ node: Node, rank: Int) throws(PrepareError) -> ByAxis {
    var permutation = try node.shapeIntegers(1, count: rank).byAxis
    var taken = 0
    for position in 0..<rank {
      let value = permutation[position]
      let axis = value < 0 ? value &+ rank : value
      guard axis >= 0, axis < rank, taken & 1 << axis == 0 else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "permutation", found: .int(value),
          remedy: "each dimension of the input has to occur once")
      }
      taken |= 1 << axis
      permutation[position] = axis
    }
    return permutation
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let from = input.shape.byteStrides(elementBytes: bytes)
    let to = output.shape.byteStrides(elementBytes: bytes)
    let permutation = try permutation(node, rank: input.rank)
    let copy = StridedCopy(input.rank, elementBytes: bytes) { index in
      let axis = permutation[index]
      return StridedCopy.Loop(input.shape[axis], source: from[axis], destination: to[index])
    }
    moves.add(copy, from: input, to: output, of: node)
    moves.elementBytes = bytes
  }

  package static func adapt(_ plan: inout Moves, to shapes: RunTimeShapes) -> Bool {
    let (shape, bytes) = (shapes.shape(0), plan.elementBytes)
    var axes: InlineArray<8, Int> = InlineArray(repeating: 0)
    var taken = 0
    guard shapes.shape(1).elementCount == shape.rank else { return false }
    for position in 0..<shape.rank {
      guard let value = shapes.integer(1, position), let axis = shape.normalized(axis: value), taken & 1 << axis == 0
      else { return false }
      axes[position] = axis
      taken |= 1 << axis
    }
    guard let output = Shape(rank: shape.rank, { shape[axes[$0]] }) else { return false }
    plan.rebuild(shape.rank, elementBytes: bytes) { index in
      StridedCopy.Loop(
        output[index], source: shape.byteStride(axes[index], elementBytes: bytes),
        destination: output.byteStride(index, elementBytes: bytes))
    }
    return shapes.set(0, to: output)
  }
}
