internal import CFloatLayers
internal import Swiftlet

/// How a layer is made of matrix products of (rows, depth) and (depth, columns).
struct ProductGeometry {
  private(set) var batches = 1
  let rows: Int
  let columns: Int
  let depth: Int
  private(set) var transposesLeft = false
  private(set) var transposesRight = true
  /// Elements from one batch to the next.
  private(set) var leftStep = 0
  private(set) var rightStep = 0
  /// How the rows of a convolution are gathered from its picture; `nil` where they lie there.
  private(set) var windows: (shape: swl_window_shape, outputHeight: Int, bandRows: Int)?

  /// Elements of windows gathered at a time, by each thread.
  private static let bandElements = 1 << 14
  /// Multiplications that are worth a part of their own.
  private static let partProducts = 1 << 20

  /// `nil` for operators and shapes that are no plain products.
  init?(_ operation: Operation, _ left: [Int], _ right: [Int], _ output: [Int]) {
    switch operation.kind {
    case .conv2D:
      guard left.count == 4, right.count == 4, output.count == 4, left[3] == right[3], output[3] == right[0],
        left[0] == output[0], let shape = Self.windows(operation, left, right, output)
      else { return nil }
      (columns, depth) = (right[0], right[1] * right[2] * right[3])
      let isPlain = right[1] == 1 && right[2] == 1 && shape.stride_height == 1 && shape.stride_width == 1
      if isPlain {
        rows = output[0] * output[1] * output[2]
      } else {
        rows = output[1] * output[2]
        (batches, leftStep) = (left[0], left[1] * left[2] * left[3])
        let bandRows = max(1, min(output[1], Self.bandElements / max(1, output[2] * depth)))
        windows = (shape, output[1], bandRows)
      }
    case .fullyConnected:
      guard right.count == 2, right[1] > 0, operation.int(1) == 0 else { return nil }
      (columns, depth) = (right[0], right[1])
      rows = left.reduce(1, *) / depth
      guard rows * depth == left.reduce(1, *), rows * columns == output.reduce(1, *) else { return nil }
    case .batchMatMul:
      guard left.count >= 2, right.count == left.count, left.dropLast(2) == right.dropLast(2) else { return nil }
      let (a, b) = (Array(left.suffix(2)), Array(right.suffix(2)))
      (transposesLeft, transposesRight) = (operation.bool(0), operation.bool(1))
      (rows, depth) = transposesLeft ? (a[1], a[0]) : (a[0], a[1])
      columns = transposesRight ? b[0] : b[1]
      batches = left.dropLast(2).reduce(1, *)
      (leftStep, rightStep) = (rows * depth, depth * columns)
      guard b[0] * b[1] == rightStep, batches * rows * columns == output.reduce(1, *) else { return nil }
    default: return nil
    }
    guard [rows, columns, depth].allSatisfy({ $0 > 0 && $0 < 1 << 31 }) else { return nil }
  }

  /// What all products take on one core, roughly.
  var nanoseconds: Int { batches * rows / 16 * columns * depth }

  /// Rows of a batch that are computed at a time: whole rows of a picture where windows are gathered.
  var partRows: Int {
    if let windows { return windows.bandRows * windows.shape.output_width }
    return transposesLeft ? rows : min(rows, max(64, Self.partProducts / max(1, columns * depth)))
  }

  /// How the windows of a convolution or a depthwise convolution lie in its picture.
  static func windows(
    _ operation: Operation, _ data: [Int], _ weights: [Int], _ output: [Int]
  ) -> swl_window_shape? {
    let padding: Swiftlet.WindowAxis.Padding = operation.padding == .same ? .same : .valid
    guard
      let height = try? Swiftlet.WindowAxis(
        input: data[1], window: weights[1], stride: operation.strides.height, dilation: operation.dilations.height,
        padding: padding),
      let width = try? Swiftlet.WindowAxis(
        input: data[2], window: weights[2], stride: operation.strides.width, dilation: operation.dilations.width,
        padding: padding), height.output == output[1], width.output == output[2]
    else { return nil }
    return swl_window_shape(
      input_height: data[1], input_width: data[2], channels: data[3], output_width: output[2],
      window_height: weights[1], window_width: weights[2], stride_height: height.stride, stride_width: width.stride,
      dilation_height: height.dilation, dilation_width: width.dilation, padding_top: height.paddingBefore,
      padding_left: width.paddingBefore)
  }
}
