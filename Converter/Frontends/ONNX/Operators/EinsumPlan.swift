internal import ModelFormat

/// An Einstein summation of one or two operands, as reductions, transposes and a batch of matrix products.
struct EinsumPlan {
  private let operands: [[Character]]
  private let result: [Character]
  private let sizes: [Character: Int]

  /// `nil` for equations of another form: more operands, or a dimension twice in one operand.
  init?(_ equation: String, shapes: [[Int]]) {
    let sides = equation.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard terms.count == shapes.count, (1...2).contains(terms.count) else { return nil }
    let ellipsis = zip(terms, shapes).map { term, shape in
      term.contains("...") ? shape.count - term.filter { $0 != "." }.count : 0
    }
    guard let longest = ellipsis.max(), longest >= 0, longest < 8, ellipsis.allSatisfy({ $0 >= 0 }) else { return nil }
    // Dimensions of the ellipsis are named by digits, the last one 0.
    func expanded(_ term: String, _ count: Int) -> [Character] {
      Array(term.replacing("...", with: String((0..<count).reversed().map { Character("\($0)") })))
    }
    operands = zip(terms, ellipsis).map { expanded($0, $1) }
    var sizes: [Character: Int] = [:]
    for (names, shape) in zip(operands, shapes) {
      guard names.count == shape.count, Set(names).count == names.count else { return nil }
      for (name, size) in zip(names, shape) {
        guard sizes[name, default: size] == size || size == 1 || sizes[name] == 1 else { return nil }
        sizes[name] = max(size, sizes[name] ?? 1)
      }
    }
    self.sizes = sizes
    if sides.count == 2, sides[1].hasPrefix(">") {
      result = expanded(String(sides[1].dropFirst()), longest)
    } else {
      let all = operands.flatMap { $0 }
      let once = Set(all).filter { name in name.isNumber || all.filter { $0 == name }.count == 1 }
      result = once.sorted {
        ($0.isNumber ? 0 : 1, $0.isNumber ? "9" - $0 : $0) < ($1.isNumber ? 0 : 1, $1.isNumber ? "9" - $1 : $1)
      }
    }
    guard result.allSatisfy({ sizes[$0] != nil }), Set(result).count == result.count else { return nil }
  }

  func emit(_ builder: GraphBuilder, _ inputs: [ValueID]) throws -> ValueID {
    let kept = Set(result)
    var names = operands
    var values = inputs
    for index in values.indices {
      let others = Set(names.indices.filter { $0 != index }.flatMap { names[$0] })
      let summed = names[index].indices.filter {
        !kept.contains(names[index][$0]) && !others.contains(names[index][$0])
      }
      if !summed.isEmpty {
        values[index] = try builder.reduce(.sum, values[index], axes: summed, keepsDimensions: false)
        names[index] = names[index].indices.filter { !summed.contains($0) }.map { names[index][$0] }
      }
    }
    guard values.count == 2 else { return try arranged(builder, values[0], names[0], result) }
    let shared = Set(names[0]).intersection(names[1])
    let batch = result.filter { shared.contains($0) }
    let contracted = names[0].filter { shared.contains($0) && !kept.contains($0) }
    let left = names[0].filter { !shared.contains($0) }
    let right = names[1].filter { !shared.contains($0) }
    let a = try matrix(builder, values[0], names[0], batch, left, contracted)
    let b = try matrix(builder, values[1], names[1], batch, contracted, right)
    let product = try builder.emit(.batchMatMul(), [a, b])
    let full = batch + left + right
    return try arranged(builder, builder.reshape(product, full.map { sizes[$0] ?? 1 }), full, result)
  }

  private func arranged(
    _ builder: GraphBuilder, _ value: ValueID, _ names: [Character], _ wanted: [Character]
  ) throws -> ValueID {
    try builder.transpose(value, wanted.compactMap { names.firstIndex(of: $0) })
  }

  /// The value as a batch of matrices with `rows` and `columns`.
  private func matrix(
    _ builder: GraphBuilder, _ value: ValueID, _ names: [Character], _ batch: [Character], _ rows: [Character],
    _ columns: [Character]
  ) throws -> ValueID {
    let wanted = batch + rows + columns
    let full = try builder.broadcast(arranged(builder, value, names, wanted), to: wanted.map { sizes[$0] ?? 1 })
    let count = { (names: [Character]) in names.reduce(1) { $0 * (sizes[$1] ?? 1) } }
    return try builder.reshape(full, [count(batch), count(rows), count(columns)])
  }
}

/// The digit that ends a descending order.
private func - (a: Character, b: Character) -> Character {
  Character("\((a.wholeNumberValue ?? 9) - (b.wholeNumberValue ?? 0))")
}
