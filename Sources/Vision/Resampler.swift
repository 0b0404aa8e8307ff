/// Separable resizing of interleaved 8-bit samples: one axis, rounding to 8 bits, then the other.
enum Resampler {
  private static var half: Int32 { 1 << (ResampleTable.fractionBits - 1) }

  /// The output, rows by columns by channels.
  /// - Parameter width: pixels in a row of the input.
  static func resize(
    _ pixels: [UInt8], width: Int, channels: Int, columns: ResampleTable, rows: ResampleTable
  ) -> [UInt8] {
    let newWidth = columns.taps.count
    if rows.shrinkage > max(0, 2 * columns.shrinkage) {
      let squeezed = resizeColumns(pixels, stride: width * channels, table: rows)
      return resizeRows(squeezed, width: width, channels: channels, table: columns)
    }
    let squeezed = resizeRows(pixels, width: width, channels: channels, table: columns)
    return resizeColumns(squeezed, stride: newWidth * channels, table: rows)
  }

  private static func resizeRows(_ pixels: [UInt8], width: Int, channels: Int, table: ResampleTable) -> [UInt8] {
    if table.isIdentity { return pixels }
    let height = pixels.count / (width * channels)
    var result = [UInt8](repeating: 0, count: height * table.taps.count * channels)
    var output = result.mutableSpan
    let source = pixels.span
    let weights = table.weights.span
    var target = 0
    for y in 0..<height {
      for tap in table.taps {
        let start = (y * width + tap.first) * channels
        for channel in 0..<channels {
          var sum = half
          var index = start + channel
          for weight in tap.weights {
            sum &+= Int32(source[index]) &* weights[weight]  // below 255 * 2^22 and the rounding of the weights
            index += channels
          }
          output[target] = clamped(sum)
          target += 1
        }
      }
    }
    return result
  }

  /// Adds whole rows, which the compiler vectorises.
  private static func resizeColumns(_ pixels: [UInt8], stride: Int, table: ResampleTable) -> [UInt8] {
    if table.isIdentity { return pixels }
    var result = [UInt8](repeating: 0, count: table.taps.count * stride)
    var sums = [Int32](repeating: 0, count: stride)
    var output = result.mutableSpan
    var accumulators = sums.mutableSpan
    let source = pixels.span
    for (y, tap) in table.taps.enumerated() {
      for index in 0..<stride { accumulators[index] = half }
      for (offset, weight) in tap.weights.enumerated() {
        add(
          source.extracting((tap.first + offset) * stride..<(tap.first + offset + 1) * stride),
          times: table.weights[weight], to: &accumulators)
      }
      for index in 0..<stride {
        output[y * stride + index] = clamped(accumulators[index])
      }
    }
    return result
  }

  private static func add(_ row: Span<UInt8>, times weight: Int32, to sums: inout MutableSpan<Int32>) {
    precondition(row.count == sums.count)
    for index in 0..<row.count {
      sums[index] &+= Int32(row[index]) &* weight  // bounded as in `resizeRows`
    }
  }

  private static func clamped(_ sum: Int32) -> UInt8 {
    UInt8(clamping: sum >> ResampleTable.fractionBits)
  }
}
