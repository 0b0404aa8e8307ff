/// How the stored rows and columns lie in the picture, numbered as in EXIF (tag 0x0112).
enum Orientation: UInt16, CaseIterable {
  case upright = 1
  case mirrored
  case upsideDown
  case flipped
  /// Rows are columns and columns are rows.
  case transposed
  /// To be turned by 90 degrees clockwise.
  case turnedLeft
  /// Transposed over the other diagonal.
  case transverse
  /// To be turned by 90 degrees counterclockwise.
  case turnedRight
}

extension Image {
  /// The picture whose stored samples lie as `orientation` says.
  func oriented(_ orientation: Orientation) -> Image {
    switch orientation {
    case .upright: self
    case .mirrored: rearranged(origin: (width - 1, 0), right: (-1, 0), down: (0, 1))
    case .upsideDown: rearranged(origin: (width - 1, height - 1), right: (-1, 0), down: (0, -1))
    case .flipped: rearranged(origin: (0, height - 1), right: (1, 0), down: (0, -1))
    case .transposed: rearranged(origin: (0, 0), right: (0, 1), down: (1, 0))
    case .turnedLeft: rearranged(origin: (0, height - 1), right: (0, -1), down: (1, 0))
    case .transverse: rearranged(origin: (width - 1, height - 1), right: (0, -1), down: (-1, 0))
    case .turnedRight: rearranged(origin: (width - 1, 0), right: (0, 1), down: (-1, 0))
    }
  }

  /// `origin` is the stored pixel that becomes the top left one; `right` and `down` are the steps from there.
  private func rearranged(origin: (x: Int, y: Int), right: (x: Int, y: Int), down: (x: Int, y: Int)) -> Image {
    let (newWidth, newHeight) = right.x == 0 ? (height, width) : (width, height)
    let source = pixels.span
    var turned = [UInt8](repeating: 0, count: pixels.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let from = 3 * ((origin.y + x * right.y + y * down.y) * width + origin.x + x * right.x + y * down.x)
        let to = 3 * (y * newWidth + x)
        turned[to] = source[from]
        turned[to + 1] = source[from + 1]
        turned[to + 2] = source[from + 2]
      }
    }
    return Image(width: newWidth, height: newHeight, pixels: turned)
  }
}
