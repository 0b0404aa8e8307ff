extension Model {
  /// Reads and verifies the model in `bytes`. Takes time in proportion to the tables, not to the constants.
  ///
  /// - Throws: `FormatError` with the place in the file.
  public init(bytes: ModelBytes, limits: ModelLimits = .default) throws(FormatError) {
    var reader = ModelReader(bytes, limits: limits)
    let root = try reader.root()
    let version = try root.number(0, "version", default: UInt32(0))
    guard version == 3 else {
      throw FormatError(.versionUnsupported, "version", found: .count(version), expected: .integer(3))
    }
    self.bytes = bytes
    description = try reader.string(root, 3, "description")
    operatorCodes = try reader.operatorCodes(root)
    buffers = try reader.buffers(root)
    subgraphs = try reader.subgraphs(root, buffers: buffers)
    metadata = try reader.metadata(root)
    signatures = try reader.signatures(root)
  }
}
