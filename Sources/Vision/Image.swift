/// A picture of 8-bit RGB samples.
public struct Image: Sendable, Equatable {
  /// Pixels in a row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// Red, green and blue of each pixel, rows from top to bottom: `(height, width, 3)`.
  public internal(set) var pixels: [UInt8]

  /// - Precondition: `width` and `height` are at least 1 and `pixels.count == width * height * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width >= 1 && height >= 1 && pixels.count == width * height * 3)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A picture of one colour.
  public init(width: Int, height: Int, filledWith color: Color) {
    precondition(width >= 1 && height >= 1)
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 0, count: width * height * 3)
    for index in 0..<width * height {
      pixels[3 * index] = color.red
      pixels[3 * index + 1] = color.green
      pixels[3 * index + 2] = color.blue
    }
  }

  /// The colour at a pixel.
  /// - Precondition: `x` and `y` lie in the picture.
  public subscript(x: Int, y: Int) -> Color {
    get {
      precondition(x >= 0 && x < width && y >= 0 && y < height)
      let index = 3 * (y * width + x)
      return Color(red: pixels[index], green: pixels[index + 1], blue: pixels[index + 2])
    }
    set {
      precondition(x >= 0 && x < width && y >= 0 && y < height)
      let index = 3 * (y * width + x)
      pixels[index] = newValue.red
      pixels[index + 1] = newValue.green
      pixels[index + 2] = newValue.blue
    }
  }
}

/// An RGB colour.
public struct Color: Sendable, Hashable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  public static let black = Color(red: 0, green: 0, blue: 0)
  public static let white = Color(red: 255, green: 255, blue: 255)

  /// Brightness, 0 to 255: Rec. 601 luma in 16-bit fixed point, as Pillow's mode L has it.
  public var luma: UInt8 {
    UInt8(truncatingIfNeeded: (19595 * UInt32(red) + 38470 * UInt32(green) + 7471 * UInt32(blue) + 0x8000) >> 16)
  }
}
