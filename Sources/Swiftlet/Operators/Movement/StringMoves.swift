import ModelFormat

/// The plan of an operator that hands strings on, all of them in order or picked by indices.
package struct StringMoves: Sendable {
  let input, output: TensorReference
  let shape: Shape
  /// Positions of the strings to take, and bytes of each position; `nil` to take all.
  let indices: (operand: Operand, bytes: Int)?

  func run(_ invocation: borrowing Invocation) {
    let strings = invocation.strings(input)
    guard let indices else {
      guard invocation.resize(output, to: shape, byteCount: strings.byteCount) else { return }
      invocation.view(output.operand, as: UInt8.self, count: strings.byteCount)
        .copy(from: invocation.view(input.operand, as: UInt8.self, count: strings.byteCount))
      return
    }
    let count = shape.elementCount
    let header = 8 + count * 4
    var total = header
    for index in 0..<count {
      let bytes = strings.range(position(index, indices, invocation)).count
      guard bytes <= Int(Int32.max) - total else { return }
      total += bytes
    }
    guard total <= Int(Int32.max), invocation.resize(output, to: shape, byteCount: total) else { return }
    let numbers = invocation.view(output.operand, as: Int32.self, count: count + 2)
    let source = invocation.view(input.operand, as: UInt8.self, count: strings.byteCount)
    let target = invocation.view(output.operand, as: UInt8.self, count: total)
    var end = header
    (numbers[0], numbers[1]) = (Int32(count), Int32(header))
    for index in 0..<count {
      for byte in strings.range(position(index, indices, invocation)) {
        target[end] = source[byte]
        end += 1
      }
      numbers[index + 2] = Int32(end)
    }
  }

  private func position(
    _ index: Int, _ indices: (operand: Operand, bytes: Int), _ invocation: borrowing Invocation
  ) -> Int {
    let pointer = unsafe UnsafeRawPointer(invocation.pointer(indices.operand))
    switch indices.bytes {
    case 2: return Int(unsafe pointer.loadUnaligned(fromByteOffset: index * 2, as: Int16.self))
    case 4: return Int(unsafe pointer.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
    default: return Int(clamping: unsafe pointer.loadUnaligned(fromByteOffset: index * 8, as: Int64.self))
    }
  }
}
