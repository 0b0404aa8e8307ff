/// A picture of 8-bit brightness.
public struct GrayImage: Sendable, Equatable {
  /// Pixels in a row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// Rows from top to bottom: `(height, width)`.
  public let pixels: [UInt8]

  /// - Precondition: `width` and `height` are at least 1 and `pixels.count == width * height`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width >= 1 && height >= 1 && pixels.count == width * height)
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

extension Image {
  /// The luma of each pixel (`Color.luma`).
  public func gray() -> GrayImage {
    var luma = [UInt8](repeating: 0, count: width * height)
    let source = pixels.span
    for index in luma.indices {
      let color = Color(red: source[3 * index], green: source[3 * index + 1], blue: source[3 * index + 2])
      luma[index] = color.luma
    }
    return GrayImage(width: width, height: height, pixels: luma)
  }
}
