import ModelFormat
import TestSupport

@testable import Swiftlet

/// The audio front end, operators with variables, and those that call subgraphs.
extension OpenCase {
  private static let f = ElementType.float32

  private static func signal(
    _ name: String, _ operands: [OpenOperand], _ outputs: [ElementType], largest: [Int] = [72],
    _ options: [String: FlexValue] = [:]
  ) -> OpenCase {
    OpenCase(name, OperatorCode.custom, operands, outputs, largest: largest, custom: name, customOptions: options)
  }

  private static func words(_ elements: Double...) -> OpenOperand {
    .closed(.constant(.int16, [elements.count], elements))
  }

  static let signals: [OpenCase] = [
    signal("SignalWindow", [.piece(.int16, [.fourA], nil), words(9, 99, 999, 9999)], [.int16], ["shift": .int(4)]),
    signal("SignalFftAutoScale", [.piece(.int16, [.a], nil)], [.int16, .int32]),
    signal("SignalRfft", [.piece(.int16, [.a, .b], nil)], [.int16], largest: [12, 8], ["fft_length": .int(8)]),
    signal("SignalIrfft", [.piece(.int16, [.a, 10], nil)], [.int16], ["fft_length": .int(8)]),
    signal(
      "SignalEnergy", [.piece(.int16, [.twoA], nil)], [.uint32], ["start_index": .int(0), "end_index": .int(1)]),
    signal(
      "SignalFilterBank",
      [.piece(.uint32, [.a], nil), words(1, 1), words(1, 1), words(0, 1), words(0, 1), words(1, 1)], [.uint64],
      ["num_channels": .int(1)]),
    signal("SignalFilterBankSquareRoot", [.piece(.uint64, [.a], nil), .scalar(1)], [.uint32]),
    signal(
      "SignalPCAN",
      [.piece(.uint32, [.a], nil), .piece(.uint32, [.a], nil), .closed(.constant(.int16, [125], counting(125)))],
      [.uint32], ["snr_shift": .int(6)]),
    signal(
      "SignalFilterBankLog", [.piece(.uint32, [.a], nil)], [.int16],
      ["input_correction_bits": .int(3), "output_scale": .int(1600)]),
    OpenCase("RFFT2D", 131, [.open(.float32, .a, 2, .b), .ints(4, 8)], [.complex64], largest: [12, 9]),
    OpenCase("IMAG", 133, [.open(.complex64, .a, .b)], [.float32], largest: [12, 9]),
    OpenCase("REAL", 134, [.open(.complex64, .a, .b)], [.float32], largest: [12, 9]),
    OpenCase("COMPLEX_ABS", 135, [.open(.complex64, .a, .b)], [.float32], largest: [12, 9]),
  ]

  // MARK: Variables

  /// A model whose first input is open, of the largest shape given.
  private static func recurrent(
    _ name: String, _ code: Int, largest: [Int], shape: @escaping @Sendable ([Int]) -> [Int],
    _ model: @escaping @Sendable () -> ModelBuilder
  ) -> OpenCase {
    OpenCase(
      name: name, code: code, largest: largest,
      model: { sides in
        var model = model()
        model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]].shape = shape(sides)
        return model
      }, open: { [0: shape($0)] })
  }

  /// The variables of SVDF and LSTM have the batch's size, which fixes the shape: it is open, but always the same.
  static let recurrent: [OpenCase] = [
    recurrent("SVDF", 27, largest: [], shape: { _ in [1, 3] }) { ValidModels.rankTwoSVDF() },
    recurrent("LSTM", 16, largest: [], shape: { _ in [1, 3] }) { floatLSTM(16, [1, 3]) },
    recurrent("UNIDIRECTIONAL_SEQUENCE_LSTM", 44, largest: [72], shape: { [1, $0[0], 3] }) {
      floatLSTM(44, [1, 1, 3])
    },
    recurrent("UNIDIRECTIONAL_SEQUENCE_LSTM int8", 44, largest: [72], shape: { [1, $0[0], 3] }) {
      ValidModels.lstm()
    },
  ]

  /// Three features, two cells.
  private static func floatLSTM(_ code: Int, _ shape: [Int]) -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", f, shape)
    func constants(_ name: String, _ shape: [Int]) -> [Int] {
      let count = shape.reduce(1, *)
      return (0..<4).map { gate in
        model.constant("\(name)\(gate)", f, shape, (0..<count).map { Float(($0 * 5 + gate) % 7) / 7 - 0.4 })
      }
    }
    let (weights, recurrent, biases) = (constants("w", [2, 3]), constants("r", [2, 2]), constants("b", [2]))
    let state = model.tensor("h", f, [1, 2], isVariable: true)
    let cell = model.tensor("c", f, [1, 2], isVariable: true)
    let output = model.tensor("output", f, Array(shape.dropLast()) + [2])
    model.operation(
      code, inputs: [input] + weights + recurrent + [-1, -1, -1] + biases + [-1, -1, state, cell], outputs: [output],
      options: OptionsSpec(code == 44 ? 71 : 14, [0: .int8(4)]))
    model.setInputs([input], outputs: [output])
    return model
  }

  // MARK: Subgraphs

  /// `name`: a + a, as a subgraph.
  private static func sum(_ name: String, _ sides: [Int]) -> SubgraphSpec {
    var graph = SubgraphSpec(name: name)
    let x = graph.tensor("x", f, sides)
    let y = graph.tensor("y", f, sides)
    graph.operation(ControlFlowModels.add, inputs: [x, x], outputs: [y], options: ControlFlowModels.noActivation)
    (graph.inputs, graph.outputs) = ([x], [y])
    return graph
  }

  private static func calling(
    _ code: Int, _ options: OptionsSpec?, _ options2: OptionsSpec? = nil, flag: Bool, _ sides: [Int]
  ) -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", f, sides)
    let condition = flag ? [model.tensor("flag", .bool, [1])] : []
    let output = model.tensor("output", f, sides)
    model.operation(code, inputs: condition + [input], outputs: [output], options: options, options2: options2)
    model.setInputs([input] + condition, outputs: [output])
    model.subgraphs += [sum("first", sides), sum("second", sides)]
    return model
  }

  static let control: [OpenCase] = [
    OpenCase(
      name: "IF", code: 118, largest: [12, 7],
      model: { calling(118, OptionsSpec(92, [0: .int32(1), 1: .int32(2)]), flag: true, $0) }, open: { [0: $0] }),
    OpenCase(
      name: "STABLEHLO_COMPOSITE", code: 206, largest: [12, 7],
      model: {
        calling(206, nil, OptionsSpec(21, [0: .string("twice"), 1: .int32(1)]), flag: false, $0)
      }, open: { [0: $0] }),
    OpenCase(
      name: "WHILE", code: 119, largest: [12, 7],
      model: { sides in
        var body = SubgraphSpec(name: "body")
        let counter = body.tensor("counter", .int32, [])
        let limit = body.tensor("limit", .int32, [])
        let x = body.tensor("x", f, sides)
        let one = body.constant("one", .int32, [], [Int32(1)])
        let next = body.tensor("next", .int32, [])
        let result = body.tensor("result", f, sides)
        body.operation(
          ControlFlowModels.add, inputs: [counter, one], outputs: [next], options: ControlFlowModels.noActivation)
        body.operation(
          ControlFlowModels.add, inputs: [x, x], outputs: [result], options: ControlFlowModels.noActivation)
        (body.inputs, body.outputs) = ([counter, limit, x], [next, limit, result])
        return ControlFlowModels.looping(body, [(f, sides)], values: [(f, sides)])
      }, open: { [1: $0] }, element: { input, type, index in type == .int32 ? 3 : pattern(input, type, index) }),
  ]
}
