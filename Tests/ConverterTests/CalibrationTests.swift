import ModelFormat
import Testing

@testable import Converter

@Suite struct CalibrationTests {
  @Test func histogramsDoNotDependOnTheOrder() {
    let numbers: [[Float]] = [[0.001, -0.3], [7, 0, 0.25], [0, 0], [-100, 3.5], [1e-30]]
    func histogram(_ order: [Int]) -> Histogram {
      var histogram = Histogram()
      for index in order {
        let magnitude = numbers[index].map { abs($0) }.max() ?? 0
        guard magnitude > 0 else {
          histogram.addZeros(numbers[index].count)
          continue
        }
        let width = Histogram.width(for: magnitude)
        var scratch = [UInt32](repeating: 0, count: Histogram.binCount)
        for number in numbers[index] {
          scratch[Histogram.binCount / 2 + Int((number / width).rounded(.down))] += 1
        }
        histogram.add(&scratch, width: width)
      }
      return histogram
    }
    let first = histogram([0, 1, 2, 3, 4])
    for order in [[4, 3, 2, 1, 0], [2, 0, 3, 1, 4], [3, 2, 4, 1, 0]] {
      #expect(histogram(order).counts == first.counts)
      #expect(histogram(order).width == first.width)
    }
    #expect(first.total == 10)
  }

  @Test func countsGrowBeyond32Bits() {
    var counts = BinCounts()
    for bin in [7, 4095, 0] { counts.add(UInt64(UInt32.max), at: bin) }
    counts.add(2, at: 7)
    #expect(counts[7] == 1 << 32 + 1 && counts[4095] == 1 << 32 - 1 && counts[0] == 1 << 32 - 1 && counts[8] == 0)
    #expect(counts.count == Histogram.binCount && counts.count { $0 > 0 } == 3)
    var same = BinCounts()
    same.add(1 << 32 + 1, at: 7)
    #expect(same != counts)
    for bin in [0, 4095] { same.add(UInt64(UInt32.max), at: bin) }
    #expect(same == counts)
  }

  @Test func percentilesCutTheTails() {
    var histogram = Histogram()
    var scratch = [UInt32](repeating: 0, count: Histogram.binCount)
    let width = Histogram.width(for: 100)
    for number in 0..<1000 { scratch[Histogram.binCount / 2 + Int(Float(number) / 1000 / width)] += 1 }
    scratch[Histogram.binCount / 2 + Int(100 / width)] += 1
    histogram.add(&scratch, width: width)
    let range = histogram.percentile(0.99)
    #expect(range.upperBound < 1.1 && range.upperBound > 0.9)
    #expect(histogram.percentile(1).upperBound > 99)
  }

  @Test(arguments: ["minmax", "moving-average", "percentile", "percentile:99.5", "entropy", "mse"])
  func everyMethodGivesARange(_ text: String) throws {
    let method = try #require(CalibrationMethod(text: text))
    let builder = GraphBuilder()
    let y = try builder.convolution(builder.input([1, 8, 8, 2]))
    builder.graph.addOutput(y)
    let samples = SampleList(
      (0..<6).map { sample in
        [ConstantBytes(elements: (0..<128).map { Float(($0 * 37 + sample) % 101) / 50 - 1 }).array]
      })
    let calibration = try Calibration.measure(builder.graph, samples)
    let ranges = calibration.ranges(method)
    #expect(calibration.sampleCount == 6)
    let range = try #require(ranges[y])
    let whole = try #require(calibration.statistics[y].map { $0.low...$0.high })
    #expect(range.lowerBound < range.upperBound)
    if method != .meanSquareError {
      #expect(range.lowerBound >= min(whole.lowerBound, 0) && range.upperBound <= whole.upperBound)
    }
  }

  @Test func methodsThatDoNotExistAreRefused() {
    for text in ["", "max", "percentile:", "percentile:101", "percentile:-3", "mse:2"] {
      #expect(CalibrationMethod(text: text) == nil, "\(text)")
    }
  }

  @Test func calibrationDoesNotDependOnTheThreads() throws {
    let builder = GraphBuilder()
    let y = try builder.convolution(builder.input([1, 4, 4, 2]))
    builder.graph.addOutput(y)
    let samples = SampleList(
      (0..<9).map { sample in [ConstantBytes(elements: (0..<32).map { Float($0 * sample) / 7 - 3 }).array] })
    let one = try Calibration.measure(builder.graph, samples, threads: 1)
    let three = try Calibration.measure(builder.graph, samples, threads: 3)
    for (id, statistics) in one.statistics {
      #expect(three.statistics[id]?.averageHigh == statistics.averageHigh)
      #expect(three.statistics[id]?.histogram.counts == statistics.histogram.counts)
      #expect(three.statistics[id]?.columnMeans == statistics.columnMeans)
    }
    let layer = try #require(builder.graph.nodeIDs.first)
    let factor = try #require(one.moments[layer]?.factor(0, isCentered: true))
    #expect(three.moments[layer]?.factor(0, isCentered: true) == factor)
  }

  @Test func aSampleThatCannotBeReadEndsCalibration() throws {
    struct Unreadable: SampleSource {
      let count = 40
      func sample(_ index: Int) throws -> [[UInt8]] {
        if index == 3 { throw ConversionError(.noInput, "it is gone") }
        return [ConstantBytes(elements: [Float](repeating: 1, count: 32)).array]
      }
    }
    let builder = GraphBuilder()
    builder.graph.addOutput(try builder.convolution(builder.input([1, 4, 4, 2])))
    let graph = builder.graph
    #expect(throws: ConversionError.self) { try Calibration.measure(graph, Unreadable(), threads: 3) }
  }

  @Test func emptySourcesAreRefused() throws {
    #expect(throws: ConversionError.self) { try Calibration.measure(Graph(), SampleList([])) }
  }
}
