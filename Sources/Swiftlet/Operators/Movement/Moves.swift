import ModelFormat

/// The plan of every operator that only moves bytes: copies, made one after another.
package struct Moves: Sendable {
  private struct Move: Sendable {
    let source, destination: Operand
    var copy: StridedCopy
  }

  private var moves: [Move] = []
  /// Bytes of an element, for operators that follow other shapes.
  var elementBytes = 1

  package init() {}

  /// Forgets the copies, so that others can take their place in the same memory.
  mutating func removeAll() { moves.removeAll(keepingCapacity: true) }

  /// Makes room for `count` copies, so that one after the other needs no larger place.
  mutating func reserve(_ count: Int) { moves.reserveCapacity(count) }

  /// Adds a copy between any two operands, scratch memory included.
  mutating func add(_ copy: StridedCopy, from source: Operand, to destination: Operand) {
    moves.append(Move(source: source, destination: destination, copy: copy))
  }

  /// Makes copy `index` the one that `StridedCopy` makes of these loops.
  mutating func rebuild(
    move index: Int = 0, _ count: Int, elementBytes: Int, sourceOffset: Int = 0, destinationOffset: Int = 0,
    _ loop: (Int) -> StridedCopy.Loop
  ) {
    moves[index].copy.rebuild(
      count, elementBytes: elementBytes, sourceOffset: sourceOffset, destinationOffset: destinationOffset, loop)
  }

  /// Adds a copy between two tensors; one that moves all of a tensor in one piece becomes a view where the planner
  /// agrees.
  mutating func add(_ copy: StridedCopy, from source: Tensor, to destination: Tensor, of node: Node) {
    if copy.isContiguous, copy.runBytes > 0 {
      if copy.runBytes == destination.byteCount {
        node.allowView(destination, inside: source, at: copy.sourceOffset)
      } else if copy.runBytes == source.byteCount {
        node.allowView(source, inside: destination, at: copy.destinationOffset)
      }
    }
    add(copy, from: node.operand(source), to: node.operand(destination))
  }

  /// Whether every copy is one of bytes to themselves.
  func areIdle(_ places: Places) -> Bool {
    moves.allSatisfy { move in
      move.copy.runBytes == 0
        || move.copy.isContiguous
          && places.coincide(
            move.source, move.destination, firstOffset: move.copy.sourceOffset,
            secondOffset: move.copy.destinationOffset)
    }
  }

  package func run(_ invocation: borrowing Invocation) {
    for index in moves.indices {  // iterating over the elements would allocate in debug builds
      let source = unsafe invocation.pointer(moves[index].source)
      let destination = unsafe invocation.pointer(moves[index].destination)
      if moves[index].copy.isContiguous {  // without a copy of the loops
        let from = unsafe source + moves[index].copy.sourceOffset
        let to = unsafe destination + moves[index].copy.destinationOffset
        if unsafe from != to { unsafe to.copyMemory(from: from, byteCount: moves[index].copy.runBytes) }
      } else {
        unsafe moves[index].copy.run(from: source, to: destination, invocation)
      }
    }
  }
}

/// An operator whose plan is nothing but copies.
package protocol MovementOperator: Operator where Plan == Moves {
  /// Checks the operands and adds the copies to `moves`, which has none. Makes no arrays.
  static func add(to moves: inout Moves, _ node: Node) throws(PrepareError)
}

extension MovementOperator {
  package static func step(_ plan: Moves, node: Int) -> Step {
    Step(node: node, isIdle: { plan.areIdle($0) }) { plan.run($0) }
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Moves {
    var moves = Moves()
    try add(to: &moves, node)
    return moves
  }

  package static func replan(_ plan: inout Moves, _ node: Node) throws(PrepareError) {
    plan.removeAll()
    try add(to: &plan, node)
  }

  package static func run(_ plan: Moves, _ invocation: borrowing Invocation) { plan.run(invocation) }
}
