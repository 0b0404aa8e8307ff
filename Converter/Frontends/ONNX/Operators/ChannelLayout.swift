/// ONNX has channels second, the file format rows, columns, channels.
extension GraphBuilder {
  /// Data of rank 3 or 4 as rows, columns, channels. Data along one dimension becomes a single row after its channels have
  /// moved, so that transposes meet between layers with nothing but elementwise layers in between.
  func channelsLast(_ data: ValueID) throws -> ValueID {
    if shape(data).count == 4 { return try transpose(data, [0, 2, 3, 1]) }
    return try unsqueeze(transpose(data, [0, 2, 1]), at: [1])
  }

  /// The way back to `rank` dimensions.
  func channelsSecond(_ data: ValueID, rank: Int) throws -> ValueID {
    if rank == 4 { return try transpose(data, [0, 3, 1, 2]) }
    let full = shape(data)
    return try transpose(reshape(data, [full[0], full[2], full[3]]), [0, 2, 1])
  }
}
