/// Samples for calibration and comparison, each read when it is asked for, so that memory does not grow with their number.
package protocol SampleSource: Sendable {
  var count: Int { get }

  /// Sample `index`: the bytes of each input of the graph, in the graph's layout and types. Called from several threads.
  func sample(_ index: Int) throws -> [[UInt8]]

  /// The least and the largest number that an input can ever have, by input; `nil` where only the samples can tell.
  var inputRanges: [ClosedRange<Float>?] { get }
}

extension SampleSource {
  package var inputRanges: [ClosedRange<Float>?] { [] }
}

/// Samples that lie in memory.
package struct SampleList: SampleSource {
  private let samples: [[[UInt8]]]

  /// - Parameter samples: by sample and input, the bytes.
  package init(_ samples: [[[UInt8]]]) { self.samples = samples }

  package var count: Int { samples.count }

  package func sample(_ index: Int) -> [[UInt8]] { samples[index] }
}
