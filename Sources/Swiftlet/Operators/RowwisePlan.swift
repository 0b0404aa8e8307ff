/// A plan that can compute any rows of its output from the rows of input that those depend on, so that chains of such
/// plans need no tensor as a whole between them. See `RowChain`.
protocol RowwisePlan: AnyObject, Sendable {
  /// `nil` for plans that need all rows of their input at once.
  var rowLayer: RowLayer? { get }
  /// Bytes of scratch memory that computing at most so many rows of output at a time takes.
  func scratchBytes(rows: Int) -> Int
  func run(_ band: RowBand, _ invocation: borrowing Invocation)
}

/// What is known of a layer that computes rows of its output. A row is all columns and channels of one picture.
struct RowLayer: Sendable {
  let plan: any RowwisePlan
  /// Which rows of the input a row of the output depends on.
  let rows: RowWindows
  let batches: Int
  let inputRowBytes, outputRowBytes: Int
  /// Multiply-adds of the whole layer, or as many as take as long.
  let products: Int
}

/// How windows slide over the rows of a picture.
struct RowWindows: Equatable, Sendable, BitwiseCopyable {
  let input, output: Int
  /// Rows from the first to behind the last that a window touches.
  let extent: Int
  let stride: Int
  let paddingBefore: Int

  /// Rows each of which depends on one row.
  static func rowByRow(_ count: Int) -> RowWindows {
    RowWindows(input: count, output: count, extent: 1, stride: 1, paddingBefore: 0)
  }

  /// Rows each of which may depend on any: the input has to be there as a whole.
  static func anywhere(input: Int, output: Int) -> RowWindows {
    RowWindows(input: input, output: output, extent: input, stride: 0, paddingBefore: 0)
  }

  /// Whether all rows of the input are needed for the first row of the output.
  var needWholeInput: Bool { stride == 0 }

  /// Whether every window touches a row of the input: what lies wholly in the padding has no band to read.
  var allTouchInput: Bool {
    input > 0 && output > 0 && paddingBefore < extent && (output - 1) * stride - paddingBefore < input
  }

  /// The rows of the input that rows `rows` of the output depend on; `rows` is not empty.
  func inputs(of rows: Range<Int>) -> Range<Int> {
    let first = rows.lowerBound * stride - paddingBefore
    let end = (rows.upperBound - 1) * stride - paddingBefore + extent
    return max(0, first)..<max(min(end, input), max(0, first))
  }

  /// Rows of padding above what `inputs` gives.
  func padding(above rows: Range<Int>) -> Int { max(0, paddingBefore - rows.lowerBound * stride) }

  /// The most rows of input that `count` rows of output can depend on.
  func inputCount(ofRows count: Int) -> Int { min(input, (count - 1) * stride + extent) }
}

/// Some rows of one picture to be computed.
@safe struct RowBand {
  /// The first row of input that they depend on, how many there are, and how many rows of padding lie above it.
  let input: UnsafeRawPointer
  let inputRows, paddingAbove: Int
  /// Where the first row of output goes, and how many are to be computed.
  let output: UnsafeMutableRawPointer
  let outputRows: Int
  /// The number of that row, those of earlier pictures counted.
  let firstRow: Int
  /// Aligned to 64.
  let scratch: UnsafeMutableRawPointer
}
