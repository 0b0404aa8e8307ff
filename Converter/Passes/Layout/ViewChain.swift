/// What a chain of RESHAPE and TRANSPOSE does to a tensor: its elements, seen as factors of the source's dimensions, in
/// another order and grouped into another shape.
///
/// [1, 6, 4] reshaped to [3, 2, 4] and transposed to [2, 3, 4] has the factors 3, 2, 4 of the source in the order 1, 0, 2.
struct ViewChain {
  /// The factors of the source, outermost first; none is one.
  private(set) var factors: [Int]
  /// Which dimension of the source each factor belongs to.
  private(set) var dimensions: [Int]
  /// The factors in the order of the result.
  private(set) var order: [Int]
  private(set) var shape: [Int]

  init(shape: [Int]) {
    dimensions = shape.indices.filter { shape[$0] != 1 }
    factors = dimensions.map { shape[$0] }
    order = Array(factors.indices)
    self.shape = shape
  }

  mutating func transpose(_ permutation: [Int]) {
    let groups = groups
    order = permutation.flatMap { groups[$0] }
    shape = permutation.map { shape[$0] }
  }

  /// False when the new shape cuts across factors in a way that no further factoring resolves.
  mutating func reshape(_ target: [Int]) -> Bool {
    guard !shape.contains(0), !target.contains(0) else { return false }
    var position = 0
    for extent in target where extent != 1 {
      var rest = extent
      while rest > 1 {
        guard position < order.count else { return false }
        let factor = order[position]
        let size = factors[factor]
        if rest % size == 0 {
          rest /= size
        } else if size % rest == 0 {
          split(factor, outer: rest)
          rest = 1
        } else {
          return false
        }
        position += 1
      }
    }
    shape = target
    return position == order.count
  }

  /// Factor `index` becomes two: `outer`, and what remains, next to each other in the source and in the result.
  private mutating func split(_ index: Int, outer: Int) {
    let inner = factors[index] / outer
    factors[index] = outer
    factors.insert(inner, at: index + 1)
    dimensions.insert(dimensions[index], at: index + 1)
    order = order.flatMap { place -> [Int] in
      if place == index { return [index, index + 1] }
      return [place > index ? place + 1 : place]
    }
  }

  /// For each dimension of the result the factors that it consists of.
  var groups: [[Int]] {
    var position = 0
    return shape.map { extent in
      var group: [Int] = []
      var rest = extent
      while rest > 1, position < order.count {
        group.append(order[position])
        rest /= factors[order[position]]
        position += 1
      }
      return group
    }
  }

  /// The least that computes the view: runs of factors that stay together, and their permutation.
  var merged: (shape: [Int], permutation: [Int]) {
    var runs: [[Int]] = []
    for factor in order {
      if let last = runs.last?.last, last + 1 == factor {
        runs[runs.count - 1].append(factor)
      } else {
        runs.append([factor])
      }
    }
    let sorted = runs.indices.sorted { runs[$0][0] < runs[$1][0] }
    return (
      sorted.map { runs[$0].reduce(1) { $0 * factors[$1] } },
      runs.indices.map { run in sorted.firstIndex(of: run) ?? 0 }
    )
  }

  /// The view without the factors in `dropped`, which a selection has fixed; `shape` is that of the result.
  func dropping(_ dropped: Set<Int>, shape: [Int]) -> (source: [Int], chain: ViewChain) {
    var rest = self
    let kept = factors.indices.filter { !dropped.contains($0) }
    rest.factors = kept.map { factors[$0] }
    rest.dimensions = kept.map { dimensions[$0] }
    rest.order = order.filter { !dropped.contains($0) }.compactMap { kept.firstIndex(of: $0) }
    rest.shape = shape
    return (rest.factors, rest)
  }
}

extension Match {
  /// The tensor from which reshapes and transposes alone compute `value`, and what they do; at most `limit` of them.
  func viewChain(to value: ValueID, limit: Int = 8) -> (source: ValueID, chain: ViewChain, steps: Int)? {
    var steps: [Node] = []
    var source = value
    while steps.count < limit, let node = producer(of: source, .reshape, .transpose), let input = node.inputs[0] {
      steps.append(node)
      source = input
    }
    while !steps.isEmpty {
      if let chain = chain(steps.reversed(), from: source) { return (source, chain, steps.count) }
      source = steps.removeLast().outputs[0]
    }
    return nil
  }

  private func chain(_ steps: [Node], from source: ValueID) -> ViewChain? {
    guard !graph[source].shape.contains(0) else { return nil }
    var chain = ViewChain(shape: graph[source].shape)
    for node in steps {
      if node.operation.kind == .transpose {
        guard let permutation = integers(node.inputs[1]) else { return nil }
        chain.transpose(permutation)
      } else if !chain.reshape(graph[node.outputs[0]].shape) {
        return nil
      }
    }
    return chain
  }
}

extension Patch {
  /// The view of `source` that `chain` describes: at most a reshape, a transpose and a reshape.
  mutating func view(_ source: ValueID, _ chain: ViewChain) -> ValueID {
    let (shape, permutation) = chain.merged
    if Permutation.isIdentity(permutation) { return reshape(source, chain.shape) }
    // A transpose of the source's own dimensions, where each is moved whole: it can sink further.
    let dimensions = value(source).shape
    if let whole = chain.permutation(of: dimensions) { return reshape(transpose(source, whole), chain.shape) }
    if let rows = chain.channelsLast { return transpose(view(source, rows), [0, 3, 1, 2]) }
    return reshape(transpose(reshape(source, shape), permutation), chain.shape)
  }
}

extension ViewChain {
  /// The view as rows, columns, channels, where its channels come from behind its rows and columns in the source: the
  /// transpose that is left meets that of the next convolution. `nil` for other views.
  var channelsLast: ViewChain? {
    let (first, last) = (groups.map { $0.min() }, groups.map { $0.max() })
    guard shape.count == 4, let start = first[1], let end = last[1], shape[2] * shape[3] > 1,
      [first[0], first[2], first[3]].allSatisfy({ $0 ?? -1 < start })
        || [last[0], last[2], last[3]].allSatisfy({ $0 ?? -1 < end })
    else { return nil }
    var rows = self
    rows.transpose([0, 2, 3, 1])
    return rows
  }

  /// The order of dimensions that a transpose of the result's whole dimensions takes them from: the view without it is a
  /// reshape. `nil` where the view takes a dimension apart.
  var wholeDimensions: [Int]? {
    var last = -1
    var places: [Int] = []
    for group in groups {
      guard zip(group, group.dropFirst()).allSatisfy({ $1 == $0 + 1 }) else { return nil }
      // Ones stay behind what they follow.
      last = group.last ?? last
      places.append(last)
    }
    return shape.indices.sorted { (places[$0], $0) < (places[$1], $1) }
  }

  /// The order of whole dimensions that the view puts the source into, ones included; `nil` when it splits a dimension.
  func permutation(of source: [Int]) -> [Int]? {
    guard Set(dimensions).count == dimensions.count else { return nil }
    let moved = order.map { dimensions[$0] }
    // Ones stay where they lead to the wanted shape, if they can.
    if shape.count == source.count {
      var ones = source.indices.filter { source[$0] == 1 }
      var rest = moved
      var result: [Int] = []
      for extent in shape {
        if extent == 1, !ones.isEmpty {
          result.append(ones.removeFirst())
        } else if !rest.isEmpty {
          result.append(rest.removeFirst())
        }
      }
      if result.count == source.count, Set(result).count == source.count { return result }
    }
    return source.indices.filter { source[$0] == 1 } + moved
  }
}
