import CKernels
import ModelFormat

/// RESIZE_BILINEAR: input 0 resized to the height and width that input 1, two constant int32, gives.
///
/// Options: `align_corners` maps the centres of the corner cells onto each other, `half_pixel_centers` the edges; they
/// exclude each other; without both, the upper left corners.
///
/// Float32 and int16 follow TensorFlow Lite's reference, and so does int8, but for halves, which round up. The
/// reference's uint8 form works in float32; here uint8 keeps the fractions of a cell to 1/2048 and interpolates along
/// rows, then columns, in integers. Both are what XNNPACK does (int8: where the reference's steps of 1/1024 are exact),
/// at most one unit from the reference.
package enum ResizeBilinear: Operator {
  package struct Plan: Sendable {
    let input, output, rowTaps, columnTaps: Operand
    let type: ElementType
    let parameters: swl_resize_params
    let rows, grain: Int
    let isa: swl_isa
  }

  package static func infer(_ node: Node) throws(PrepareError) { try ResizeGeometry.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .float32, .int8, .uint8, .int16)
    try node.require(output, .output(0), ofTypeOf: input)
    try node.requireSameQuantization(output, as: input, .output(0))
    let (alignsCorners, halfPixels) = (node.options.bool(2), node.options.bool(3))
    guard !alignsCorners || !halfPixels else {
      throw PrepareError(
        .optionInvalid, field: "align_corners", found: .text("true"), expected: .text("false"),
        remedy: "align_corners and half_pixel_centers exclude each other")
    }
    let geometry = try ResizeGeometry(input, output)
    return Plan(
      input: node.operand(input), output: node.operand(output),
      rowTaps: try taps(node, input.type, input.shape[1], output.shape[1], alignsCorners, halfPixels),
      columnTaps: try taps(node, input.type, input.shape[2], output.shape[2], alignsCorners, halfPixels),
      type: input.type, parameters: geometry.parameters, rows: geometry.rows, grain: geometry.grain,
      isa: node.isa.value)
  }

  private static func taps(
    _ node: Node, _ type: ElementType, _ input: Int, _ output: Int, _ alignsCorners: Bool, _ halfPixels: Bool
  ) throws(PrepareError) -> Operand {
    let bytes = output * MemoryLayout<swl_resize_tap>.stride
    guard !node.isRunTime else {  // a closure that escapes would be allocated each time
      return unsafe try node.table(bytes) { unsafe fill($0, type, input, output, alignsCorners, halfPixels) }
    }
    return unsafe try node.tableLater(bytes) { unsafe fill($0, type, input, output, alignsCorners, halfPixels) }
  }

  private static func fill(
    _ memory: UnsafeMutableRawPointer, _ type: ElementType, _ input: Int, _ output: Int, _ alignsCorners: Bool,
    _ halfPixels: Bool
  ) {
    let isInteger = type == .int8 || type == .int16
    let spansCorners = alignsCorners && output > 1
    let (cells, steps) = spansCorners ? (input - 1, output - 1) : (input, output)
    let taps = unsafe memory.assumingMemoryBound(to: swl_resize_tap.self)
    for index in 0..<output {
      unsafe taps[index] =
        isInteger
        ? integerTap(index, cells: cells, steps: steps, size: input, halfPixels: halfPixels)
        : realTap(index, cells: cells, steps: steps, size: input, halfPixels: halfPixels)
    }
  }

  /// The neighbours of output cell `index` when one step is `cells / steps` input cells, in float32 and to 1/2048.
  private static func realTap(
    _ index: Int, cells: Int, steps: Int, size: Int, halfPixels: Bool
  ) -> swl_resize_tap {
    let scale = Float(cells) / Float(steps)
    let place = halfPixels ? (Float(index) + 0.5) * scale - 0.5 : Float(index) * scale
    let lower = max(Int(place.rounded(.down)), 0)
    guard lower < size else {
      return swl_resize_tap(lower: UInt32(size - 1), upper: UInt32(size - 1), fraction: 0, real: 0)
    }
    let upper = min(max(Int(place.rounded(.up)), 0), size - 1)
    let real = max(place - Float(lower), 0)
    return swl_resize_tap(
      lower: UInt32(lower), upper: UInt32(upper), fraction: Int32((real * 2048).rounded(.toNearestOrEven)), real: real)
  }

  /// The same in units of 1/1024 of a cell.
  private static func integerTap(
    _ index: Int, cells: Int, steps: Int, size: Int, halfPixels: Bool
  ) -> swl_resize_tap {
    let step = (1024 * cells + steps / 2) / steps
    let place = halfPixels ? index * step + step / 2 - 512 : index * step
    let lower = max(place / 1024, 0)
    guard lower < size else {
      return swl_resize_tap(lower: UInt32(size - 1), upper: UInt32(size - 1), fraction: 0, real: 0)
    }
    let upper = min((place + 1023) / 1024, size - 1)
    return swl_resize_tap(
      lower: UInt32(lower), upper: UInt32(upper), fraction: Int32(place - 1024 * lower), real: 0)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let rowTaps = unsafe invocation.elements(plan.rowTaps, as: swl_resize_tap.self)
    let (input, output) = unsafe (invocation.pointer(plan.input), invocation.pointer(plan.output))
    invocation.parallel(count: plan.rows, grain: plan.grain) { begin, end, _ in
      unsafe interpolate(plan, rowTaps, from: input, to: output, begin..<end, invocation)
    }
  }

  /// Computes output rows `rows`, those of all pictures counted.
  private static func interpolate(
    _ plan: Plan, _ rowTaps: UnsafePointer<swl_resize_tap>, from input: UnsafeRawPointer,
    to output: UnsafeMutableRawPointer, _ rows: Range<Int>, _ invocation: borrowing Invocation
  ) {
    let columnTaps = unsafe invocation.elements(plan.columnTaps, as: swl_resize_tap.self)
    let (begin, end) = (rows.lowerBound, rows.upperBound)
    unsafe withUnsafePointer(to: plan.parameters) { parameters in
      switch plan.type {
      case .float32:
        unsafe swl_f32_resize_bilinear(
          plan.isa, parameters, rowTaps, columnTaps, input.assumingMemoryBound(to: Float.self),
          output.assumingMemoryBound(to: Float.self), begin, end)
      case .int8:
        unsafe swl_i8_resize_bilinear(
          plan.isa, parameters, rowTaps, columnTaps, input.assumingMemoryBound(to: Int8.self),
          output.assumingMemoryBound(to: Int8.self), begin, end)
      case .uint8:
        unsafe swl_u8_resize_bilinear(
          plan.isa, parameters, rowTaps, columnTaps, input.assumingMemoryBound(to: UInt8.self),
          output.assumingMemoryBound(to: UInt8.self), begin, end)
      default:
        unsafe swl_i16_resize_bilinear(
          plan.isa, parameters, rowTaps, columnTaps, input.assumingMemoryBound(to: Int16.self),
          output.assumingMemoryBound(to: Int16.self), begin, end)
      }
    }
  }

  package static func step(_ plan: Plan, node: Int) -> Step {
    Step(node: node, rowwise: Rows(plan)) { run(plan, $0) }
  }

  private final class Rows: RowwisePlan {
    private let plan: Plan

    init(_ plan: Plan) { self.plan = plan }

    /// What interpolating an element takes, in multiply-adds of a convolution.
    private static let productsOfElement = 64

    /// A chain can only begin with it: which rows it reads does not follow from a stride.
    var rowLayer: RowLayer? {
      let (sizes, element) = (plan.parameters, plan.type.bitWidth / 8)
      guard plan.rows > 0, sizes.out_width > 0, sizes.channels > 0 else { return nil }
      let rowElements = sizes.out_width * sizes.channels
      return RowLayer(
        plan: self, rows: .anywhere(input: sizes.in_height, output: sizes.out_height),
        batches: plan.rows / sizes.out_height, inputRowBytes: sizes.in_width * sizes.channels * element,
        outputRowBytes: rowElements * element,
        products: plan.rows.multipliedSaturated(by: rowElements).multipliedSaturated(by: Self.productsOfElement))
    }

    func scratchBytes(rows: Int) -> Int { 0 }

    func run(_ band: RowBand, _ invocation: borrowing Invocation) {
      let taps = unsafe invocation.elements(plan.rowTaps, as: swl_resize_tap.self)
      let first = unsafe taps + band.firstRow % plan.parameters.out_height
      unsafe ResizeBilinear.interpolate(plan, first, from: band.input, to: band.output, 0..<band.outputRows, invocation)
    }
  }
}
