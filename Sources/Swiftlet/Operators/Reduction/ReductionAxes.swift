import CKernels
import ModelFormat

/// Which axes of a tensor are reduced, and how kernels walk them. Made without allocating.
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
    var reduced = AxisSet()
    let axes = try node.integers(1)
    for index in 0..<axes.count {
      let axis = axes[index]
      guard reduced.insert(axis, of: shape) else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "axis", found: .int(axis), expected: .int(shape.rank - 1))
      }
    }
    self.init(shape, reduced, keepsDimensions: node.options.bool(0))
  }

  /// As `init(_:)`, of a node that runs; `nil` where that would throw.
  init?(_ shapes: RunTimeShapes) {
    let shape = shapes.shape(0)
    var reduced = AxisSet()
    for index in 0..<shapes.shape(1).elementCount {
      guard let axis = shapes.integer(1, index), reduced.insert(axis, of: shape) else { return nil }
    }
    self.init(shape, reduced, keepsDimensions: shapes.options.bool(0))
  }

  /// Neighbouring axes that are all kept or all reduced.
  private struct Group {
    var count = 1
    var isReduced = false
  }

  private init(_ shape: Shape, _ reduced: AxisSet, keepsDimensions: Bool) {
    keptShape = Shape(rank: shape.rank) { reduced.contains($0) ? 1 : shape[$0] }
    outputShape = keepsDimensions ? keptShape : reduced.complement(in: shape)
    var groups: InlineArray<8, Group> = InlineArray(repeating: Group())
    var groupCount = 0
    for index in 0..<shape.rank where shape[index] != 1 {
      let isReduced = reduced.contains(index)
      if groupCount > 0, groups[groupCount - 1].isReduced == isReduced {
        groups[groupCount - 1].count = groups[groupCount - 1].count.multipliedSaturated(by: shape[index])
      } else {
        groups[groupCount] = Group(count: shape[index], isReduced: isReduced)
        groupCount += 1
      }
    }
    var (reducedCount, outerCount) = (1, 1)
    let inner = groupCount > 0 ? groups[groupCount - 1] : Group()
    for index in 0..<groupCount {
      if groups[index].isReduced {
        reducedCount = reducedCount.multipliedSaturated(by: groups[index].count)
      } else if index < groupCount - 1 {
        outerCount = outerCount.multipliedSaturated(by: groups[index].count)
      }
    }
    (self.reducedCount, self.outerCount) = (reducedCount, outerCount)
    walk = ReductionAxes.walk(groups, outer: max(0, groupCount - 1), inner: inner)
  }

  private static func walk(_ groups: InlineArray<8, Group>, outer: Int, inner: Group) -> swl_reduce_shape {
    var walk = swl_reduce_shape()
    walk.inner = inner.count
    walk.inner_is_reduced = inner.isReduced
    for index in 0..<outer {
      if groups[index].isReduced { walk.reduced_rank += 1 } else { walk.kept_rank += 1 }
    }
    var stride = inner.count
    var (kept, reduced) = (walk.kept_rank, walk.reduced_rank)
    var index = outer
    while index > 0 {  // a reversed range would allocate in debug builds
      index -= 1
      if groups[index].isReduced {
        reduced -= 1
        store(groups[index].count, stride, at: reduced, &walk.reduced_count, &walk.reduced_stride)
      } else {
        kept -= 1
        store(groups[index].count, stride, at: kept, &walk.kept_count, &walk.kept_stride)
      }
      stride = stride.multipliedSaturated(by: groups[index].count)
    }
    return walk
  }

  private typealias Eight = (Int, Int, Int, Int, Int, Int, Int, Int)

  private static func store(
    _ count: Int, _ stride: Int, at index: Int, _ counts: inout Eight, _ strides: inout Eight
  ) {
    let offset = index * MemoryLayout<Int>.size
    unsafe withUnsafeMutableBytes(of: &counts) { unsafe $0.storeBytes(of: count, toByteOffset: offset, as: Int.self) }
    unsafe withUnsafeMutableBytes(of: &strides) { unsafe $0.storeBytes(of: stride, toByteOffset: offset, as: Int.self) }
  }
}

/// A set of a tensor's axes.
struct AxisSet {
  private var bits = 0

  func contains(_ axis: Int) -> Bool { bits & 1 << axis != 0 }

  /// Adds an axis, negative ones counting from the end; a scalar has the axes 0 and -1, which mean nothing. False when
  /// `shape` has no such axis.
  mutating func insert(_ axis: Int, of shape: Shape) -> Bool {
    if shape.rank == 0 && (axis == 0 || axis == -1) { return true }
    guard let index = shape.normalized(axis: axis) else { return false }
    bits |= 1 << index
    return true
  }

  /// `shape` without these axes.
  func complement(in shape: Shape) -> Shape? {
    var kept: InlineArray<8, Int> = InlineArray(repeating: 1)
    var rank = 0
    for axis in 0..<shape.rank where !contains(axis) {
      kept[rank] = shape[axis]
      rank += 1
    }
    return Shape(rank: rank) { kept[$0] }
  }
}
