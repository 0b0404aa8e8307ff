/// How a picture becomes the numbers of a network's input: fitted to its size, colours in its order, and
/// `(sample - mean) / deviation` for each sample of 0...255.
///
/// Written as text it travels in model files and on command lines: `fit=stretch,filter=antialiased,colors=rgb,mean=0,std=255`.
public struct PicturePreprocessing: Sendable, Equatable {
  /// How a picture of another aspect ratio fills the input.
  public enum Fit: String, Sendable, CaseIterable {
    /// The whole picture, distorted where the ratios differ.
    case stretch
    /// The whole picture in the middle of a black square (for square inputs).
    case pad
    /// The largest part in the middle that has the input's ratio.
    case crop
  }

  public enum Filter: String, Sendable, CaseIterable {
    /// `ResizeConvention.antialiasedBilinear`, Pillow's.
    case antialiased
    /// `ResizeConvention.halfPixelBilinear`, OpenCV's.
    case bilinear

    var convention: ResizeConvention { self == .antialiased ? .antialiasedBilinear : .halfPixelBilinear }
  }

  public enum Colors: String, Sendable, CaseIterable {
    case rgb, bgr, gray

    /// Samples of a pixel.
    public var channels: Int { self == .gray ? 1 : 3 }
  }

  public var fit = Fit.stretch
  public var filter = Filter.antialiased
  public var colors = Colors.rgb
  /// What is subtracted: one number, or one for each channel in the order of `colors`.
  public var mean: [Double] = [0]
  /// What is divided by: one number, or one for each channel; none is 0.
  public var deviation: [Double] = [255]

  public init() {}

  /// Samples in 0...255, fitted and in the order of `colors`: `(height, width, channels)`.
  /// - Precondition: `width` and `height` are at least 1; they are equal for `Fit.pad`.
  public func samples(of image: Image, width: Int, height: Int) -> [UInt8] {
    if colors == .gray {
      // Brightness is taken before resizing, as Pillow's users have it.
      let gray = image.gray().pixels.flatMap { [$0, $0, $0] }
      let fitted = fitted(Image(width: image.width, height: image.height, pixels: gray), width: width, height: height)
      return stride(from: 0, to: fitted.pixels.count, by: 3).map { fitted.pixels[$0] }
    }
    var pixels = fitted(image, width: width, height: height).pixels
    if colors == .bgr {
      for index in stride(from: 0, to: pixels.count, by: 3) { pixels.swapAt(index, index + 2) }
    }
    return pixels
  }

  /// The numbers of the input: `(height, width, channels)`.
  /// - Precondition: as `samples`.
  public func values(of image: Image, width: Int, height: Int) -> [Float] {
    let channels = colors.channels
    let table = (0..<channels).map { channel in
      (0...255).map { Float(value(ofSample: $0, channel: channel)) }
    }
    var values: [Float] = []
    let samples = samples(of: image, width: width, height: height)
    values.reserveCapacity(samples.count)
    for (index, sample) in samples.enumerated() { values.append(table[index % channels][Int(sample)]) }
    return values
  }

  /// What a sample becomes: `(sample - mean) / deviation`.
  public func value(ofSample sample: UInt8, channel: Int) -> Double {
    (Double(sample) - at(mean, channel)) / at(deviation, channel)
  }

  /// A point of the input, 0...1 on both axes, in pixels of a picture of this size.
  public func pictureCoordinates(of point: Point, width: Int, height: Int, inputRatio: Float = 1) -> Point {
    switch fit {
    case .stretch: return Point(x: point.x * Float(width), y: point.y * Float(height))
    case .pad: return SquarePadding(width: width, height: height).pictureCoordinates(of: point)
    case .crop:
      let part = Self.middle(width: width, height: height, ratio: Double(inputRatio))
      return Point(
        x: Float(part.left) + point.x * Float(part.width), y: Float(part.top) + point.y * Float(part.height))
    }
  }

  /// As for a point.
  public func pictureCoordinates(of box: Box, width: Int, height: Int, inputRatio: Float = 1) -> Box {
    let low = pictureCoordinates(of: Point(x: box.x1, y: box.y1), width: width, height: height, inputRatio: inputRatio)
    let high = pictureCoordinates(of: Point(x: box.x2, y: box.y2), width: width, height: height, inputRatio: inputRatio)
    return Box(x1: low.x, y1: low.y, x2: high.x, y2: high.y)
  }

  private func at(_ numbers: [Double], _ channel: Int) -> Double {
    numbers.count == 1 ? numbers[0] : numbers[channel]
  }

  private func fitted(_ image: Image, width: Int, height: Int) -> Image {
    switch fit {
    case .stretch: return image.resized(width: width, height: height, convention: filter.convention)
    case .pad:
      precondition(width == height)
      return image.resizedInSquare(side: width, convention: filter.convention).image
    case .crop:
      let part = Self.middle(width: image.width, height: image.height, ratio: Double(width) / Double(height))
      return image.cropped(left: part.left, top: part.top, width: part.width, height: part.height)
        .resized(width: width, height: height, convention: filter.convention)
    }
  }

  /// The largest part in the middle with `ratio` of width to height.
  private static func middle(
    width: Int, height: Int, ratio: Double
  ) -> (left: Int, top: Int, width: Int, height: Int) {
    let partWidth = max(1, min(width, Int((Double(height) * ratio).rounded())))
    let partHeight = max(1, min(height, Int((Double(width) / ratio).rounded())))
    return ((width - partWidth) / 2, (height - partHeight) / 2, partWidth, partHeight)
  }
}

extension Image {
  /// A part of the picture.
  /// - Precondition: it has at least one pixel and lies in the picture.
  public func cropped(left: Int, top: Int, width partWidth: Int, height partHeight: Int) -> Image {
    precondition(left >= 0 && top >= 0 && partWidth >= 1 && partHeight >= 1)
    precondition(left <= width - partWidth && top <= height - partHeight)
    var part: [UInt8] = []
    part.reserveCapacity(partWidth * partHeight * 3)
    for row in top..<top + partHeight {
      let start = 3 * (row * width + left)
      part += pixels[start..<start + 3 * partWidth]
    }
    return Image(width: partWidth, height: partHeight, pixels: part)
  }
}
