import Testing

@testable import SwiftletCommand

@Suite struct AveragePrecisionTests {
  private func truth(_ picture: Int, _ x: Double, _ side: Double = 100, isCrowd: Bool = false) -> AveragePrecision.Truth
  {
    AveragePrecision.Truth(
      picture: picture, category: 1, box: .init(x: x, y: 0, width: side, height: side), area: side * side,
      isCrowd: isCrowd)
  }

  private func found(_ picture: Int, _ x: Double, _ score: Double, _ side: Double = 100) -> AveragePrecision.Found {
    AveragePrecision.Found(
      picture: picture, category: 1, box: .init(x: x, y: 0, width: side, height: side), score: score)
  }

  private func measure(_ truths: [AveragePrecision.Truth], _ found: [AveragePrecision.Found]) -> AveragePrecision {
    AveragePrecision(categories: [1, 2], truths: truths, found: found)
  }

  @Test func perfectBoxesScoreOne() {
    let result = measure([truth(1, 0), truth(2, 0)], [found(1, 0, 0.9), found(2, 0, 0.8)])
    #expect(result.mean().map { abs($0 - 1) < 1e-12 } == true)
    #expect(result.meanRecall() == 1)
    #expect(result.perCategory[1] == nil, "a category without objects does not count")
  }

  @Test func aLooseBoxCountsAtLowThresholdsOnly() {
    // Shifted by 20 of 100: 80 / 120 = .667, which passes .50, .55, .60 and .65.
    let result = measure([truth(1, 0)], [found(1, 20, 0.9)])
    #expect(result.mean().map { abs($0 - 0.4) < 1e-12 } == true)
    #expect(result.mean(threshold: 5) == 0)
  }

  @Test func aWrongBoxBeforeARightOneHalvesPrecision() {
    let result = measure([truth(1, 0)], [found(1, 500, 0.9), found(1, 0, 0.8)])
    #expect(result.mean().map { abs($0 - 0.5) < 1e-12 } == true)
    #expect(result.meanRecall(limit: 0) == 0 && result.meanRecall(limit: 1) == 1)
  }

  @Test func aMissedObjectEndsTheCurve() {
    // Recall reaches .5: points 0 to .50 have precision 1, the 50 above none.
    let result = measure([truth(1, 0), truth(1, 500)], [found(1, 0, 0.9)])
    #expect(result.mean().map { abs($0 - 51.0 / 101) < 1e-12 } == true)
  }

  @Test func anObjectIsFoundOnce() {
    let result = measure([truth(1, 0)], [found(1, 0, 0.9), found(1, 1, 0.8), found(2, 0, 0.95)])
    #expect(result.mean().map { abs($0 - 0.5) < 1e-12 } == true)
  }

  @Test func aCrowdSwallowsBoxesAndCountsForNothing() {
    let result = measure(
      [truth(1, 0), truth(1, 300, 400, isCrowd: true)], [found(1, 320, 0.95), found(1, 500, 0.94), found(1, 0, 0.9)])
    #expect(result.mean().map { abs($0 - 1) < 1e-12 } == true)
  }

  @Test func areasAreKeptApart() {
    let result = measure([truth(1, 0, 20), truth(1, 500, 200)], [found(1, 0, 0.9, 20), found(1, 500, 0.8, 200)])
    #expect(result.mean(.small).map { abs($0 - 1) < 1e-12 } == true)
    #expect(result.mean(.large).map { abs($0 - 1) < 1e-12 } == true)
    #expect(result.mean(.medium) == nil)
  }

  @Test func nothingAtAllIsNoFigure() {
    #expect(measure([], [found(1, 0, 0.9)]).mean() == nil)
    #expect(measure([truth(1, 0)], []).mean() == 0)
  }
}
