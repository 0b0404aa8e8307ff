import CKernels
import ModelFormat

/// Which axes of a tensor are reduced, and how kernels walk them.
struct ReductionAxes: Sendable {
  /// The input's shape with the reduced axes as 1.
  let keptShape: Shape?
  /// As `keptShape` or without the reduced axes, by the option `keep_dims`.
  let outputShape: Shape?
  /// Elements that are combined into one.
  let reducedCount: Int
  /// Runs of output that a kernel can compute alone, see `swl_reduce_shape`.
  let outerCount: Int
  let walk: swl_reduce_shape

  /// Reads the axes from input 1 of `node`, a constant; negative ones count from the end, one given twice counts once.
  init(_ node: Node) throws(PrepareError) {
    let shape = try node.input(0).shape
    guard try node.input(1).isConstant else {
      throw PrepareError(.dynamicShape, .input(1), remedy: "freeze the axes to a constant when converting")
    }
    var isReduced = Array(repeating: false, count: shape.rank)
    for axis in try node.integers(1) {
      if shape.rank == 0 && (axis == 0 || axis == -1) { continue }
      guard axis >= -shape.rank, axis < shape.rank else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "axis", found: .int(axis), expected: .int(shape.rank - 1))
      }
      isReduced[axis < 0 ? axis + shape.rank : axis] = true
    }
    self.init(shape, isReduced: isReduced, keepsDimensions: node.options.bool(0))
  }

  init(_ shape: Shape, isReduced: [Bool], keepsDimensions: Bool) {
    let dimensions = shape.dimensions
    let kept = dimensions.indices.map { isReduced[$0] ? 1 : dimensions[$0] }
    keptShape = Shape(kept)
    outputShape =
      keepsDimensions ? keptShape : Shape(dimensions.indices.filter { !isReduced[$0] }.map { dimensions[$0] })
    var groups: [(count: Int, isReduced: Bool)] = []
    for index in dimensions.indices where dimensions[index] != 1 {
      if let last = groups.last, last.isReduced == isReduced[index] {
        groups[groups.count - 1].count = last.count.multipliedSaturated(by: dimensions[index])
      } else {
        groups.append((dimensions[index], isReduced[index]))
      }
    }
    reducedCount = groups.filter { $0.isReduced }.reduce(1) { $0.multipliedSaturated(by: $1.count) }
    let inner = groups.popLast() ?? (count: 1, isReduced: false)
    outerCount = groups.filter { !$0.isReduced }.reduce(1) { $0.multipliedSaturated(by: $1.count) }
    walk = ReductionAxes.walk(outer: groups, inner: inner)
  }

  private static func walk(
    outer: [(count: Int, isReduced: Bool)], inner: (count: Int, isReduced: Bool)
  ) -> swl_reduce_shape {
    var walk = swl_reduce_shape()
    walk.inner = inner.count
    walk.inner_is_reduced = inner.isReduced
    var stride = inner.count
    var strides = Array(repeating: 0, count: outer.count)
    for index in outer.indices.reversed() {
      strides[index] = stride
      stride = stride.multipliedSaturated(by: outer[index].count)
    }
    unsafe withUnsafeMutableBytes(of: &walk.kept_count) { counts in
      unsafe withUnsafeMutableBytes(of: &walk.kept_stride) { kept in
        let chosen = outer.indices.filter { !outer[$0].isReduced }
        unsafe ReductionAxes.store(chosen.map { outer[$0].count }, chosen.map { strides[$0] }, counts, kept)
      }
    }
    unsafe withUnsafeMutableBytes(of: &walk.reduced_count) { counts in
      unsafe withUnsafeMutableBytes(of: &walk.reduced_stride) { reduced in
        let chosen = outer.indices.filter { outer[$0].isReduced }
        unsafe ReductionAxes.store(chosen.map { outer[$0].count }, chosen.map { strides[$0] }, counts, reduced)
      }
    }
    walk.reduced_rank = outer.filter { $0.isReduced }.count
    walk.kept_rank = outer.count - walk.reduced_rank
    return walk
  }

  private static func store(
    _ counts: [Int], _ strides: [Int], _ countBytes: UnsafeMutableRawBufferPointer,
    _ strideBytes: UnsafeMutableRawBufferPointer
  ) {
    for index in counts.indices {
      unsafe countBytes.storeBytes(of: counts[index], toByteOffset: index * MemoryLayout<Int>.size, as: Int.self)
      unsafe strideBytes.storeBytes(of: strides[index], toByteOffset: index * MemoryLayout<Int>.size, as: Int.self)
    }
  }
}
