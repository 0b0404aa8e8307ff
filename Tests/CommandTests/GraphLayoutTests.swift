import Testing

@testable import SwiftletCommand

@Suite struct GraphLayoutTests {
  typealias Edges = [(from: Int, to: Int)]

  /// A chain with a skip over two nodes, a source that only the last reads, and a node alone.
  static let edges: Edges = [(0, 1), (1, 2), (2, 3), (0, 3), (4, 3), (3, 5)]
  static let layout = GraphLayout(
    nodeCount: 7, edges: edges, isAnchored: [true, false, false, false, false, false, false])

  @Test func edgesRunDownwards() {
    for edge in Self.edges {
      #expect(Self.layout.centers[edge.from].y < Self.layout.centers[edge.to].y)
    }
    for route in Self.layout.routes {
      #expect(zip(route, route.dropFirst()).allSatisfy { $0.y <= $1.y })
    }
  }

  @Test func theLongestPathIsStraight() {
    let trunk = [0, 1, 2, 3, 5].map { Self.layout.centers[$0].x }
    #expect(trunk.allSatisfy { abs($0 - trunk[0]) < 0.1 })
  }

  @Test func nodesOfALayerDoNotOverlap() {
    let centers = Self.layout.centers
    for (a, left) in centers.enumerated() {
      for right in centers[(a + 1)...] where right.y == left.y {
        #expect(abs(right.x - left.x) >= GraphLayout.nodeSize.width)
      }
    }
  }

  @Test func everythingLiesInside() {
    let (layout, node) = (Self.layout, GraphLayout.nodeSize)
    for center in layout.centers {
      #expect(center.x >= node.width / 2 && center.x <= layout.size.width - node.width / 2)
      #expect(center.y >= node.height / 2 && center.y <= layout.size.height - node.height / 2)
    }
  }

  @Test func aSourceStandsAboveItsReader() {
    #expect(Self.layout.centers[4].y == Self.layout.centers[2].y)
  }

  @Test func longEdgesKeepAwayFromNodes() {
    let (layout, node) = (Self.layout, GraphLayout.nodeSize)
    for point in layout.routes[3].dropFirst().dropLast() {
      #expect(
        layout.centers.allSatisfy { abs($0.y - point.y) > node.height / 2 || abs($0.x - point.x) > node.width / 2 })
    }
  }

  @Test func anEmptyGraphHasALayout() {
    let layout = GraphLayout(nodeCount: 0, edges: [], isAnchored: [])
    #expect(layout.centers.isEmpty && layout.size.width.isFinite)
  }

  /// Every node of a long chain also reads the first: half a million bends if each edge had its own.
  @Test func manyLongEdgesStayCheap() {
    let count = 1000
    let chain: Edges = (1..<count).map { ($0 - 1, $0) }
    let skips: Edges = (2..<count).map { (0, $0) }
    let layout = GraphLayout(
      nodeCount: count, edges: chain + skips, isAnchored: (0..<count).map { $0 == 0 })
    #expect(layout.routes.reduce(0) { $0 + $1.count } < 50_000)
    #expect(layout.centers.indices.dropFirst().allSatisfy { layout.centers[$0 - 1].y < layout.centers[$0].y })
  }

  @Test func wishesThatFitAreGranted() {
    #expect(LayeredVertices.settle([0, 10], weights: [1, 1], widths: [4, 4]) == [0, 10])
    #expect(LayeredVertices.settle([5, 5], weights: [1, 1], widths: [4, 4]) == [3, 7])
    #expect(LayeredVertices.settle([5, 5], weights: [3, 1], widths: [4, 4]) == [4, 8])
  }
}
