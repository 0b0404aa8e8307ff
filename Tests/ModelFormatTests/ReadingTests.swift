import ModelFormat
import Testing
import TestSupport

@Suite struct ReadingTests {
  @Test func readsTensors() throws {
    let model = try read(Fixtures.fullyConnected())
    let tensors = model.subgraphs[0].tensors
    #expect(tensors.map(\.name) == ["input", "weights", "bias", "output"])
    #expect(tensors.map(\.type) == [.int8, .int8, .int32, .int8])
    #expect(tensors.map(\.shape) == [[1, 3], [2, 3], [2], [1, 2]])
    #expect(tensors[0].shapeSignature == [-1, 3])
    #expect(tensors[0].quantization == Quantization(scales: [0.5], zeroPoints: [-1]))
    #expect(tensors[1].quantization == Quantization(scales: [0.25, 0.125], zeroPoints: [0, 0], dimension: 0))
    #expect(tensors[0].data == nil && tensors[3].data == nil)
    #expect(model.subgraphs[0].inputs == [0] && model.subgraphs[0].outputs == [3])
  }

  @Test func findsConstantsInTheFile() throws {
    let bytes = Fixtures.fullyConnected().build()
    let model = try Model(bytes: ModelBytes(copying: bytes))
    let weights = try #require(model.subgraphs[0].tensors[1].data)
    #expect(bytes[weights] == [1, 2, 3, 252, 5, 6])
    let note = model.buffers[model.metadata[0].buffer]
    #expect(model.metadata[0].name == "note" && bytes[note] == [1, 2, 3])
    model.bytes.withBytes(in: note) { span in
      #expect(span.byteCount == 3)
    }
  }

  @Test func readsOperators() throws {
    let model = try read(Fixtures.fullyConnected())
    let info = model.subgraphs[0].operators[0]
    #expect(model.operatorCodes[info.code] == OperatorCode(builtin: 9, customName: "", version: 5))
    #expect(model.operatorCodes[info.code].name == "FULLY_CONNECTED")
    #expect(info.inputs == [0, 1, 2] && info.outputs == [3])
    #expect(info.options.type == 8)
    #expect(info.options.int8(0) == 1)
    #expect(info.options.bool(2))
    #expect(info.options.bool(3, default: true), "an absent field reads as the default given")
    #expect(info.options2.type == 0 && info.options2.int32(0, default: 7) == 7)
  }

  @Test func readsEveryKindOfOption() throws {
    var model = ModelBuilder()
    model.operation(
      142, inputs: [], outputs: [model.tensor("handle", .resource, [])],
      options: OptionsSpec(111, [0: .string("container"), 1: .string("näme")]))
    model.operation(
      22, inputs: [model.constant("c", .float32, [2], [1, 2] as [Float])],
      outputs: [model.tensor("r", .float32, [2, 1])], options: OptionsSpec(17, [0: .int32Vector([2, -1])]))
    model.operation(
      148, inputs: [], outputs: [model.tensor("u", .float32, [1])],
      options: OptionsSpec(114, [0: .int64(-5), 1: .int64(1 << 40)]))
    model.operation(
      98, inputs: [model.constant("d", .float32, [1], [1] as [Float])], outputs: [model.tensor("l", .float32, [1])],
      options: OptionsSpec(75, [0: .float(0.25)]))
    let operators = try read(model).subgraphs[0].operators
    #expect(operators[0].options.string(0) == "container" && operators[0].options.string(1) == "näme")
    #expect(operators[1].options.int32Vector(0) == [2, -1] && operators[1].options.contains(0))
    #expect(operators[2].options.int64(0) == -5 && operators[2].options.int64(1) == 1 << 40)
    #expect(operators[3].options.float(0) == 0.25)
    #expect(operators[3].options.int32Vector(5).isEmpty && operators[3].options.string(5).isEmpty)
  }

  @Test func readsSecondOptionsAndCustomOperators() throws {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [1])
    let output = model.tensor("output", .float32, [1])
    let second = model.tensor("second", .float32, [1])
    model.operation(
      206, inputs: [input], outputs: [output],
      options2: OptionsSpec(21, [0: .string("odml.norm"), 1: .int32(1), 2: .bytes([9, 8]), 4: .int32(3)]))
    model.operation(32, custom: "Mine", inputs: [output], outputs: [second], customOptions: [5, 6, 7])
    model.setInputs([input], outputs: [second])
    model.subgraphs.append(SubgraphSpec(name: "body"))
    let bytes = model.build()
    let read = try Model(bytes: ModelBytes(copying: bytes))
    let composite = read.subgraphs[0].operators[0]
    #expect(read.operatorCodes[composite.code].builtin == 206)
    #expect(composite.options2.string(0) == "odml.norm" && composite.options2.int32(1) == 1)
    #expect(bytes[composite.options2.byteRange(2)] == [9, 8])
    let custom = read.subgraphs[0].operators[1]
    #expect(read.operatorCodes[custom.code].name == "Mine")
    #expect(bytes[custom.customOptions] == [5, 6, 7])
  }

  @Test func readsSignatures() throws {
    let signature = try read(Fixtures.fullyConnected()).signatures[0]
    #expect(signature.key == "serving" && signature.subgraph == 0)
    #expect(signature.inputs.map(\.name) == ["x"] && signature.inputs.map(\.tensor) == [0])
    #expect(signature.outputs.map(\.name) == ["y"] && signature.outputs.map(\.tensor) == [3])
  }

  @Test func readsBuffersBehindTheFlatBuffer() throws {
    var model = Fixtures.fullyConnected()
    let end = model.build().count + 64
    model.override(.buffer(1), field: 0, nil)
    model.override(.buffer(1), field: 1, .uint64(UInt64(end)))
    model.override(.buffer(1), field: 2, .uint64(6))
    var bytes = model.build()
    bytes += Array(repeating: 0, count: end - bytes.count) + [10, 20, 30, 40, 50, 60, 70]
    let data = try #require(try Model(bytes: ModelBytes(copying: bytes)).subgraphs[0].tensors[1].data)
    #expect(bytes[data] == [10, 20, 30, 40, 50, 60])
  }

  @Test func readsBytesAtOddAddresses() throws {
    let bytes = Fixtures.fullyConnected().build()
    for shift in 1...3 {
      let shifted = Array(repeating: UInt8(0), count: shift) + bytes
      unsafe try shifted.withUnsafeBytes { buffer in
        let borrowed = unsafe ModelBytes(borrowing: UnsafeRawBufferPointer(rebasing: buffer[shift...]))
        let model = try Model(bytes: borrowed)
        #expect(model.subgraphs[0].tensors[3].name == "output")
      }
    }
  }

  @Test func saysWhatFollowsTheLastTable() throws {
    let bytes = Fixtures.fullyConnected().build()
    let model = try Model(bytes: ModelBytes(copying: bytes + Array("PK zip".utf8)))
    #expect(model.trailingBytes.upperBound == bytes.count + 6)
    #expect(model.trailingBytes.lowerBound <= bytes.count && model.trailingBytes.lowerBound > bytes.count - 16)
  }

  @Test func readsOfflinePlans() throws {
    var model = Fixtures.chain(1)
    let plan: [Int32] = [1, 1, 2, 0, -1]
    model.metadata = [MetadataSpec("OfflineMemoryAllocation", unsafe plan.withUnsafeBytes { unsafe Array($0) })]
    #expect(try read(model).offlinePlan == [0, -1])
    #expect(try read(Fixtures.chain(1)).offlinePlan.isEmpty)
  }

  @Test func treatsTensorsWithoutElementsAsConstants() throws {
    var model = ModelBuilder()
    let shape = model.tensor("shape", .int32, [0])
    let value = model.constant("value", .float32, [1], [1] as [Float])
    model.operation(22, inputs: [value, shape], outputs: [model.tensor("scalar", .float32, [])])
    #expect(try read(model).subgraphs[0].tensors[shape].data == 0..<0)
  }

  @Test func acceptsBuffersThatShareBytes() throws {
    var model = Fixtures.chain(1)
    model.subgraphs[0].constant("a", .int8, [2], [1, 2] as [Int8])
    model.subgraphs[0].constant("b", .int8, [2], [3, 4] as [Int8])
    model.override(.tensor(3, subgraph: 0), field: 2, .uint32(1))
    let tensors = try read(model).subgraphs[0].tensors
    #expect(tensors[2].data == tensors[3].data && tensors[2].data != nil)
  }

  @Test func ignoresFieldsItDoesNotKnow() throws {
    var model = Fixtures.fullyConnected()
    model.override(.file, field: 40, .uint32(7))
    model.override(.tensor(0, subgraph: 0), field: 30, .string("new"))
    #expect(try read(model).subgraphs[0].tensors.count == 4)
  }

  @Test func acceptsAnEmptyGraph() throws {
    #expect(try read(ModelBuilder()).subgraphs[0].operators.isEmpty)
  }
}
