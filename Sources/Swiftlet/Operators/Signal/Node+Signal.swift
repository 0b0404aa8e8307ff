import ModelFormat

/// What the operators of the audio front end read and check alike.
extension Node {
  /// The whole number that `custom_options` has under `key`, within `range`.
  func signalOption(_ key: StaticString, in range: ClosedRange<Int>) throws(PrepareError) -> Int {
    let map = try customOptionMap()
    let value: Int?
    do { value = try map.int(key) } catch {
      throw PrepareError(.optionInvalid, field: key, remedy: "the option cannot be read")
    }
    guard let value else { throw PrepareError(.optionInvalid, field: key, remedy: "the option is missing") }
    guard range.contains(value) else {
      throw PrepareError(
        .optionInvalid, field: key, found: .int(value),
        expected: .int(value < range.lowerBound ? range.lowerBound : range.upperBound))
    }
    return value
  }

  /// Input `position`, refused unless it is a vector of `type`.
  func signalVector(_ position: Int, _ type: ElementType) throws(PrepareError) -> Tensor {
    let tensor = try input(position)
    try expectType(of: tensor, .input(position), among: type)
    try require(tensor, .input(position), rank: 1)
    return tensor
  }

  /// Refuses input `position` unless it has `count` elements.
  func require(_ tensor: Tensor, _ position: Int, count: Int) throws(PrepareError) {
    guard tensor.count == count else {
      throw PrepareError(
        .shapeMismatch, .input(position), field: "number of elements", found: .int(tensor.count), expected: .int(count))
    }
  }
}
