package import ModelFormat

/// Short forms for what front-ends emit most.
extension GraphBuilder {
  package func unary(_ kind: OperatorKind, _ input: ValueID) throws -> ValueID { try emit(Operation(kind), [input]) }

  package func add(_ a: ValueID, _ b: ValueID) throws -> ValueID { try emit(.arithmetic(.add), [a, b]) }
  package func sub(_ a: ValueID, _ b: ValueID) throws -> ValueID { try emit(.arithmetic(.sub), [a, b]) }
  package func mul(_ a: ValueID, _ b: ValueID) throws -> ValueID { try emit(.arithmetic(.mul), [a, b]) }
  package func div(_ a: ValueID, _ b: ValueID) throws -> ValueID { try emit(.arithmetic(.div), [a, b]) }
  package func maximum(_ a: ValueID, _ b: ValueID) throws -> ValueID { try emit(Operation(.maximum), [a, b]) }
  package func minimum(_ a: ValueID, _ b: ValueID) throws -> ValueID { try emit(Operation(.minimum), [a, b]) }

  package func add(_ a: ValueID, _ number: Double) throws -> ValueID { try add(a, scalar(number, type: type(a))) }
  package func mul(_ a: ValueID, _ number: Double) throws -> ValueID { try mul(a, scalar(number, type: type(a))) }

  package func compare(_ kind: OperatorKind, _ a: ValueID, _ b: ValueID) throws -> ValueID {
    try emit(Operation(kind), [a, b], type: .bool)
  }

  package func select(_ condition: ValueID, _ a: ValueID, _ b: ValueID) throws -> ValueID {
    try emit(Operation(.selectV2), [condition, a, b], type: type(a))
  }

  package func cast(_ input: ValueID, to target: ElementType) throws -> ValueID {
    let source = type(input)
    return source == target ? input : try emit(.cast(from: source, to: target), [input], type: target)
  }

  /// The same bits as numbers of another type of as many.
  package func bitcast(_ input: ValueID, to target: ElementType) -> ValueID {
    emit(Operation(.bitcast), [input], types: [target], shapes: [shape(input)])[0]
  }

  // MARK: Moving elements

  package func transpose(_ input: ValueID, _ permutation: [Int]) throws -> ValueID {
    if permutation == Array(permutation.indices) { return input }
    return try emit(Operation(.transpose), [input, integers(permutation)])
  }

  package func reshape(_ input: ValueID, _ shape: [Int]) throws -> ValueID {
    if self.shape(input) == shape { return input }
    return try emit(.reshape(shape), [input, integers(shape)])
  }

  /// The input with dimensions of one put at `axes` of the result, which ascend.
  package func unsqueeze(_ input: ValueID, at axes: [Int]) throws -> ValueID {
    var shape = shape(input)
    for axis in axes { shape.insert(1, at: axis) }
    return try reshape(input, shape)
  }

  package func reduce(_ kind: OperatorKind, _ input: ValueID, axes: [Int], keepsDimensions: Bool = true) throws
    -> ValueID
  {
    try emit(.reduction(kind, keepsDimensions: keepsDimensions), [input, integers(axes)])
  }

  /// The elements from `begin` on, `size` of them, along each axis.
  package func slice(_ input: ValueID, begin: [Int], size: [Int]) throws -> ValueID {
    if size == shape(input) { return input }
    let key = Slice(input: input, begin: begin, size: size)
    if let known = slices[key] { return known }
    let result = try emit(Operation(.slice), [input, integers(begin), integers(size)])
    if value(result).isConstant { slices[key] = result }
    return result
  }

  /// One of `count` equal parts along `axis`.
  package func part(_ input: ValueID, axis: Int, _ index: Int, of count: Int) throws -> ValueID {
    var size = shape(input)
    var begin = Array(repeating: 0, count: size.count)
    size[axis] /= count
    begin[axis] = index * size[axis]
    return try slice(input, begin: begin, size: size)
  }

  /// `paddings`: before and after for each axis. Without a number it pads with zero.
  package func pad(_ input: ValueID, _ paddings: [(Int, Int)], with number: Double = 0) throws -> ValueID {
    if paddings.allSatisfy({ $0 == (0, 0) }) { return input }
    let amounts = integers(paddings.flatMap { [$0.0, $0.1] }, shape: [paddings.count, 2])
    if number == 0 { return try emit(Operation(.pad), [input, amounts]) }
    return try emit(Operation(.padV2), [input, amounts, scalar(number, type: type(input))])
  }

  package func broadcast(_ input: ValueID, to shape: [Int]) throws -> ValueID {
    if self.shape(input) == shape { return input }
    return try emit(Operation(.broadcastTo), [input, integers(shape)])
  }

  package func concatenate(_ inputs: [ValueID], axis: Int) throws -> ValueID {
    inputs.count == 1 ? inputs[0] : try emit(.concatenation(axis: axis), inputs)
  }

  /// The input with `axis` moved to the end, and the way back.
  package func moveToEnd(_ input: ValueID, axis: Int) throws -> (moved: ValueID, back: [Int]) {
    let rank = shape(input).count
    var permutation = Array(0..<rank)
    permutation.append(permutation.remove(at: axis))
    var back = Array(repeating: 0, count: rank)
    for (position, source) in permutation.enumerated() { back[source] = position }
    return (try transpose(input, permutation), back)
  }

  /// The constant's elements as integers; `nil` when it is computed or not a number.
  package func constantIntegers(_ id: ValueID) -> [Int]? {
    let value = graph[id]
    guard let constant = value.constant else { return nil }
    switch value.type {
    case .int64: return constant.elements(as: Int64.self).map { Int($0) }
    case .int32: return constant.elements(as: Int32.self).map { Int($0) }
    case .int16: return constant.elements(as: Int16.self).map { Int($0) }
    case .int8: return constant.elements(as: Int8.self).map { Int($0) }
    case .uint64: return constant.elements(as: UInt64.self).map { Int(clamping: $0) }
    case .uint32: return constant.elements(as: UInt32.self).map { Int(clamping: $0) }
    case .uint16: return constant.elements(as: UInt16.self).map { Int($0) }
    case .uint8, .bool: return constant.elements(as: UInt8.self).map { Int($0) }
    case .float32: return constant.elements(as: Float.self).map { Int(exactly: $0.rounded(.towardZero)) ?? 0 }
    default: return nil
    }
  }

  /// The constant's elements as float32; `nil` when it is computed or of another type.
  package func constantFloats(_ id: ValueID) -> [Float]? {
    let value = graph[id]
    guard value.type == .float32 else { return nil }
    return value.constant?.elements(as: Float.self)
  }
}
