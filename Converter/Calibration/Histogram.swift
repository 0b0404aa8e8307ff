internal import CFloatLayers

/// How often numbers of each size occurred, in bins of equal width around 0. The width is a power of two and doubles
/// when larger numbers come, so that the counts do not depend on the order in which numbers came.
package struct Histogram: Sendable {
  /// Bins, half of them below 0.
  package static let binCount = 4096

  /// The width of a bin; 0 while only zeros came.
  package private(set) var width: Float = 0
  /// By bin; bin `binCount / 2` begins at 0. All zeros while only zeros came.
  package private(set) var counts = BinCounts()
  /// Zeros that came while `width` was 0.
  private var zeros: UInt64 = 0

  package init() {}

  /// Where bin `index` begins.
  package func start(of index: Int) -> Float { Float(index - Self.binCount / 2) * width }

  package var total: UInt64 { counts.reduce(zeros, +) }

  /// Adds the counts of `scratch`, which were taken at `width`, and clears it.
  mutating func add(_ scratch: inout [UInt32], width: Float) {
    if self.width == 0 {
      counts.add(zeros, at: Self.binCount / 2)
      (self.width, zeros) = (width, 0)
    }
    widen(to: width)
    guard let first = scratch.firstIndex(where: { $0 > 0 }), let last = scratch.lastIndex(where: { $0 > 0 }) else {
      return
    }
    // Bins of the scratch that fall into one bin here; more than all of them end in the two bins around 0.
    let ratio = Int(min(self.width / width, Float(Self.binCount)))
    let middle = Self.binCount / 2
    let target = { (index: Int) in ratio == 1 ? index : middle + Self.floorDivide(index - middle, ratio) }
    counts.makeRoom(for: target(first)...target(last))
    for index in first...last where scratch[index] > 0 {
      counts.add(UInt64(scratch[index]), at: target(index))
      scratch[index] = 0
    }
  }

  mutating func addZeros(_ count: Int) {
    if width == 0 { zeros += UInt64(count) } else { counts.add(UInt64(count), at: Self.binCount / 2) }
  }

  private mutating func widen(to newWidth: Float) {
    while width < newWidth {
      var wide = BinCounts()
      let middle = Self.binCount / 2
      let target = { middle + Self.floorDivide($0 - middle, 2) }
      let known = counts.occupied
      if !known.isEmpty { wide.makeRoom(for: target(known.lowerBound)...target(known.upperBound - 1)) }
      for index in known where counts[index] > 0 { wide.add(counts[index], at: target(index)) }
      counts = wide
      width *= 2
    }
  }

  private static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
    number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor)
  }

  /// The width at which numbers up to `magnitude` have bins: a power of two.
  static func width(for magnitude: Float) -> Float {
    let smallest = max(magnitude / Float(binCount / 2), .leastNormalMagnitude)
    return Float(sign: .plus, exponent: smallest.exponent + 1, significand: 1)
  }
}
