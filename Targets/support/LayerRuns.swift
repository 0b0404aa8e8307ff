/// Runs of CONV_2D, DEPTHWISE_CONV_2D, RESIZE_BILINEAR, ARG_MAX and ARG_MIN that could run some rows at a time.
struct LayerRuns {
  private struct Run {
    /// Bytes of the input and of the output of each layer.
    var sizes: [Int]
    /// Bytes of the input where others read it too, perhaps later.
    let kept: Int
  }

  private var runs: [Run] = []

  init(_ subgraph: Subgraph, _ model: Model) {
    var readers = Array(repeating: 0, count: subgraph.tensors.count)
    for node in subgraph.operators {
      for tensor in node.inputs where tensor >= 0 { readers[tensor] += 1 }
    }
    for tensor in subgraph.outputs { readers[tensor] += 1 }
    /// By tensor: the run that ends with it.
    var ends: [Int: Int] = [:]
    for node in subgraph.operators {
      guard let input = node.inputs.first, let output = node.outputs.first, input >= 0 else { continue }
      let code = model.operatorCodes[node.code].builtin
      // A resize can only begin a run.
      let run = readers[input] == 1 && code != 23 ? ends[input] : nil
      switch code {
      case 3, 4, 23, 56, 79:
        let size = Self.bytes(subgraph.tensors[output])
        if let run {
          runs[run].sizes.append(size)
        } else {
          let given = Self.bytes(subgraph.tensors[input])
          runs.append(Run(sizes: [given, size], kept: readers[input] > 1 ? given : 0))
        }
        ends[output] = run ?? runs.count - 1
      case 34, 60, 114: ends[output] = run  // PAD and QUANTIZE, which layers may take over
      default: break
      }
    }
  }

  private static func bytes(_ tensor: TensorInfo) -> Int {
    tensor.type.byteCount(of: tensor.shape.reduce(1, *)) ?? 0
  }

  /// As in `RowCosts`.
  private static let longest = 8

  /// Whether less would be alive at once if the tensors inside chains took nothing.
  var gainFromChains: Bool {
    runs.contains { run in
      let parts = run.sizes.indices.dropFirst()
      var least = [0]
      for end in parts {
        least.append(
          (max(0, end - Self.longest)..<end).map { max(least[$0], Self.alive(run, $0, end)) }.min() ?? Int.max)
      }
      return least[run.sizes.count - 1] < parts.map { Self.alive(run, $0 - 1, $0) }.max() ?? 0
    }
  }

  /// Bytes while layers `first`..<`end` run as a chain.
  private static func alive(_ run: Run, _ first: Int, _ end: Int) -> Int {
    run.sizes[first] + run.sizes[end] + (first > 0 ? run.kept : 0)
  }
}
