import CKernels
import ModelFormat

/// CONCATENATION: the inputs behind one another along `axis`.
///
/// All inputs have the output's type and, for int8, its quantization. uint8 inputs of another quantization are converted as
/// TensorFlow Lite's reference kernel does: `round(q * s + b) + outputZeroPoint` with `s = inputScale / outputScale` and
/// `b = -inputZeroPoint * s` in float32. An input that lies in one piece in the output is written there by its producer.
package enum Concatenation: AdaptableOperator {
  package struct Plan: Sendable {
    var moves = Moves()
    var conversions: [Conversion] = []
  }

  /// An input whose bytes go through a table of 256.
  struct Conversion: Sendable {
    let isa: swl_isa
    let input, output, table: Operand
    let rows, rowBytes, outputOffset, outputStride: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...Int.max, outputs: 1)
    let first = try node.input(0).shape
    let axis = try node.axis(fromOption: node.options.int32(0), rank: first.rank)
    var total = first[axis]
    for position in 1..<max(1, node.inputCount) {
      let shape = try node.input(position).shape
      guard shape.rank == first.rank, first.replacing(axis, with: shape[axis]) == shape else {
        throw PrepareError(.shapeMismatch, .input(position), found: .shape(shape), expected: .shape(first))
      }
      total = total.addingSaturated(shape[axis])
    }
    guard total <= Int(Int32.max) else {
      throw PrepareError(
        .shapeUnsupported, .output(0), field: "concatenated dimension", found: .int(total),
        expected: .int(Int(Int32.max)))
    }
    try node.setOutput(0, shape: first.replacing(axis, with: total))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    var plan = Plan()
    try replan(&plan, node)
    return plan
  }

  package static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError) {
    plan.moves.removeAll()
    plan.conversions.removeAll(keepingCapacity: true)
    guard node.options.int8(1) == 0 else {
      throw PrepareError(.optionUnsupported, field: "fused activation", found: .int(node.options.int8(1)))
    }
    let output = try node.output(0)
    let axis = try node.axis(fromOption: node.options.int32(0), rank: output.rank)
    let outputStride = output.shape.count(of: axis..<output.rank) &* (output.type.bitWidth / 8)
    plan.moves.elementBytes = output.type.bitWidth / 8
    plan.moves.reserve(node.inputCount)
    var offset = 0
    for position in 0..<node.inputCount {
      let input = try node.input(position)
      let bytes = try node.movedElementBytes(input, operand: position)
      let rowBytes = input.shape.count(of: axis..<input.rank) &* bytes
      let rows = input.shape.count(of: 0..<axis)
      if try needsConversion(input, to: output, position) {
        plan.conversions.append(
          Conversion(
            isa: node.isa.value, input: node.operand(input), output: node.operand(output),
            table: try table(input, output, node), rows: rows, rowBytes: rowBytes, outputOffset: offset,
            outputStride: outputStride))
      } else {
        let copy = StridedCopy(
          rows: rows, of: rowBytes, sourceStride: rowBytes, destinationStride: outputStride, destinationOffset: offset)
        plan.moves.add(copy, from: input, to: output, of: node)
      }
      offset += rowBytes
    }
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let first = shapes.shape(0)
    guard plan.conversions.isEmpty, let axis = first.normalized(axis: shapes.options.int32(0)) else { return false }
    var total = 0
    for position in 0..<shapes.inputCount {
      let shape = shapes.shape(position)
      guard shape.rank == first.rank else { return false }
      for index in 0..<shape.rank where index != axis && shape[index] != first[index] { return false }
      total = total.addingSaturated(shape[axis])
    }
    guard total <= Int(Int32.max), let output = first.replacing(axis, with: total) else { return false }
    let bytes = plan.moves.elementBytes
    let outputStride = output.count(of: axis..<output.rank) &* bytes
    var offset = 0
    for position in 0..<shapes.inputCount {
      let shape = shapes.shape(position)
      let rowBytes = shape.count(of: axis..<shape.rank) &* bytes
      plan.moves.rebuild(move: position, 2, elementBytes: 1, destinationOffset: offset) { loop in
        loop == 0
          ? .init(shape.count(of: 0..<axis), source: rowBytes, destination: outputStride)
          : .init(rowBytes, source: 1, destination: 1)
      }
      offset += rowBytes
    }
    return shapes.set(0, to: output)
  }

  private static func needsConversion(_ input: Tensor, to output: Tensor, _ position: Int) throws(PrepareError) -> Bool
  {
    switch input.type {
    case .uint8:
      guard input.quantization != nil, output.quantization != nil else { return false }
      return input.scale != output.scale || input.zeroPoint != output.zeroPoint
    case .int8:
      try Node.expectQuantization(of: input, toBeThatOf: output, .input(position))
    case .int16:
      guard input.zeroPoint == 0, output.zeroPoint == 0 else {
        throw PrepareError(
          .quantizationInvalid, .input(position), field: "zero point", found: .int(Int(input.zeroPoint)),
          expected: .int(0))
      }
    default: break
    }
    return false
  }

  private static func table(_ input: Tensor, _ output: Tensor, _ node: Node) throws(PrepareError) -> Operand {
    let scale = input.scale * (1 / output.scale)
    let bias = Float(-input.zeroPoint) * scale
    guard scale > 0, (256 * scale).isFinite else {
      throw PrepareError(.quantizationInvalid, .output(0), field: "scale", found: .float(output.scale))
    }
    let zeroPoint = output.zeroPoint
    return try node.kept(256) { () throws(PrepareError) in
      unsafe try node.packedLater(256) { memory in
        for value in 0..<256 {
          let product = Float(value) * scale
          let number = (product + bias).roundedAwayFromZero(limit: 512) + zeroPoint
          unsafe memory.storeBytes(
            of: UInt8(truncatingIfNeeded: min(max(number, 0), 255)), toByteOffset: value, as: UInt8.self)
        }
      }
    }
  }

  package static func step(_ plan: Plan, node: Int) -> Step {
    Step(node: node, isIdle: { plan.conversions.isEmpty && plan.moves.areIdle($0) }) { run(plan, $0) }
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    plan.moves.run(invocation)
    for index in plan.conversions.indices {
      let part = plan.conversions[index]
      let table = unsafe invocation.pointer(part.table).assumingMemoryBound(to: UInt8.self)
      let input = unsafe invocation.pointer(part.input).assumingMemoryBound(to: UInt8.self)
      let output = unsafe invocation.pointer(part.output).assumingMemoryBound(to: UInt8.self) + part.outputOffset
      for row in 0..<part.rows {
        unsafe swl_lookup_u8(
          part.isa, table, input + row * part.rowBytes, output + row * part.outputStride, part.rowBytes)
      }
    }
  }
}
