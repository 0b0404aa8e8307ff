/// The nodes of a layered graph and the bends of its long edges: every edge joins neighbouring layers.
struct LayeredVertices {
  /// By vertex: its layer. Nodes come first, bends behind them.
  private(set) var ranks: [Int]
  /// By layer: its vertices from left to right.
  private(set) var members: [[Int]] = []
  /// By edge: its bends from top to bottom.
  private(set) var bends: [[Int]] = []
  private var above: [[Int]]
  private var below: [[Int]]
  /// By vertex: how much its wish for a place counts, the length of the longest path through it.
  private var weights: [Double] = []
  /// By vertex: whether it lies on the trunk, one longest path of the graph, which is drawn straight.
  private var isTrunk: [Bool] = []

  init(ranks: [Int], edges: [(from: Int, to: Int)]) {
    self.ranks = ranks
    above = Array(repeating: [], count: ranks.count)
    below = Array(repeating: [], count: ranks.count)
    let longest = LayeredVertices.longestSpan(ranks, edges)
    for edge in edges {
      bends.append(ranks[edge.to] - ranks[edge.from] <= longest ? addBends(to: edge) : [])
    }
    members = Array(repeating: [], count: (ranks.max() ?? -1) + 1)
    for vertex in self.ranks.indices { members[self.ranks[vertex]].append(vertex) }
    weighPaths(nodeCount: ranks.count)
  }

  /// The number of layers that an edge may span and still get bends: any, unless that would take too much memory. Longer
  /// edges then do not count for the layout.
  private static func longestSpan(_ ranks: [Int], _ edges: [(from: Int, to: Int)]) -> Int {
    let bends = edges.reduce(0) { $0 + ranks[$1.to] - ranks[$1.from] - 1 }
    return bends <= 200_000 ? Int.max : 8
  }

  private mutating func addBends(to edge: (from: Int, to: Int)) -> [Int] {
    var last = edge.from
    var chain: [Int] = []
    for rank in (ranks[edge.from] + 1)..<max(ranks[edge.from] + 1, ranks[edge.to]) {
      let bend = ranks.count
      ranks.append(rank)
      above.append([])
      below.append([])
      connect(last, bend)
      chain.append(bend)
      last = bend
    }
    connect(last, edge.to)
    return chain
  }

  /// Bends do not count, so that a path over many nodes is longer than the edge beside it.
  private mutating func weighPaths(nodeCount: Int) {
    var fromTop = Array(repeating: 0.0, count: ranks.count)
    var toBottom = fromTop
    for vertex in members.joined() {
      fromTop[vertex] = (above[vertex].map { fromTop[$0] }.max() ?? 0) + (vertex < nodeCount ? 1 : 0)
    }
    for vertex in members.joined().reversed() {
      toBottom[vertex] = (below[vertex].map { toBottom[$0] }.max() ?? 0) + (vertex < nodeCount ? 1 : 0)
    }
    weights = zip(fromTop, toBottom).map { max(1, $0 + $1) }
    isTrunk = Array(repeating: false, count: ranks.count)
    var next = toBottom.indices.filter { above[$0].isEmpty }.max { (toBottom[$0], $1) < (toBottom[$1], $0) }
    while let vertex = next {
      isTrunk[vertex] = true
      next = below[vertex].max { (toBottom[$0], $1) < (toBottom[$1], $0) }
    }
  }

  private mutating func connect(_ upper: Int, _ lower: Int) {
    below[upper].append(lower)
    above[lower].append(upper)
  }

  /// Sorts each layer by the mean place of its neighbours, alternately from above and from below.
  mutating func order() {
    for sweep in 0..<8 {
      let isDownward = sweep % 2 == 0
      let layers = isDownward ? Array(members.indices) : members.indices.reversed()
      var places = Array(repeating: 0.0, count: ranks.count)
      for layer in members { for (place, vertex) in layer.enumerated() { places[vertex] = Double(place) } }
      for layer in layers {
        let keys = members[layer].enumerated().map { place, vertex in
          (mean(isDownward ? above[vertex] : below[vertex], places) ?? places[vertex], place, vertex)
        }
        members[layer] = keys.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { $0.2 }
        for (place, vertex) in members[layer].enumerated() { places[vertex] = Double(place) }
      }
    }
  }

  /// By vertex: the horizontal centre, as near to those of its neighbours as the widths in its layer allow; 0 for the
  /// trunk.
  func positions(width: (Int) -> Double) -> [Double] {
    var positions = Array(repeating: 0.0, count: ranks.count)
    for layer in members {
      var edge = -layer.reduce(0) { $0 + width($1) } / 2
      for vertex in layer {
        positions[vertex] = edge + width(vertex) / 2
        edge += width(vertex)
      }
    }
    for sweep in 0..<12 {
      let isDownward = sweep % 2 == 0
      for layer in isDownward ? Array(members.indices) : members.indices.reversed() {
        let wishes = members[layer].map { vertex in
          isTrunk[vertex] ? 0 : wish(isDownward ? above[vertex] : below[vertex], positions) ?? positions[vertex]
        }
        let settled = LayeredVertices.settle(
          wishes, weights: members[layer].map { isTrunk[$0] ? 1e9 : weights[$0] }, widths: members[layer].map(width))
        for (vertex, position) in zip(members[layer], settled) { positions[vertex] = position }
      }
    }
    return positions
  }

  private func mean(_ vertices: [Int], _ values: [Double]) -> Double? {
    vertices.isEmpty ? nil : vertices.reduce(0) { $0 + values[$1] } / Double(vertices.count)
  }

  /// The position of the heaviest neighbour, so that branches run straight as well.
  private func wish(_ neighbors: [Int], _ positions: [Double]) -> Double? {
    neighbors.max { weights[$0] < weights[$1] }.map { positions[$0] }
  }

  /// Positions in rising order, at least half the two widths apart, with the least weighted sum of squared distances from
  /// the wishes: isotonic regression by pooling adjacent violators.
  static func settle(_ wishes: [Double], weights: [Double], widths: [Double]) -> [Double] {
    var offsets: [Double] = []
    for index in widths.indices {
      offsets.append(index == 0 ? 0 : offsets[index - 1] + (widths[index - 1] + widths[index]) / 2)
    }
    var pools: [(sum: Double, weight: Double, count: Int)] = []
    for index in wishes.indices {
      pools.append(((wishes[index] - offsets[index]) * weights[index], weights[index], 1))
      while pools.count > 1 {
        let (last, previous) = (pools[pools.count - 1], pools[pools.count - 2])
        guard last.sum / last.weight < previous.sum / previous.weight else { break }
        pools.removeLast(2)
        pools.append((last.sum + previous.sum, last.weight + previous.weight, last.count + previous.count))
      }
    }
    let levels = pools.flatMap { Array(repeating: $0.sum / $0.weight, count: $0.count) }
    return zip(levels, offsets).map { $0 + $1 }
  }
}
