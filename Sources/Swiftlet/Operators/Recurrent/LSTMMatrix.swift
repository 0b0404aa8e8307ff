import CKernels
import ModelFormat

/// float32 vectors of the same length, one after another, wherever they come from; constants of int8 are widened.
struct LSTMVectors: Sendable {
  /// Operands of the parts; `nil` leaves a part undefined, as nobody reads it.
  private let parts: [Operand?]
  private let count: Int
  private let joined: Operand
  private let isConstant: Bool

  /// `positions` are inputs of `node`, -1 for a gap.
  init(_ node: Node, _ positions: [Int], count: Int) throws(PrepareError) {
    var parts: [Operand?] = []
    var isConstant = true
    for position in positions {
      guard position >= 0 else {
        parts.append(nil)
        continue
      }
      let tensor = try node.input(position)
      guard tensor.type == .float32 || tensor.type == .int8 && tensor.isConstant else {
        throw PrepareError(.typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(.float32))
      }
      if tensor.type == .int8 { try node.requireQuantization(tensor, .input(position)) }
      parts.append(node.operand(tensor))
      if !tensor.isConstant { isConstant = false }
    }
    self.parts = parts
    self.count = count
    self.isConstant = isConstant
    let bytes = positions.count.multipliedSaturated(by: count).multipliedSaturated(by: MemoryLayout<Float>.size)
    guard isConstant else {
      for position in positions where position >= 0 {
        guard try node.input(position).type == .int8 else { continue }
        throw PrepareError(
          .notConstant, .input(position), remedy: "freeze the vectors beside it to constants when converting")
      }
      joined = node.scratch(bytes)
      return
    }
    var vectors: [[Float]] = []
    for position in positions { vectors.append(position < 0 ? [] : try Self.values(node, position, count)) }
    joined = unsafe try node.packed(bytes) { memory in
      for (index, vector) in vectors.enumerated() {
        unsafe vector.withUnsafeBytes { vector in
          let target = unsafe memory + index * count * MemoryLayout<Float>.size
          if let base = vector.baseAddress { unsafe target.copyMemory(from: base, byteCount: vector.count) }
        }
      }
    }
  }

  private static func values(_ node: Node, _ position: Int, _ count: Int) throws(PrepareError) -> [Float] {
    let tensor = try node.input(position)
    if let stored = node.constant(tensor, as: Int8.self), tensor.type == .int8 {
      return stored.elements.map { Float(Int32($0) - tensor.zeroPoint) * tensor.scale }
    }
    guard let values = node.constant(tensor, as: Float.self) else { throw PrepareError(.notConstant, .input(position)) }
    return values.elements
  }

  /// Brings computed parts together, once an invocation.
  func prepare(_ invocation: borrowing Invocation) {
    guard !isConstant else { return }
    let memory = unsafe invocation.pointer(joined)
    for index in parts.indices {
      guard let part = parts[index] else { continue }
      unsafe (memory + index * count * MemoryLayout<Float>.size).copyMemory(
        from: invocation.pointer(part), byteCount: count * MemoryLayout<Float>.size)
    }
  }

  func pointer(_ invocation: borrowing Invocation) -> UnsafePointer<Float> {
    unsafe UnsafePointer(invocation.elements(joined, as: Float.self))
  }
}

/// The matrix of an LSTM's gates or projection: hybrid where all its weights are int8 constants.
enum LSTMWeights: Sendable {
  case float(LSTMMatrix)
  case hybrid(HybridMatrix)

  init(
    _ node: Node, left: [Int], right: [Int], bias: [Int], rowsEach: Int, depths: (Int, Int), isAsymmetric: Bool
  ) throws(PrepareError) {
    if let matrix = try HybridMatrix(
      node, left: left, right: right, bias: bias, rowsEach: rowsEach, depths: depths, isAsymmetric: isAsymmetric)
    {
      self = .hybrid(matrix)
    } else {
      self = .float(
        try LSTMMatrix(node, left: left, right: right, bias: bias, rowsEach: rowsEach, depths: depths))
    }
  }

  /// Packs weights that are computed, once an invocation.
  func prepare(_ invocation: borrowing Invocation) {
    guard case .float(let matrix) = self else { return }
    matrix.prepare(invocation)
  }

  /// One row of products.
  func multiply(
    _ invocation: borrowing Invocation, _ vector: UnsafeMutablePointer<Float>, _ result: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .float(let matrix): unsafe matrix.multiply(invocation, vector, result)
    case .hybrid(let matrix): unsafe matrix.multiply(invocation, vector, result)
    }
  }
}

/// A packed float32 matrix with a bias: parts below each other, each of two matrices side by side.
struct LSTMMatrix: Sendable {
  private struct Part: Sendable {
    let operand: Operand
    /// 0 for float32 weights; otherwise int8 ones are multiplied by it.
    let scale: Float
  }

  private let left, right: [Part]
  private let bias: [Operand]
  private let rowsEach: Int
  private let depths: (left: Int, right: Int)
  private let parameters: swl_f32_gemm_params
  private let packed: Operand
  /// Rows and bias before packing, for weights that are computed.
  private let assembled: Operand?
  private let isa: swl_isa

  private var rows: Int { left.count * rowsEach }
  private var depth: Int { depths.left + depths.right }

  /// `left`, `right` and `bias` are inputs of `node`; `right` and `bias` may be empty.
  init(
    _ node: Node, left: [Int], right: [Int], bias: [Int], rowsEach: Int, depths: (Int, Int)
  ) throws(PrepareError) {
    self.rowsEach = rowsEach
    self.depths = depths
    self.left = try LSTMMatrix.parts(node, left)
    self.right = try LSTMMatrix.parts(node, right)
    var biases: [Operand] = []
    var areConstant = true
    for position in bias {
      let tensor = try node.input(position)
      guard tensor.type == .float32 else {
        throw PrepareError(.typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(.float32))
      }
      biases.append(node.operand(tensor))
    }
    for position in left + right + bias where !(try node.input(position).isConstant) { areConstant = false }
    self.bias = biases
    isa = node.isa.value
    let elements = left.count.multipliedSaturated(by: rowsEach).multipliedSaturated(by: depths.0 + depths.1 + 1)
    guard elements < Int(clamping: Int64(1) << 40) else {
      throw PrepareError(.memoryBudget, field: "elements of the weights", found: .int(elements))
    }
    var parameters = swl_f32_gemm_params(
      depth: depths.0 + depths.1, columns: left.count * rowsEach, weights_depth_major: false, minimum: -.infinity,
      maximum: .infinity)
    self.parameters = parameters
    let packedBytes = unsafe swl_f32_gemm_packed_bytes(node.isa.value, &parameters)
    guard areConstant else {
      packed = node.scratch(packedBytes)
      assembled = node.scratch(elements * MemoryLayout<Float>.size)
      return
    }
    assembled = nil
    packed = try LSTMMatrix.packConstants(node, left, right, bias, rowsEach, depths, parameters, packedBytes)
  }

  private static func parts(_ node: Node, _ positions: [Int]) throws(PrepareError) -> [Part] {
    var parts: [Part] = []
    for position in positions {
      let tensor = try node.input(position)
      guard tensor.type == .float32 || tensor.type == .int8 else {
        throw PrepareError(.typeUnsupported, .input(position), found: .type(tensor.type), expected: .type(.float32))
      }
      if tensor.type == .int8 { try node.requireQuantization(tensor, .input(position)) }
      parts.append(Part(operand: node.operand(tensor), scale: tensor.type == .int8 ? tensor.scale : 0))
    }
    return parts
  }

  private static func packConstants(
    _ node: Node, _ left: [Int], _ right: [Int], _ bias: [Int], _ rowsEach: Int, _ depths: (left: Int, right: Int),
    _ parameters: swl_f32_gemm_params, _ packedBytes: Int
  ) throws(PrepareError) -> Operand {
    var weights: [Float] = []
    let depth = depths.left + depths.right
    weights.reserveCapacity(left.count * rowsEach * depth)
    for part in left.indices {
      let leftRows = try Reader(node, left[part])
      let rightRows = right.isEmpty ? nil : try Reader(node, right[part])
      for row in 0..<rowsEach {
        for column in 0..<depths.left { weights.append(leftRows[row * depths.left + column]) }
        guard let rightRows else { continue }
        for column in 0..<depths.right { weights.append(rightRows[row * depths.right + column]) }
      }
    }
    var biases: [Float] = []
    for position in bias {
      let values = try Reader(node, position)
      for row in 0..<rowsEach { biases.append(values[row]) }
    }
    let isa = node.isa.value
    return unsafe try node.packedLater(packedBytes) { memory in
      unsafe withUnsafePointer(to: parameters) { parameters in
        unsafe weights.withUnsafeBytes { weights in
          unsafe biases.withUnsafeBytes { biases in
            guard let base = weights.baseAddress else { return }
            unsafe swl_f32_gemm_pack(isa, parameters, base, bias.isEmpty ? nil : biases.baseAddress, memory)
          }
        }
      }
    }
  }

  /// The elements of a constant, float32 or int8, as float32.
  private struct Reader {
    private let floats: ConstantView<Float>?
    private let bytes: ConstantView<Int8>?
    private let scale: Float

    init(_ node: Node, _ position: Int) throws(PrepareError) {
      let tensor = try node.input(position)
      floats = tensor.type == .float32 ? node.constant(tensor, as: Float.self) : nil
      bytes = tensor.type == .int8 ? node.constant(tensor, as: Int8.self) : nil
      scale = tensor.scale
      guard floats != nil || bytes != nil else { throw PrepareError(.notConstant, .input(position)) }
    }

    subscript(index: Int) -> Float {
      if let floats { return floats[index] }
      if let bytes { return Float(bytes[index]) * scale }
      return 0
    }
  }

  /// Packs weights that are computed, once an invocation.
  func prepare(_ invocation: borrowing Invocation) {
    guard let assembled else { return }
    let weights = unsafe invocation.elements(assembled, as: Float.self)
    let biases = unsafe weights + rows * depth
    for part in left.indices {
      for row in 0..<rowsEach {
        let target = unsafe weights + (part * rowsEach + row) * depth
        unsafe copy(invocation, left[part], from: row * depths.left, to: target, count: depths.left)
        guard !right.isEmpty else { continue }
        unsafe copy(invocation, right[part], from: row * depths.right, to: target + depths.left, count: depths.right)
      }
      guard !bias.isEmpty else { continue }
      unsafe UnsafeMutableRawPointer(biases + part * rowsEach).copyMemory(
        from: invocation.pointer(bias[part]), byteCount: rowsEach * MemoryLayout<Float>.size)
    }
    unsafe withUnsafePointer(to: parameters) { parameters in
      unsafe swl_f32_gemm_pack(isa, parameters, weights, bias.isEmpty ? nil : biases, invocation.pointer(packed))
    }
  }

  private func copy(
    _ invocation: borrowing Invocation, _ part: Part, from begin: Int, to target: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    guard part.scale > 0 else {
      // By bytes: a constant of the file may stand at any address.
      let bytes = count * MemoryLayout<Float>.size
      let source = unsafe invocation.pointer(part.operand) + begin * MemoryLayout<Float>.size
      unsafe UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: bytes)
      return
    }
    let source = unsafe invocation.elements(part.operand, as: Int8.self) + begin
    for index in 0..<count { unsafe target[index] = Float(source[index]) * part.scale }
  }

  /// One row of `rows` products.
  func multiply(
    _ invocation: borrowing Invocation, _ vector: UnsafeMutablePointer<Float>, _ result: UnsafeMutablePointer<Float>
  ) {
    unsafe withUnsafePointer(to: parameters) { parameters in
      unsafe swl_f32_gemm(isa, parameters, invocation.pointer(packed), vector, result, 0, 1, 0, rows)
    }
  }
}
