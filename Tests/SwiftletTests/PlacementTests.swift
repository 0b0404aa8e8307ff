import Testing

@testable import Swiftlet

@Suite struct PlacementTests {
  private let groups = [
    Placement.Span(first: 0, last: 1, byteCount: 128), Placement.Span(first: 1, last: 2, byteCount: 64),
    Placement.Span(first: 2, last: 3, byteCount: 128), Placement.Span(first: 0, last: 3, byteCount: 64),
  ]

  @Test func fillsTheLowestGapBetweenThoseAliveAtTheSameTime() {
    let placement = Placement(groups, [0, 1, 2, 3])
    #expect(placement.offsets == [0, 128, 0, 192])
    #expect(placement.peak == 256)
    #expect(placement.highest == 3)
  }

  @Test func theFirstOfThoseThatReachHighestCounts() {
    #expect(Placement(groups, [0, 3, 1, 2]).peak == 256)
    #expect(Placement(groups, [0, 3, 1, 2]).highest == 2)
    #expect(Placement([groups[0], groups[0], groups[2], groups[2]], [0, 2, 3, 1]).highest == 2)
  }

  @Test func givesUpWhereThePeakReachesTheLimit() {
    #expect(Placement(groups, [0, 1, 2, 3], limit: 257).peak == 256)
    #expect(Placement(groups, [0, 1, 2, 3], limit: 192).peak == 192, "the last group is never placed")
  }

  @Test func sizesThatOverflowSaturate() {
    let huge = Placement.Span(first: 0, last: 0, byteCount: Int.max - 63)
    #expect(Placement([huge, huge], [0, 1]).peak == Int.max)
  }
}

@Suite struct RoundingTests {
  @Test(
    arguments: [0.5, -0.5, 0.49999997, 1.5, 2.5, -2.5, 127.5, -128.5, 300, -300, 1e30, -1e30, .infinity] as [Float])
  func roundsHalvesAwayFromZeroInsideTheLimit(value: Float) {
    let expected = min(max(value.rounded(.toNearestOrAwayFromZero), -256), 256)
    #expect(value.roundedAwayFromZero(limit: 256) == Int32(expected))
  }

  @Test func notANumberGivesTheLowest() {
    #expect(Float.nan.roundedAwayFromZero(limit: 256) == -256)
  }
}
