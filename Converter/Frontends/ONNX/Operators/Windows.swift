/// The window of a convolution or a pooling along one dimension, and what surrounds the data.
struct WindowAxis: Equatable {
  var size: Int
  var stride: Int
  var dilation: Int
  var before: Int
  var after: Int

  /// Cells from the first to the last of a window.
  var reach: Int { (size - 1) * dilation + 1 }
}

extension ONNXNode {
  /// Kernel, strides, dilations and pads of the node for data whose spatial dimensions are `extents`.
  func windows(kernel: [Int], extents: [Int]) throws -> [WindowAxis] {
    let rank = extents.count
    let strides = ints("strides") ?? Array(repeating: 1, count: rank)
    let dilations = ints("dilations") ?? Array(repeating: 1, count: rank)
    let pads = ints("pads") ?? Array(repeating: 0, count: 2 * rank)
    guard kernel.count == rank, strides.count == rank, dilations.count == rank, pads.count == 2 * rank,
      (kernel + strides + dilations).allSatisfy({ $0 > 0 && $0 < 1 << 20 }),
      pads.allSatisfy({ (-1 << 20...1 << 20).contains($0) })
    else { throw malformed("kernel \(kernel), strides \(strides), dilations \(dilations) and pads \(pads) do not fit") }
    let automatic = string("auto_pad", default: "NOTSET")
    return (0..<rank).map { axis in
      var window = WindowAxis(
        size: kernel[axis], stride: strides[axis], dilation: dilations[axis], before: pads[axis],
        after: pads[rank + axis])
      switch automatic {
      case "SAME_UPPER", "SAME_LOWER":
        let outputs = (extents[axis] + window.stride - 1) / window.stride
        let total = max((outputs - 1) * window.stride + window.reach - extents[axis], 0)
        window.before = automatic == "SAME_UPPER" ? total / 2 : total - total / 2
        window.after = total - window.before
      case "VALID": (window.before, window.after) = (0, 0)
      default: break
      }
      return window
    }
  }
}
