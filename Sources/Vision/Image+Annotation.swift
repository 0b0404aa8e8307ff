extension Image {
  /// The picture with a box, a label on a filled ground and the key points of each detection, in a colour for each class.
  /// The first detections are drawn last and lie on top.
  /// - Parameter detections: boxes and points in pixels of this picture.
  public func annotated(with detections: [Detection]) -> Image {
    var image = self
    for detection in detections.reversed() {
      image.draw(detection)
    }
    return image
  }

  /// Draws one detection; lines and text are scaled to the picture.
  public mutating func draw(_ detection: Detection) {
    let color = Color.forClass(detection.classIndex)
    let side = max(width, height)
    let lineWidth = max(1, (side + 160) / 320)
    stroke(detection.box, lineWidth: lineWidth, with: color)
    for point in detection.keypoints {
      fillDisc(center: point, radius: Float(lineWidth) * 1.5 + 0.5, with: color.contrasting)
      fillDisc(center: point, radius: Float(lineWidth) * 1.5 - 0.5, with: color)
    }
    drawLabel(of: detection, scale: max(1, (side + 150) / 300), with: color)
  }

  /// Above the box, or inside it where the picture ends; moved left until it fits.
  private mutating func drawLabel(of detection: Detection, scale: Int, with color: Color) {
    let box = detection.box.clipped(width: width, height: height)
    guard !(box.x1 + box.y1).isNaN else { return }
    let percent = Int((min(max(detection.score, 0), 1) * 100).rounded())
    let text = detection.label.isEmpty ? "\(percent)%" : "\(detection.label) \(percent)%"
    let (labelWidth, labelHeight) = (Image.textWidth(text, scale: scale) + 2 * scale, (Font.height + 2) * scale)
    let left = max(0, min(Int(box.x1), width - labelWidth))
    let top = Int(box.y1) >= labelHeight ? Int(box.y1) - labelHeight : Int(box.y1)
    fill(columns: left..<left + labelWidth, rows: top..<top + labelHeight, with: color)
    draw(text, x: left + scale, y: top + scale, scale: scale, with: color.contrasting)
  }
}

extension Color {
  /// A colour for a class. Neighbouring indices are far apart: each step turns the hue by the golden ratio.
  public static func forClass(_ index: Int) -> Color {
    let turn = (Double(index) * 0.618_033_988_749_895 + 0.33).truncatingRemainder(dividingBy: 1)
    let sector = (turn < 0 ? turn + 1 : turn) * 6
    func sample(_ offset: Double) -> UInt8 {
      let position = (sector + offset).truncatingRemainder(dividingBy: 6)
      return UInt8(255 - 220 * max(0, min(1, min(position, 4 - position))))
    }
    return Color(red: sample(5), green: sample(3), blue: sample(1))
  }

  /// Black or white, whichever is easier to read on this colour.
  public var contrasting: Color { luma >= 128 ? .black : .white }
}
