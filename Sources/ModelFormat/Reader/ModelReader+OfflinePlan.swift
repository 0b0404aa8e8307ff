extension ModelReader {
  /// The memory plan that a tool has stored under "OfflineMemoryAllocation", TensorFlow Lite Micro's convention: i32
  /// version, number of subgraphs, number of tensors, then one offset for each tensor.
  func offlinePlan(_ metadata: [Metadata], subgraphs: [Subgraph]) throws(FormatError) -> [Int] {
    guard let index = metadata.firstIndex(where: { $0.text.has("OfflineMemoryAllocation") }) else { return [] }
    let range = buffers[metadata[index].buffer]
    return try locating(.metadata(index), metadata[index].text) { () throws(FormatError) in
      try offsets(range, tensors: subgraphs.reduce(0) { $0 + $1.tensors.count })
    }
  }

  private func offsets(_ range: Range<Int>, tensors: Int) throws(FormatError) -> [Int] {
    let (expected, overflow) = tensors.multipliedReportingOverflow(by: 4)
    guard !overflow, range.count - 12 == expected,
      let stored = reader.load(Int32.self, at: range.lowerBound + 8), stored == tensors
    else {
      throw FormatError(
        .sizeMismatch, "buffer", offset: range.lowerBound, found: .count(range.count),
        expected: .count(overflow ? Int.max : expected + 12))
    }
    var offsets: [Int] = []
    offsets.reserveCapacity(tensors)
    for index in 0..<tensors {
      let position = range.lowerBound + 12 + 4 * index
      let offset = try reader.load(Int32.self, at: position, "buffer")
      guard offset >= -1 else {
        throw FormatError(.invalidValue, "buffer", offset: position, found: .count(offset), expected: .atLeast(-1))
      }
      offsets.append(Int(offset))
    }
    return offsets
  }
}
