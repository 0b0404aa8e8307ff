extension Rule {
  /// RESHAPE of RESHAPE is one RESHAPE; SQUEEZE and EXPAND_DIMS are others.
  static let mergeReshapes = Rule("merge reshapes") { match in
    guard [.reshape, .squeeze, .expandDims].contains(match.kind), let input = match.input(0) else { return nil }
    let shape = match.graph[match.output].shape
    var patch = Patch(match)
    if let before = match.producer(of: input, .reshape, .squeeze, .expandDims), let source = before.inputs[0] {
      let target = patch.reshape(source, shape)
      patch.replace(match.output, with: target)
      return patch
    }
    guard match.kind != .reshape else { return nil }
    let target = patch.reshape(input, shape)
    patch.replace(match.output, with: target)
    return patch
  }
}
