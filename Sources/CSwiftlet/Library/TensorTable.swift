internal import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

/// The tensors of a subgraph as structures of the C API, which keep their addresses as long as the table lives.
@safe final class TensorTable {
  private let base: UnsafeMutablePointer<TfLiteTensor>
  let count: Int
  private let subgraph: Subgraph
  private let bytes: ModelBytes

  /// Types, names, quantization and the shapes of the file; constants already have their data. `nil` when out of memory.
  ///
  /// The parameters of channels are written when somebody asks for the tensor: programs look at weights seldom, and
  /// memory that is not written is not resident. It lies behind all other arrays.
  init?(of subgraph: Subgraph, in bytes: ModelBytes, reporter: Reporter) {
    let room = subgraph.tensors.reduce(0) { $0 + Self.room($1) }
    guard let base = unsafe swl_tensors_create(subgraph.tensors.count, room, reporter.pointer) else { return nil }
    unsafe self.base = base
    count = subgraph.tensors.count
    self.subgraph = subgraph
    self.bytes = bytes
    for index in 0..<count {
      guard fill(index) else { return nil }
    }
    for index in 0..<count {
      let channels = subgraph.tensors[index].scaleCount
      guard channels <= 1 || (unsafe swl_tensor_reserve_quantization(base, index, channels)) else { return nil }
    }
  }

  deinit { unsafe swl_tensors_delete(base, count) }

  /// Bytes for the arrays of a tensor.
  private static func room(_ info: TensorInfo) -> Int {
    let shapes =
      swl_array_room(info.shape.count)
      + (info.shapeSignature.isEmpty ? 0 : swl_array_room(info.shapeSignature.count))
    return info.scaleCount == 0 ? shapes : shapes + swl_quantization_room(info.scaleCount)
  }

  subscript(index: Int) -> UnsafeMutablePointer<TfLiteTensor> {
    let tensor = unsafe base + index
    if unsafe tensor.pointee.quantization.params != nil,
      unsafe tensor.pointee.quantization.type == kTfLiteNoQuantization
    {
      quantize(index)
    }
    return unsafe tensor
  }

  /// The first of all tensors, as they lie one after another.
  var all: UnsafeMutablePointer<TfLiteTensor> {
    for index in 0..<count { _ = unsafe self[index] }
    return unsafe base
  }

  private func fill(_ index: Int) -> Bool {
    let info = subgraph.tensors[index]
    let tensor = unsafe base + index
    let name = info.nameBytes.isEmpty ? unsafe swl_no_name() : unsafe bytes.rawPointer(of: info.nameBytes)
    unsafe tensor.pointee.name = name?.assumingMemoryBound(to: CChar.self)
    unsafe tensor.pointee.type = info.type.number
    unsafe tensor.pointee.is_variable = info.isVariable
    guard setShape(index, to: info.shape, type: info.type) else { return false }
    if info.scaleCount == 1 {
      guard unsafe swl_tensor_reserve_quantization(base, index, 1) else { return false }
      quantize(index)
    }
    if !info.shapeSignature.isEmpty {
      guard let signature = unsafe array(info.shapeSignature.count, { info.shapeSignature[$0] }) else { return false }
      unsafe tensor.pointee.dims_signature = UnsafePointer(signature)
    }
    resetData(index, info)
    return true
  }

  /// Writes the parameters, for which there is memory.
  private func quantize(_ index: Int) {
    guard let quantization = subgraph.tensors[index].quantization else { return }
    unsafe swl_tensor_quantize(
      base + index, quantization.scales, quantization.zeroPoints, quantization.scales.count,
      Int32(clamping: quantization.dimension))
  }

  /// Takes memory away from everything but constants.
  func resetData(_ index: Int) { resetData(index, subgraph.tensors[index]) }

  private func resetData(_ index: Int, _ info: TensorInfo) {
    let tensor = unsafe base + index
    if let data = info.data {
      unsafe tensor.pointee.data.data = UnsafeMutableRawPointer(mutating: bytes.rawPointer(of: data))
      unsafe tensor.pointee.bytes = data.count
      unsafe tensor.pointee.allocation_type = kTfLiteMmapRo
    } else {
      unsafe tensor.pointee.data.data = nil
      unsafe tensor.pointee.allocation_type = info.isVariable ? kTfLiteArenaRwPersistent : kTfLiteArenaRw
    }
  }

  /// Sets dimensions, whose product is known to fit, and bytes. False when out of memory.
  func setShape(_ index: Int, to dimensions: [Int], type: ElementType) -> Bool {
    let byteCount = type.byteCount(of: dimensions.reduce(1, &*)) ?? 0
    return setShape(index, rank: dimensions.count, byteCount: byteCount) { dimensions[$0] }
  }

  /// Sets dimensions and bytes. False when out of memory.
  func setShape(_ index: Int, to shape: Shape, type: ElementType) -> Bool {
    setShape(index, rank: shape.rank, byteCount: type.byteCount(of: shape.elementCount) ?? 0) { shape[$0] }
  }

  private func setShape(_ index: Int, rank: Int, byteCount: Int, _ dimension: (Int) -> Int) -> Bool {
    let tensor = unsafe base + index
    unsafe tensor.pointee.bytes = byteCount
    if let dims = unsafe tensor.pointee.dims, unsafe Int(dims.pointee.size) == rank {
      unsafe write(to: dims, rank, dimension)
      return true
    }
    guard let dims = unsafe array(rank, dimension) else { return false }
    unsafe swl_tensors_free_array(base, tensor.pointee.dims)
    unsafe tensor.pointee.dims = dims
    return true
  }

  private func write(to array: UnsafeMutablePointer<TfLiteIntArray>, _ count: Int, _ element: (Int) -> Int) {
    let elements = unsafe UnsafeMutableRawPointer(array).advanced(by: MemoryLayout<Int32>.size)
      .assumingMemoryBound(to: Int32.self)
    for index in 0..<count { unsafe elements[index] = Int32(clamping: element(index)) }
  }

  private func array(_ count: Int, _ element: (Int) -> Int) -> UnsafeMutablePointer<TfLiteIntArray>? {
    guard let array = unsafe swl_tensors_array(base, count) else { return nil }
    unsafe write(to: array, count, element)
    return unsafe array
  }
}

extension ElementType {
  /// The C API's number, which is not the file's.
  var number: TfLiteType {
    switch self {
    case .float32: kTfLiteFloat32
    case .float16: kTfLiteFloat16
    case .int32: kTfLiteInt32
    case .uint8: kTfLiteUInt8
    case .int64: kTfLiteInt64
    case .string: kTfLiteString
    case .bool: kTfLiteBool
    case .int16: kTfLiteInt16
    case .complex64: kTfLiteComplex64
    case .int8: kTfLiteInt8
    case .float64: kTfLiteFloat64
    case .complex128: kTfLiteComplex128
    case .uint64: kTfLiteUInt64
    case .resource: kTfLiteResource
    case .variant: kTfLiteVariant
    case .uint32: kTfLiteUInt32
    case .uint16: kTfLiteUInt16
    case .int4: kTfLiteInt4
    case .bfloat16: kTfLiteBFloat16
    default: kTfLiteNoType
    }
  }
}
