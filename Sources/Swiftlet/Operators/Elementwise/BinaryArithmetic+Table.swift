import CKernels
import ModelFormat

/// With a constant whose elements are all equal, quantized arithmetic on 8 bits is a function of the other operand's byte.
extension BinaryArithmetic {
  /// The table, computed by the kernel that it stands in for; `nil` where it would not pay or not apply.
  static func table(_ node: Node, _ kernel: Kernel) throws(PrepareError) -> Work? {
    let inputs = [try node.input(0), try node.input(1)]
    let output = try node.output(0)
    guard kernel.isQuantized, inputs[0].type.bitWidth == 8,
      let position = inputs.indices.first(where: {
        inputs[$0].count == output.count && isOneValue(node, inputs[1 - $0])
      }),
      output.count > 256, let constant = node.constantBytes(inputs[1 - position]), let all = Shape(of: 256),
      let one = Shape(of: 1)
    else { return nil }
    let bytes = (0...255).map { UInt8($0) }
    var walk = position == 0 ? Broadcast.make(all, one) : Broadcast.make(one, all)
    let items = Broadcast.items(walk)
    let table = unsafe try node.packed(256) { memory in
      unsafe bytes.withUnsafeBytes { all in
        guard let all = all.baseAddress else { return }
        let one = unsafe UnsafeRawPointer(constant.base)
        unsafe kernel.run(
          node.isa.value, &walk, position == 0 ? all : one, position == 0 ? one : all, memory, 0, items)
      }
    }
    return .table(try UnaryOperands(node, position: position), table: table)
  }

  /// Whether `tensor` is a constant of one value, which it is for any shape of the other operand; where that is known only
  /// while running, of one element.
  private static func isOneValue(_ node: Node, _ tensor: Tensor) -> Bool {
    guard let bytes = node.constantBytes(tensor), bytes.count > 0 else { return false }
    return bytes.count == 1 || !node.isRunTime && (1..<bytes.count).allSatisfy { bytes[$0] == bytes[0] }
  }
}

extension BinaryArithmetic.Kernel {
  fileprivate var isQuantized: Bool {
    switch self {
    case .float, .integer, .shiftedSum: false
    case .quantizedAdd, .sum8, .product8, .quantizedMul, .quantizedDiv, .squaredDifference: true
    }
  }
}
