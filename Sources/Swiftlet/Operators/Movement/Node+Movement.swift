import ModelFormat

/// What the operators that move bytes check alike. None of them looks at the values, so any type of whole bytes does;
/// like TensorFlow Lite they leave the quantization alone unless they say otherwise.
extension Node {
  /// Bytes of an element of output `position`, which has the type of `input`.
  func movedElementBytes(_ input: Tensor, toOutput position: Int = 0, operand: Int = 0) throws(PrepareError) -> Int {
    let output = try output(position)
    guard input.type.bitWidth >= 8 else {
      throw PrepareError(.typeUnsupported, .input(operand), found: .type(input.type))
    }
    guard output.type == input.type else {
      throw PrepareError(
        .typeMismatch, .output(position), found: .type(output.type), expected: .type(input.type))
    }
    return input.type.bitWidth / 8
  }

  /// Refuses operand `position` unless scale and zero point are those of `reference`.
  static func expectQuantization(
    of tensor: Tensor, toBeThatOf reference: Tensor, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) {
    guard !tensor.hasQuantization(of: reference) else { return }
    if tensor.zeroPoint != reference.zeroPoint {
      throw PrepareError(
        .quantizationInvalid, operand, field: "zero point", found: .int(Int(tensor.zeroPoint)),
        expected: .int(Int(reference.zeroPoint)))
    }
    throw PrepareError(
      .quantizationInvalid, operand, field: "scale", found: .float(tensor.scale), expected: .float(reference.scale))
  }

  /// A constant vector or scalar on which the shape of the result depends.
  func shapeIntegers(_ position: Int) throws(PrepareError) -> Integers {
    let tensor = try input(position)
    guard tensor.isConstant else {
      throw PrepareError(.dynamicShape, .input(position), remedy: "freeze it to a constant when converting")
    }
    return try integers(position)
  }

  /// As `shapeIntegers`, with exactly `count` of them.
  func shapeIntegers(_ position: Int, count: Int) throws(PrepareError) -> Integers {
    let values = try shapeIntegers(position)
    guard values.count == count else {
      throw PrepareError(
        .shapeMismatch, .input(position), field: "number of elements", found: .int(values.count),
        expected: .int(count))
    }
    return values
  }

  /// The dimension of `shape` that the scalar at input `position` means.
  func axis(fromInput position: Int, in shape: Shape) throws(PrepareError) -> Int {
    let value = try shapeIntegers(position, count: 1)[0]
    guard let axis = shape.normalized(axis: value) else {
      throw PrepareError(
        .valueInvalid, .input(position), field: "axis", found: .int(value), expected: .int(shape.rank - 1))
    }
    return axis
  }

  /// The dimension that an option means in a tensor of `rank` dimensions.
  func axis(fromOption value: Int, rank: Int) throws(PrepareError) -> Int {
    try Node.axis(fromOption: value, rank: rank)
  }

  static func axis(fromOption value: Int, rank: Int) throws(PrepareError) -> Int {
    let axis = value < 0 ? value &+ rank : value
    guard axis >= 0, axis < rank else {
      throw PrepareError(.optionInvalid, field: "axis", found: .int(value), expected: .int(rank - 1))
    }
    return axis
  }
}

extension Shape {
  /// Bytes from one element to the next along each dimension of a dense tensor.
  func byteStrides(elementBytes: Int) -> ByAxis {
    var strides = ByAxis(repeating: elementBytes, count: rank)
    var index = rank - 2
    while index >= 0 {
      strides[index] = strides[index + 1] &* self[index + 1]
      index -= 1
    }
    return strides
  }

  /// Bytes from one element to the next along dimension `axis` of a dense tensor.
  func byteStride(_ axis: Int, elementBytes: Int) -> Int {
    var stride = elementBytes
    for index in axis + 1..<max(rank, axis + 1) { stride = stride &* self[index] }
    return stride
  }

  /// This shape with dimension `axis` set to `count`; `nil` when the product overflows.
  func replacing(_ axis: Int, with count: Int) -> Shape? { Shape(rank: rank) { $0 == axis ? count : self[$0] } }

  /// This shape without dimension `axis`.
  func removing(_ axis: Int) -> Shape? { Shape(rank: rank - 1) { self[$0 < axis ? $0 : $0 + 1] } }

  /// This shape with a dimension of `count` before dimension `axis`; `nil` above rank 8.
  func inserting(_ count: Int, at axis: Int) -> Shape? {
    Shape(rank: rank + 1) { $0 == axis ? count : self[$0 < axis ? $0 : $0 - 1] }
  }
}
