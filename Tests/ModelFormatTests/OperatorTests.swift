import ModelFormat
import Testing
import TestSupport

/// Operator codes, operands and option tables.
@Suite struct OperatorTests {
  private static let first = FormatError.Subject.operator(0, subgraph: 0)

  @Test func refusesCodesThatDoNotExist() {
    var model = Fixtures.chain(1)
    model.override(Self.first, field: 0, .uint32(1))
    expectRefusal(model, .invalidIndex, Self.first, "opcode_index")
    model.override(Self.first, field: 0, .uint32(.max))
    expectRefusal(model, .invalidIndex, Self.first, "opcode_index")
  }

  @Test func refusesBrokenCodes() {
    var model = Fixtures.chain(1)
    model.override(.operatorCode(0), field: 2, .int32(0))
    expectRefusal(model, .invalidValue, .operatorCode(0), "version")
    model = Fixtures.chain(1)
    model.override(.operatorCode(0), field: 0, .int8(-1))
    model.override(.operatorCode(0), field: 3, .int32(-1))
    expectRefusal(model, .invalidValue, .operatorCode(0), "builtin_code")
    model = Fixtures.chain(1)
    model.override(.operatorCode(0), field: 3, .int32(32))
    expectRefusal(model, .missing, .operatorCode(0), "custom_code")
  }

  @Test func keepsCodesThatAreNewerThanTheLibrary() throws {
    var model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].builtin = 4711
    let code = try read(model).operatorCodes[0]
    #expect(code.builtin == 4711 && code.name == "BUILTIN_4711")
  }

  @Test func namesEveryCode() {
    let names = (0...209).map { OperatorCode(builtin: $0, customName: "c", version: 1).name }
    #expect(names[3] == "CONV_2D" && names[32] == "c" && names[118] == "IF" && names[209] == "STABLEHLO_CASE")
    #expect(Set(names).count == 210)
  }

  @Test(
    arguments: [
      (1, [2]), (1, [-2]), (1, [Int32.max]), (2, [2]), (2, [-1]), (8, [2]), (8, [-2]),
    ] as [(Int, [Int32])]) func refusesOperandsThatDoNotExist(field: Int, indices: [Int32])
  {
    var model = Fixtures.chain(1)
    model.override(Self.first, field: field, .int32Vector(indices))
    expectRefusal(model, .invalidIndex, Self.first, [1: "inputs", 2: "outputs", 8: "intermediates"][field])
  }

  @Test func readsAbsentOperands() throws {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].operators[0].inputs[2] = -1
    #expect(try read(model).subgraphs[0].operators[0].inputs == [0, 1, -1])
  }

  @Test(arguments: [1, 2]) func refusesSubgraphInputsAndOutputsThatDoNotExist(field: Int) {
    for index in [-1, 2] as [Int32] {
      var model = Fixtures.chain(1)
      model.override(.subgraph(0), field: field, .int32Vector([index]))
      expectRefusal(model, .invalidIndex, .subgraph(0), field == 1 ? "inputs" : "outputs")
    }
  }

  @Test func namesBothOperatorsWhenOptionsDoNotFit() throws {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].operators[0].options = OptionsSpec(5)
    expectRefusal(model, .optionsMismatch, Self.first, "builtin_options_type")
    let message = try #require(throws: FormatError.self) { try read(model) }.message
    #expect(message.contains("'AVERAGE_POOL_2D (5)'") && message.contains("'FULLY_CONNECTED (8)'"))
    model.subgraphs[0].operators[0].options = OptionsSpec(200)
    expectRefusal(model, .optionsMismatch, Self.first, "builtin_options_type")
    model.subgraphs[0].operators[0].options = nil
    model.subgraphs[0].operators[0].options2 = OptionsSpec(21)
    expectRefusal(model, .optionsMismatch, Self.first, "builtin_options_2_type")
  }

  @Test func acceptsOperatorsWithoutOptions() throws {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].operators[0].options = nil
    #expect(try read(model).subgraphs[0].operators[0].options.type == 0)
  }

  @Test(
    arguments: [
      (0, .int8(6), "fused_activation_function"), (0, .int8(-1), "fused_activation_function"),
      (1, .int8(2), "weights_format"), (4, .int8(23), "quantized_bias_type"),
    ] as [(Int, FieldValue, String)]) func refusesEnumerationsOutOfRange(id: Int, value: FieldValue, field: String)
  {
    var model = Fixtures.fullyConnected()
    model.subgraphs[0].operators[0].options?.fields[id] = value
    expectRefusal(model, .invalidValue, Self.first, "builtin_options." + field)
  }

  @Test func refusesOptionVectorsOutsideTheFile() {
    var model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].builtin = 22
    model.subgraphs[0].operators[0].options = OptionsSpec(17, [0: .rawOffset(1 << 20)])
    expectRefusal(model, .outOfBounds, Self.first, "builtin_options.new_shape")
  }

  @Test func refusesOptionFieldsOutsideTheirTable() {
    // A table of 8 bytes whose first field has 1 byte where the schema has 4.
    var model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].builtin = 49
    model.subgraphs[0].operators[0].options = OptionsSpec(35, [0: .int8(2)])
    expectRefusal(model, .malformedTable, Self.first, "builtin_options.num_splits")
  }

  @Test func refusesNaNOptions() {
    var model = Fixtures.chain(1)
    model.subgraphs[0].operators[0].builtin = 98
    model.subgraphs[0].operators[0].options = OptionsSpec(75, [0: .float(.nan)])
    expectRefusal(model, .invalidValue, Self.first, "builtin_options.alpha")
  }
}
