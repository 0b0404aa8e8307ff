/// Checks that no subgraph calls itself through others, and that calls nest no deeper than `depth`.
///
/// - Parameter calls: for each subgraph the subgraphs that its operators call.
func verifyCalls(_ calls: [[Int]], depth: Int) throws(FormatError) {
  var heights = Array(repeating: CallHeight.unknown, count: calls.count)
  for start in calls.indices where heights[start] == .unknown {
    try measure(start, calls, depth, &heights)
  }
}

private enum CallHeight: Equatable {
  case unknown, underway
  /// How many subgraphs the longest chain of calls has, this one included.
  case known(Int)
}

/// Depth-first, with a stack of its own: the file decides how long a chain is.
private func measure(
  _ start: Int, _ calls: [[Int]], _ depth: Int, _ heights: inout [CallHeight]
) throws(FormatError) {
  var stack = [(subgraph: start, next: 0, height: 1)]
  heights[start] = .underway
  while let top = stack.last {
    guard top.next < calls[top.subgraph].count else {
      stack.removeLast()
      heights[top.subgraph] = .known(top.height)
      try raise(&stack, above: top.height, depth)
      continue
    }
    stack[stack.count - 1].next += 1
    let callee = calls[top.subgraph][top.next]
    switch heights[callee] {
    case .unknown:
      heights[callee] = .underway
      stack.append((callee, 0, 1))
    case .underway:
      throw FormatError(
        .callCycle, found: .text("a call that leads back"), expected: .text("calls that end"),
        subject: .subgraph(callee))
    case .known(let height):
      try raise(&stack, above: height, depth)
    }
  }
}

private func raise(
  _ stack: inout [(subgraph: Int, next: Int, height: Int)], above height: Int, _ depth: Int
) throws(FormatError) {
  guard let top = stack.last else { return }
  stack[stack.count - 1].height = max(top.height, height + 1)
  guard stack[stack.count - 1].height <= depth else {
    throw FormatError(
      .limitExceeded, "calls between subgraphs", found: .count(height + 1), expected: .atMost(Int64(depth)),
      subject: .subgraph(top.subgraph))
  }
}
