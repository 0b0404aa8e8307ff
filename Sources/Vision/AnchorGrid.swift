/// The anchor centres of an SSD-style network.
public enum AnchorGrid {
  /// One list over all layers, row by row and cell by cell, in 0...1 of the input; each centre is repeated for the
  /// anchors of its cell. Layers of equal stride that follow each other share their cells.
  ///
  /// `strides: [8, 16, 16, 16]` with a side of 128 gives BlazeFace's 896 anchors: 2 in each of 16 x 16 cells, then 6 in
  /// each of 8 x 8. Source: the SSD anchor options of MediaPipe's face detection, with anchors of fixed size.
  ///
  /// - Parameters:
  ///   - side: pixels of the network's square input, at least 1.
  ///   - strides: pixels between cells for each layer, each at least 1.
  ///   - anchorsPerLayer: anchors that a layer adds to a cell.
  public static func centers(side: Int, strides: [Int], anchorsPerLayer: Int = 2) -> [Point] {
    precondition(side >= 1 && anchorsPerLayer >= 1 && strides.allSatisfy { $0 >= 1 })
    var centers: [Point] = []
    var layer = 0
    while layer < strides.count {
      let stride = strides[layer]
      let layers = strides[layer...].prefix { $0 == stride }.count
      let cells = (side + stride - 1) / stride
      for row in 0..<cells {
        for column in 0..<cells {
          let center = Point(x: (Float(column) + 0.5) / Float(cells), y: (Float(row) + 0.5) / Float(cells))
          centers.append(contentsOf: repeatElement(center, count: layers * anchorsPerLayer))
        }
      }
      layer += layers
    }
    return centers
  }
}
