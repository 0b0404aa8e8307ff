import ModelFormat

extension ModelBuilder {
  /// The bytes of the file.
  public func build() -> [UInt8] { FlatWriter.file(tree()) }

  /// The root table, with the overrides applied.
  func tree() -> TableSpec {
    var buffers = [TableSpec()]
    var codes: [Code] = []
    let graphs = subgraphs.map { table(of: $0, &buffers, &codes) }
    let metadata = metadata.map { entry -> TableSpec in
      buffers.append(TableSpec([0: .bytes(entry.data)]))
      return TableSpec([0: .string(entry.name), 1: .uint32(UInt32(buffers.count - 1))])
    }
    var root = TableSpec([
      0: .uint32(version), 1: .tableVector(codes.map(\.table)), 2: .tableVector(graphs), 3: .string(description),
      4: .tableVector(buffers),
    ])
    if !metadata.isEmpty { root[6] = .tableVector(metadata) }
    if !signatures.isEmpty { root[7] = .tableVector(signatures.map(table(of:))) }
    for override in overrides { override.apply(to: &root) }
    return root
  }

  private func table(of graph: SubgraphSpec, _ buffers: inout [TableSpec], _ codes: inout [Code]) -> TableSpec {
    TableSpec([
      0: .tableVector(graph.tensors.map { table(of: $0, &buffers) }),
      1: .int32Vector(graph.inputs.map(Int32.init)),
      2: .int32Vector(graph.outputs.map(Int32.init)),
      3: .tableVector(graph.operators.map { table(of: $0, &codes) }),
      4: .string(graph.name),
    ])
  }

  private func table(of tensor: TensorSpec, _ buffers: inout [TableSpec]) -> TableSpec {
    var table = TableSpec([
      0: .int32Vector(tensor.shape.map(Int32.init(truncatingIfNeeded:))), 1: .uint8(tensor.type.rawValue),
      3: .string(tensor.name), 5: .bool(tensor.isVariable), 8: .bool(true),
    ])
    if let data = tensor.data {
      buffers.append(TableSpec([0: .bytes(data)]))
      table[2] = .uint32(UInt32(buffers.count - 1))
    }
    if let quantization = tensor.quantization {
      table[4] = .table(
        TableSpec([
          2: .floatVector(quantization.scales), 3: .int64Vector(quantization.zeroPoints),
          6: .int32(Int32(quantization.dimension)),
        ]))
    }
    if !tensor.signature.isEmpty { table[7] = .int32Vector(tensor.signature.map(Int32.init)) }
    return table
  }

  private func table(of info: OperatorSpec, _ codes: inout [Code]) -> TableSpec {
    let code = Code(builtin: info.builtin, custom: info.custom, version: info.version)
    let index = codes.firstIndex(of: code) ?? codes.count
    if index == codes.count { codes.append(code) }
    var table = TableSpec([
      0: .uint32(UInt32(index)), 1: .int32Vector(info.inputs.map(Int32.init)),
      2: .int32Vector(info.outputs.map(Int32.init)),
    ])
    if let options = info.options {
      table[3] = .uint8(options.type)
      table[4] = .table(TableSpec(options.fields))
    }
    if !info.customOptions.isEmpty { table[5] = .bytes(info.customOptions) }
    if !info.mutatingVariableInputs.isEmpty { table[7] = .bools(info.mutatingVariableInputs) }
    if !info.intermediates.isEmpty { table[8] = .int32Vector(info.intermediates.map(Int32.init)) }
    if let options = info.options2 {
      table[11] = .uint8(options.type)
      table[12] = .table(TableSpec(options.fields))
    }
    return table
  }

  private func table(of signature: SignatureSpec) -> TableSpec {
    func maps(_ tensors: [(name: String, tensor: Int)]) -> FieldValue {
      .tableVector(tensors.map { TableSpec([0: .string($0.name), 1: .uint32(UInt32($0.tensor))]) })
    }
    return TableSpec([
      0: maps(signature.inputs), 1: maps(signature.outputs), 2: .string(signature.key),
      4: .uint32(UInt32(signature.subgraph)),
    ])
  }

  private struct Code: Equatable {
    let builtin: Int
    let custom: String
    let version: Int

    var table: TableSpec {
      var table = TableSpec([
        0: .int8(Int8(min(builtin, 127))), 2: .int32(Int32(version)), 3: .int32(Int32(builtin)),
      ])
      if !custom.isEmpty { table[1] = .string(custom) }
      return table
    }
  }
}
