/// Places the nodes of a directed graph without cycles in layers, so that edges run downwards.
///
/// Source: Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981: longest
/// paths give the layers, edges over several layers get a bend in each, barycentres give the order within a layer.
struct GraphLayout {
  struct Point: Equatable {
    let x: Double
    let y: Double
  }

  struct Size {
    let width: Double
    let height: Double
  }

  static let nodeSize = Size(width: 176, height: 46)
  private static let gap = Size(width: 22, height: 34)
  private static let bendWidth = 10.0

  /// By node: the centre.
  private(set) var centers: [Point] = []
  /// By edge: from the bottom of its first node over its bends to the top of its last.
  private(set) var routes: [[Point]] = []
  private(set) var size = Size(width: 0, height: 0)

  /// - Parameters:
  ///   - edges: pairs of nodes, the first the smaller one.
  ///   - isAnchored: by node, whether it stays in the first layer that it fits in; others move down to their reader.
  init(nodeCount: Int, edges: [(from: Int, to: Int)], isAnchored: [Bool]) {
    let ranks = GraphLayout.ranks(nodeCount, edges, isAnchored)
    var layers = LayeredVertices(ranks: ranks, edges: edges)
    layers.order()
    let x = layers.positions { vertex in
      (vertex < nodeCount ? GraphLayout.nodeSize.width : GraphLayout.bendWidth) + GraphLayout.gap.width
    }
    place(nodeCount, layers, x, edges)
  }

  /// The layer of each node: one below the lowest of those it reads.
  private static func ranks(_ count: Int, _ edges: [(from: Int, to: Int)], _ isAnchored: [Bool]) -> [Int] {
    var readers = Array(repeating: [Int](), count: count)
    var ranks = Array(repeating: 0, count: count)
    var hasAnchor = isAnchored
    for edge in edges { readers[edge.from].append(edge.to) }
    for node in 0..<count {
      for reader in readers[node] {
        ranks[reader] = max(ranks[reader], ranks[node] + 1)
        if hasAnchor[node] { hasAnchor[reader] = true }
      }
    }
    for node in (0..<count).reversed() where !hasAnchor[node] {
      if let nearest = readers[node].map({ ranks[$0] }).min() { ranks[node] = max(ranks[node], nearest - 1) }
    }
    return ranks
  }

  private mutating func place(
    _ nodeCount: Int, _ layers: LayeredVertices, _ x: [Double], _ edges: [(from: Int, to: Int)]
  ) {
    let (node, gap) = (GraphLayout.nodeSize, GraphLayout.gap)
    let left = (0..<x.count).map { x[$0] - ($0 < nodeCount ? node.width / 2 : 0) }.min() ?? 0
    let right = (0..<x.count).map { x[$0] + ($0 < nodeCount ? node.width / 2 : 0) }.max() ?? 0
    let points = x.indices.map { vertex in
      Point(
        x: x[vertex] - left + gap.width,
        y: gap.width + node.height / 2 + Double(layers.ranks[vertex]) * (node.height + gap.height))
    }
    centers = Array(points[..<nodeCount])
    let half = node.height / 2
    routes = edges.indices.map { edge in
      var route = [Point(x: points[edges[edge].from].x, y: points[edges[edge].from].y + half)]
      // Straight through the layer of a bend: sideways only between layers, where no node is.
      for bend in layers.bends[edge] {
        route.append(Point(x: points[bend].x, y: points[bend].y - half))
        route.append(Point(x: points[bend].x, y: points[bend].y + half))
      }
      route.append(Point(x: points[edges[edge].to].x, y: points[edges[edge].to].y - half))
      return route
    }
    size = Size(
      width: right - left + 2 * gap.width,
      height: Double(layers.members.count) * (node.height + gap.height) - gap.height + 2 * gap.width)
  }
}
