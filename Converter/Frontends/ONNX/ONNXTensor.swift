internal import FoundationEssentials
internal import ModelFormat
internal import ONNXFormat

/// Tensors of an ONNX file as constants.
enum ONNXTensor {
  /// The type that an ONNX element type becomes: float16, bfloat16 and float64 are read as float32.
  static func type(_ code: Int32) -> ElementType? {
    switch code {
    case 1, 10, 11, 16: .float32
    case 2: .uint8
    case 3: .int8
    case 4: .uint16
    case 5: .int16
    case 6: .int32
    case 7: .int64
    case 8: .string
    case 9: .bool
    case 12: .uint32
    case 13: .uint64
    case 21: .uint4
    case 22: .int4
    default: nil
    }
  }

  static func name(_ code: Int32) -> String {
    let names = [
      "undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16",
      "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz",
      "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
    ]
    return names.indices.contains(Int(code)) ? names[Int(code)] : "type \(code)"
  }

  /// The constant, checked against its shape.
  ///
  /// - Parameter raw: the bytes that `raw_data` stands for, where they are no field of the message.
  static func value(
    _ tensor: Onnx_TensorProto, raw: ConstantBytes? = nil, folder: ExternalData
  ) throws -> Value {
    let shape = try shape(tensor)
    guard let type = type(tensor.dataType), type != .string else {
      throw ConversionError(
        .unavailable, layer: tensor.name, "weights of type \(name(tensor.dataType))", remedy: "export them as float32")
    }
    let count = shape.reduce(1, *)
    defer { raw?.forgetPages() }
    let bytes = try bytes(tensor, raw, type, count: count, folder)
    guard let expected = type.byteCount(of: count), bytes.count == expected else {
      throw ConversionError(
        .badData, layer: tensor.name,
        "\(bytes.count) bytes of weights, its shape \(shape) needs \(type.byteCount(of: count) ?? 0)",
        remedy: "export the model again")
    }
    if type == .float32, bytes.withBytes(hasNotANumber) {
      throw ConversionError(
        .badData, layer: tensor.name, "a weight is not a number (NaN)", remedy: "train or export the layer again")
    }
    bytes.forgetPages()
    return Value(name: tensor.name, type: type, shape: shape, constant: bytes)
  }

  private static func shape(_ tensor: Onnx_TensorProto) throws -> [Int] {
    let shape = tensor.dims.map { Int($0) }
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(dimension, 1))
      guard dimension >= 0, !overflow, product < 1 << 40 else {
        throw ConversionError(
          .badData, layer: tensor.name, "an impossible shape \(shape)", remedy: "copy the file again")
      }
      count = product
    }
    return shape
  }

  private static func bytes(
    _ tensor: Onnx_TensorProto, _ raw: ConstantBytes?, _ type: ElementType, count: Int, _ folder: ExternalData
  ) throws -> ConstantBytes {
    if tensor.dataLocation == 1 { return try widened(folder.bytes(of: tensor), tensor.dataType) }
    if let raw { return widened(raw, tensor.dataType) }
    if !tensor.rawData.isEmpty { return widened(ConstantBytes(tensor.rawData), tensor.dataType) }
    switch tensor.dataType {
    case 1: return ConstantBytes(elements: tensor.floatData)
    case 11: return ConstantBytes(elements: tensor.doubleData.map { Float($0) })
    case 10: return ConstantBytes(elements: tensor.int32Data.map { half(UInt16(truncatingIfNeeded: $0)) })
    case 16: return ConstantBytes(elements: tensor.int32Data.map { bfloat(UInt16(truncatingIfNeeded: $0)) })
    case 7: return ConstantBytes(elements: tensor.int64Data)
    case 12: return ConstantBytes(elements: tensor.uint64Data.map { UInt32(truncatingIfNeeded: $0) })
    case 13: return ConstantBytes(elements: tensor.uint64Data)
    case 4, 5: return ConstantBytes(elements: tensor.int32Data.map { Int16(truncatingIfNeeded: $0) })
    case 2, 3, 9: return ConstantBytes(elements: tensor.int32Data.map { UInt8(truncatingIfNeeded: $0) })
    default: return ConstantBytes(elements: tensor.int32Data)
    }
  }

  /// Raw bytes with float16, bfloat16 and float64 as float32.
  private static func widened(_ bytes: ConstantBytes, _ code: Int32) -> ConstantBytes {
    switch code {
    case 10: ConstantBytes(elements: bytes.elements(as: UInt16.self).map(half))
    case 11: ConstantBytes(elements: bytes.elements(as: Double.self).map { Float($0) })
    case 16: ConstantBytes(elements: bytes.elements(as: UInt16.self).map(bfloat))
    default: bytes
    }
  }

  private static func half(_ bits: UInt16) -> Float {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
    let magnitude: Float =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    return bits >> 15 == 1 ? -magnitude : magnitude
  }

  private static func bfloat(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  private static func hasNotANumber(_ bytes: RawSpan) -> Bool {
    for offset in stride(from: 0, through: bytes.byteCount - 4, by: 4)
    where unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Float.self).isNaN { return true }
    return false
  }
}
