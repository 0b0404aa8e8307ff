extension Image {
  /// The whole picture in another size; the aspect ratio is not kept.
  /// - Precondition: `width` and `height` are at least 1.
  /// - Complexity: `antialiasedBilinear` reads every pixel about twice for each axis; `halfPixelBilinear` two per output.
  public func resized(
    width newWidth: Int, height newHeight: Int, convention: ResizeConvention = .antialiasedBilinear
  ) -> Image {
    let resized = resample(
      pixels, channels: 3, from: (width, height), to: (newWidth, newHeight), convention: convention)
    return Image(width: newWidth, height: newHeight, pixels: resized)
  }

  /// The picture in the middle of a black square, resized to `side`: equal to padding first and resizing then, without the
  /// memory of the padded picture.
  /// - Returns: the square, and the way back from it to the pixels of this picture.
  /// - Precondition: `side` is at least 1.
  public func resizedInSquare(
    side: Int, convention: ResizeConvention = .antialiasedBilinear
  ) -> (image: Image, padding: SquarePadding) {
    precondition(side >= 1)
    let padding = SquarePadding(width: width, height: height)
    let columns = ResampleTable(
      inputCount: width, outputCount: side, convention: convention,
      padding: (padding.left, padding.side - width - padding.left))
    let rows = ResampleTable(
      inputCount: height, outputCount: side, convention: convention,
      padding: (padding.top, padding.side - height - padding.top))
    let resized = Resampler.resize(pixels, width: width, channels: 3, columns: columns, rows: rows)
    return (Image(width: side, height: side, pixels: resized), padding)
  }
}

extension GrayImage {
  /// As `Image.resized`.
  public func resized(
    width newWidth: Int, height newHeight: Int, convention: ResizeConvention = .antialiasedBilinear
  ) -> GrayImage {
    let resized = resample(
      pixels, channels: 1, from: (width, height), to: (newWidth, newHeight), convention: convention)
    return GrayImage(width: newWidth, height: newHeight, pixels: resized)
  }
}

private func resample(
  _ pixels: [UInt8], channels: Int, from old: (width: Int, height: Int), to new: (width: Int, height: Int),
  convention: ResizeConvention
) -> [UInt8] {
  precondition(new.width >= 1 && new.height >= 1)
  let columns = ResampleTable(inputCount: old.width, outputCount: new.width, convention: convention)
  let rows = ResampleTable(inputCount: old.height, outputCount: new.height, convention: convention)
  return Resampler.resize(pixels, width: old.width, channels: channels, columns: columns, rows: rows)
}
