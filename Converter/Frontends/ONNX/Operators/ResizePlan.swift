/// What a Resize node asks for, by dimension: output sizes, where each output lies in the input, and with which weights.
/// Formulas: the ONNX specification of Resize, operator set 19.
struct ResizePlan {
  enum Mode: String {
    case nearest, linear, cubic
  }

  let mode: Mode
  let inputs: [Int]
  let outputs: [Int]
  private let scales: [Double]
  /// Whether the node gives sizes, of which the scales are quotients.
  private let isOfSizes: Bool
  private let coordinates: String
  private let rounding: String
  private let cubicCoefficient: Double
  private let excludesOutside: Bool
  private let isAntialiased: Bool
  /// Where places between two inputs are rounded to parts of so many; `nil` where they are not.
  private let fractions: Double?
  private let regions: [(Float, Float)]
  /// What outputs hold that lie outside the data.
  let extrapolation: Float

  var isResized: [Bool] {
    inputs.indices.map { inputs[$0] != outputs[$0] || scales[$0] != 1 || coordinates == "tf_crop_and_resize" }
  }

  init(_ node: ONNXNode) throws {
    inputs = try node.shape(0)
    let rank = inputs.count
    let name = node.string("mode", default: "nearest")
    guard let mode = Mode(rawValue: name) else { throw node.malformed("mode '\(name)'") }
    self.mode = mode
    coordinates = node.string(
      "coordinate_transformation_mode", default: node.opset < 11 ? "asymmetric" : "half_pixel")
    rounding = node.string("nearest_mode", default: node.opset < 11 ? "floor" : "round_prefer_floor")
    cubicCoefficient = Double(node.float("cubic_coeff_a", default: -0.75))
    excludesOutside = node.int("exclude_outside", default: 0) == 1
    isAntialiased = node.int("antialias", default: 0) == 1
    fractions = nil
    extrapolation = node.float("extrapolation_value", default: 0)
    let axes = try (node.ints("axes") ?? Array(0..<rank)).map { try node.normalized($0, rank: rank) }
    var scales = Array(repeating: 1.0, count: rank)
    var outputs = inputs
    let scaleInput = node.opset < 11 ? 1 : 2
    let sizes = try node.opset < 11 ? nil : node.integers(3, "sizes")
    isOfSizes = sizes?.isEmpty == false
    if let sizes, !sizes.isEmpty {
      guard sizes.count == axes.count, sizes.allSatisfy({ $0 > 0 && $0 < 1 << 24 }) else {
        throw node.malformed("sizes \(sizes)")
      }
      for (axis, size) in zip(axes, sizes) { scales[axis] = Double(size) / Double(max(inputs[axis], 1)) }
      let policy = node.string("keep_aspect_ratio_policy", default: "stretch")
      if policy != "stretch" {
        let chosen = axes.map { scales[$0] }
        let scale = (policy == "not_larger" ? chosen.min() : chosen.max()) ?? 1
        for axis in axes {
          scales[axis] = scale
          outputs[axis] = Int((scale * Double(inputs[axis])).rounded())
        }
      } else {
        for (axis, size) in zip(axes, sizes) { outputs[axis] = size }
      }
    } else {
      guard let given = try node.floats(scaleInput, "scales"), given.count == axes.count,
        given.allSatisfy({ $0 > 0 && $0 < 0x1p20 })
      else { throw node.malformed("its scales and sizes are missing or do not fit") }
      for (axis, scale) in zip(axes, given) {
        scales[axis] = Double(scale)
        outputs[axis] = Int((Double(inputs[axis]) * Double(scale)).rounded(.down))
      }
    }
    self.scales = scales
    self.outputs = outputs
    var regions = Array(repeating: (Float(0), Float(1)), count: rank)
    if coordinates == "tf_crop_and_resize" {
      guard let region = try node.floats(1, "region"), region.count == 2 * axes.count else {
        throw node.malformed("its region is missing")
      }
      for (index, axis) in axes.enumerated() {
        regions[axis] = (region[index], region[axes.count + index])
      }
    }
    self.regions = regions
  }

  /// Upsample, the operator before Resize.
  init(upsample node: ONNXNode) throws {
    inputs = try node.shape(0)
    let name = node.string("mode", default: "nearest")
    guard let mode = Mode(rawValue: name == "bilinear" ? "linear" : name) else {
      throw node.malformed("mode '\(name)'")
    }
    guard let given = try node.floats(named: "scales") ?? node.floats(1, "scales"), given.count == inputs.count,
      given.allSatisfy({ $0 > 0 && $0 < 0x1p20 })
    else { throw node.malformed("its scales are missing or do not fit") }
    self.mode = mode
    isOfSizes = false
    scales = given.map { Double($0) }
    outputs = zip(inputs, given).map { Int((Double($0) * Double($1)).rounded(.down)) }
    (coordinates, rounding, cubicCoefficient) = ("asymmetric", "floor", -0.75)
    (excludesOutside, isAntialiased, extrapolation, fractions) = (false, false, 0, nil)
    regions = inputs.map { _ in (0, 1) }
  }

  /// TensorFlow's bicubic interpolation, which looks weights up in a table of 1024 places between two inputs.
  init(bicubic inputs: [Int], outputs: [Int]) {
    (self.inputs, self.outputs, mode, isOfSizes) = (inputs, outputs, .cubic, false)
    scales = zip(inputs, outputs).map { Double($1) / Double(max($0, 1)) }
    (coordinates, rounding, cubicCoefficient) = ("half_pixel", "floor", -0.5)
    (excludesOutside, isAntialiased, extrapolation, fractions) = (true, false, 0, 1024)
    regions = inputs.map { _ in (0, 1) }
  }

  /// The file format's operator for the last two dimensions of a picture, when it has the same coordinates.
  var pictureOperation: Operation? {
    // Its scale is the quotient of the sizes, which corners that are aligned have anyway.
    let isExact =
      coordinates == "align_corners"
      || (2..<4).allSatisfy { abs(Double(outputs[$0]) - scales[$0] * Double(inputs[$0])) < 1e-6 }
    guard isExact, !isAntialiased, outputs.allSatisfy({ $0 > 0 }) else { return nil }
    switch (mode, coordinates) {
    case (.linear, "half_pixel"):
      return .resize(.resizeBilinear, alignsCorners: false, hasHalfPixelCenters: true)
    case (.linear, "pytorch_half_pixel") where outputs[2] > 1 && outputs[3] > 1:
      return .resize(.resizeBilinear, alignsCorners: false, hasHalfPixelCenters: true)
    case (.linear, "align_corners"): return .resize(.resizeBilinear, alignsCorners: true, hasHalfPixelCenters: false)
    case (.linear, "asymmetric"): return .resize(.resizeBilinear, alignsCorners: false, hasHalfPixelCenters: false)
    case (.nearest, _):
      let isFloor = (2..<4).allSatisfy { axis in
        nearest(axis) == (0..<outputs[axis]).map { Int(Double($0) * Double(inputs[axis]) / Double(outputs[axis])) }
      }
      return isFloor ? .resize(.resizeNearestNeighbor, alignsCorners: false, hasHalfPixelCenters: false) : nil
    default: return nil
    }
  }

  /// Where output `index` lies in the input, as ONNX Runtime computes it, since a last bit decides which cell is the
  /// nearest: in float32 where scales are given.
  private func source(_ index: Int, _ axis: Int) -> Double {
    isOfSizes ? place(Double(index), axis) : Double(place(Float(index), axis))
  }

  /// The length of the result is a whole number for `align_corners`, too, as PyTorch and ONNX Runtime have it; the
  /// specification takes the one before rounding.
  private func place<Number: BinaryFloatingPoint>(_ x: Number, _ axis: Int) -> Number {
    let scale = Number(scales[axis])
    let (input, output) = (Number(inputs[axis]), Number(outputs[axis]))
    switch coordinates {
    case "asymmetric": return x / scale
    case "align_corners": return output == 1 ? 0 : x * (input - 1) / (output - 1)
    case "pytorch_half_pixel": return output > 1 ? (x + 0.5) / scale - 0.5 : 0
    case "tf_half_pixel_for_nn": return (x + 0.5) / scale
    case "half_pixel_symmetric":
      let adjustment = output / (scale * input)
      return input / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
    case "tf_crop_and_resize":
      let (start, end) = (Number(regions[axis].0), Number(regions[axis].1))
      guard output > 1 else { return (start + end) * (input - 1) / 2 }
      return start * (input - 1) + x * (end - start) * (input - 1) / (output - 1)
    default: return (x + 0.5) / scale - 0.5
    }
  }

  /// For each output whether it lies inside the data; those outside hold `extrapolation`.
  func isInside(_ axis: Int) -> [Bool] {
    guard coordinates == "tf_crop_and_resize" else { return Array(repeating: true, count: outputs[axis]) }
    return (0..<outputs[axis]).map { (0...Double(inputs[axis] - 1)).contains(source($0, axis)) }
  }

  /// For each output the nearest input.
  func nearest(_ axis: Int) -> [Int] {
    (0..<outputs[axis]).map { index in
      let place = source(index, axis)
      let rounded: Double =
        switch rounding {
        case "floor": place.rounded(.down)
        case "ceil": place.rounded(.up)
        case "round_prefer_ceil": (place + 0.5).rounded(.down)
        default: (place - 0.5).rounded(.up)
        }
      return min(max(Int(rounded), 0), inputs[axis] - 1)
    }
  }

  /// The matrix of weights (outputs, inputs) for linear and cubic interpolation.
  func weights(_ axis: Int) -> [Float] {
    let extent = inputs[axis]
    var matrix = [Float](repeating: 0, count: outputs[axis] * extent)
    // Antialiasing widens the kernel when the picture shrinks.
    let stretch = isAntialiased && scales[axis] < 1 ? 1 / scales[axis] : 1
    let reach = (mode == .cubic ? 2.0 : 1.0) * stretch
    for index in 0..<outputs[axis] {
      let place = tabled(source(index, axis))
      let first = Int((place - reach).rounded(.down)) + 1
      let last = Int((place + reach).rounded(.up)) - 1
      guard last >= first else { continue }
      var taps = (first...last).map { ($0, kernel((place - Double($0)) / stretch)) }
      if excludesOutside { taps = taps.filter { (0..<extent).contains($0.0) } }
      let sum = taps.reduce(0) { $0 + $1.1 }
      for (tap, weight) in taps where sum != 0 {
        matrix[index * extent + min(max(tap, 0), extent - 1)] += Float(weight / sum)
      }
    }
    return matrix
  }

  private func tabled(_ place: Double) -> Double {
    guard let fractions else { return place }
    let whole = place.rounded(.down)
    return whole + ((place - whole) * fractions).rounded(.toNearestOrEven) / fractions
  }

  private func kernel(_ distance: Double) -> Double {
    let x = abs(distance)
    guard mode == .cubic else { return max(0, 1 - x) }
    let a = cubicCoefficient
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }
}
