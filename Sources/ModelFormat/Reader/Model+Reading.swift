extension Model {
  /// Maps the file at `path`, reads and verifies it.
  ///
  /// - Throws: `FormatError` with the place in the file, or `unreadable`.
  public init(path: String, limits: ModelLimits = .default) throws(FormatError) {
    try self.init(bytes: ModelBytes(path: path), limits: limits)
  }

  /// Reads and verifies the model in `bytes`. Takes time in proportion to the tables, not to the constants.
  ///
  /// - Throws: `FormatError` with the place in the file.
  public init(bytes: ModelBytes, limits: ModelLimits = .default) throws(FormatError) {
    var reader = ModelReader(bytes, limits: limits)
    let root = try reader.root()
    let version = try root.number(0, "version", default: UInt32(0))
    guard version == 3 else {
      throw FormatError(
        .versionUnsupported, "version", offset: root.position, found: .count(version), expected: .integer(3))
    }
    let codes = try reader.operatorCodes(root)
    reader.kernels = Kernel.all(codes)
    reader.buffers = try reader.buffers(root)
    reader.externalGroups = try reader.externalGroups(root)
    let subgraphs = try reader.subgraphs(root)
    if Selection.hasSubgraphs { try verifyCalls(reader.calls, depth: limits.callDepth) }

    self.bytes = bytes
    self.subgraphs = subgraphs
    operatorCodes = codes
    buffers = reader.buffers
    metadata = try reader.metadata(root)
    signatures = Selection.hasSignatures ? try reader.signatures(root, subgraphs: subgraphs) : []
    descriptionText = try reader.string(root, 3, "description")
    offlinePlan = try reader.offlinePlan(metadata, subgraphs: subgraphs)
    trailingBytes = reader.end..<bytes.count
  }
}
