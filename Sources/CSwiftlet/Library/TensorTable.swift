internal import CTensorFlowLite
internal import ModelFormat
internal import Swiftlet

/// The tensors of a subgraph as structures of the C API, which keep their addresses as long as the table lives.
@safe final class TensorTable {
  let base: UnsafeMutablePointer<TfLiteTensor>
  let count: Int
  private let subgraph: Subgraph
  private let bytes: ModelBytes

  /// Types, names, quantization and the shapes of the file; constants already have their data. `nil` when out of memory.
  init?(of subgraph: Subgraph, in bytes: ModelBytes, reporter: Reporter) {
    guard let base = unsafe swl_tensors_create(subgraph.tensors.count, reporter.pointer) else { return nil }
    unsafe self.base = base
    count = subgraph.tensors.count
    self.subgraph = subgraph
    self.bytes = bytes
    for index in 0..<count {
      guard fill(index) else { return nil }
    }
  }

  deinit { unsafe swl_tensors_delete(base, count) }

  subscript(index: Int) -> UnsafeMutablePointer<TfLiteTensor> { unsafe base + index }

  private func fill(_ index: Int) -> Bool {
    let info = subgraph.tensors[index]
    let tensor = unsafe base + index
    var name = info.name
    let text = name.withUTF8 { unsafe swl_text($0.baseAddress, $0.count) }
    guard let text = unsafe text else { return false }
    unsafe tensor.pointee.name = UnsafePointer(text)
    unsafe tensor.pointee.type = info.type.number
    unsafe tensor.pointee.is_variable = info.isVariable
    guard setShape(index, info.shape, type: info.type), quantize(index) else { return false }
    if !info.shapeSignature.isEmpty {
      guard let signature = unsafe intArray(info.shapeSignature) else { return false }
      unsafe tensor.pointee.dims_signature = UnsafePointer(signature)
    }
    resetData(index)
    return true
  }

  private func quantize(_ index: Int) -> Bool {
    guard let quantization = subgraph.tensors[index].quantization, !quantization.scales.isEmpty else { return true }
    return unsafe swl_tensor_quantize(
      base + index, quantization.scales, quantization.zeroPoints, quantization.scales.count,
      Int32(clamping: quantization.dimension))
  }

  /// Takes memory away from everything but constants.
  func resetData(_ index: Int) {
    let info = subgraph.tensors[index]
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

  /// Sets dimensions and bytes. False when out of memory.
  func setShape(_ index: Int, _ dimensions: [Int], type: ElementType) -> Bool {
    let tensor = unsafe base + index
    let count = Shape(dimensions)?.elementCount ?? 0
    unsafe tensor.pointee.bytes = type.byteCount(of: count) ?? 0
    if let dims = unsafe tensor.pointee.dims, unsafe Int(dims.pointee.size) == dimensions.count {
      unsafe write(dimensions, to: dims)
      return true
    }
    guard let dims = unsafe intArray(dimensions) else { return false }
    unsafe TfLiteIntArrayFree(tensor.pointee.dims)
    unsafe tensor.pointee.dims = dims
    return true
  }

  private func write(_ dimensions: [Int], to dims: UnsafeMutablePointer<TfLiteIntArray>) {
    let elements = unsafe UnsafeMutableRawPointer(dims).advanced(by: MemoryLayout<Int32>.size)
      .assumingMemoryBound(to: Int32.self)
    for index in dimensions.indices { unsafe elements[index] = Int32(clamping: dimensions[index]) }
  }

  private func intArray(_ elements: [Int]) -> UnsafeMutablePointer<TfLiteIntArray>? {
    guard let array = unsafe TfLiteIntArrayCreate(Int32(clamping: elements.count)) else { return nil }
    unsafe write(elements, to: array)
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
