extension Image {
  /// This picture and `other` side by side, a black column between them; the shorter one is filled with black below.
  public func beside(_ other: Image) -> Image {
    let gap = 4
    let rows = max(height, other.height)
    var result: [UInt8] = []
    result.reserveCapacity(3 * (width + gap + other.width) * rows)
    for row in 0..<rows {
      for (index, image) in [self, other].enumerated() {
        if index == 1 { result += [UInt8](repeating: 0, count: 3 * gap) }
        if row < image.height {
          result += image.pixels[3 * row * image.width..<3 * (row + 1) * image.width]
        } else {
          result += [UInt8](repeating: 0, count: 3 * image.width)
        }
      }
    }
    return Image(width: width + gap + other.width, height: rows, pixels: result)
  }
}
