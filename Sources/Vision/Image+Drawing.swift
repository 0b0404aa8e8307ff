/// Shapes are clipped to the picture; coordinates that are not numbers draw nothing.
extension Image {
  /// Fills the pixels whose column lies in `columns` and whose row lies in `rows`.
  public mutating func fill(columns: Range<Int>, rows: Range<Int>, with color: Color) {
    let columns = columns.clamped(to: 0..<width)
    for y in rows.clamped(to: 0..<height) {
      for x in columns {
        self[x, y] = color
      }
    }
  }

  /// Draws the outline of a box, centred on its edges.
  /// - Parameter lineWidth: pixels, at least 1.
  public mutating func stroke(_ box: Box, lineWidth: Int, with color: Color) {
    guard let left = pixel(box.x1), let top = pixel(box.y1), let right = pixel(box.x2), let bottom = pixel(box.y2),
      left <= right, top <= bottom
    else { return }
    let before = max(lineWidth, 1) / 2
    let after = max(lineWidth, 1) - before
    fill(columns: left - before..<right + after, rows: top - before..<top + after, with: color)
    fill(columns: left - before..<right + after, rows: bottom - before..<bottom + after, with: color)
    fill(columns: left - before..<left + after, rows: top - before..<bottom + after, with: color)
    fill(columns: right - before..<right + after, rows: top - before..<bottom + after, with: color)
  }

  /// Fills the pixels whose centre is no farther than `radius` pixels from a point.
  public mutating func fillDisc(center: Point, radius: Float, with color: Color) {
    guard radius >= 0, radius <= Float(width + height), let x = pixel(center.x), let y = pixel(center.y) else { return }
    let reach = Int(radius) + 1
    for row in (y - reach..<y + reach + 1).clamped(to: 0..<height) {
      for column in (x - reach..<x + reach + 1).clamped(to: 0..<width) {
        let (dx, dy) = (Float(column) + 0.5 - center.x, Float(row) + 0.5 - center.y)
        if dx * dx + dy * dy <= radius * radius { self[column, row] = color }
      }
    }
  }

  /// Writes a line of ASCII text in the built-in font; other characters show as a question mark.
  /// - Parameters:
  ///   - x, y: the top left corner.
  ///   - scale: pixels for a dot of the font, at least 1; a character is 6 dots wide and 8 high.
  public mutating func draw(_ text: String, x: Int, y: Int, scale: Int, with color: Color) {
    let dot = max(scale, 1)
    var left = x
    for character in text where left < width {
      for row in 0..<Font.height {
        for column in 0..<Font.width where Font.isSet(character, column: column, row: row) {
          let (dotX, dotY) = (left + column * dot, y + row * dot)
          fill(columns: dotX..<dotX + dot, rows: dotY..<dotY + dot, with: color)
        }
      }
      left += (Font.width + 1) * dot
    }
  }

  /// The width of `draw`'s text in pixels.
  static func textWidth(_ text: String, scale: Int) -> Int {
    max(text.count * (Font.width + 1) - 1, 0) * scale
  }

  /// A coordinate as a whole number of pixels, kept near the picture; `nil` for what is not a number.
  private func pixel(_ coordinate: Float) -> Int? {
    let reach = Float(4 * (width + height))
    return coordinate.isNaN ? nil : Int(min(max(coordinate, -reach), reach).rounded())
  }
}
