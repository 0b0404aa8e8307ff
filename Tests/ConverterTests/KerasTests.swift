import Foundation
import ModelFormat
import Testing

@testable import Converter

@Suite struct KerasTests {
  private let keras2 = """
    {"class_name": "Functional", "config": {"name": "m", "layers": [
      {"class_name": "InputLayer", "name": "in", "config": {"name": "in", "batch_input_shape": [null, 4]}, "inbound_nodes": []},
      {"class_name": "Dense", "name": "d", "config": {"name": "d", "units": 2, "rate": Infinity},
       "inbound_nodes": [[["in", 0, 0, {}]]]},
      {"class_name": "Add", "name": "a", "config": {"name": "a"}, "inbound_nodes": [[["d", 0, 0, {}], ["d", 0, 0, {}]]]}],
      "input_layers": [["in", 0, 0]], "output_layers": [["a", 0, 0]]}}
    """
  private let keras3 = """
    {"class_name": "Functional", "config": {"layers": [
      {"class_name": "InputLayer", "name": "in", "config": {"name": "in", "batch_shape": [null, 4]}, "inbound_nodes": []},
      {"class_name": "SeparableConv2D", "name": "s1", "config": {"name": "s1"}, "inbound_nodes": [
        {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["in", 0, 0]}}], "kwargs": {}}]},
      {"class_name": "SeparableConv2D", "name": "s2", "config": {"name": "s2"}, "inbound_nodes": [
        {"args": [[{"class_name": "__keras_tensor__", "config": {"keras_history": ["s1", 0, 0]}}]], "kwargs": {}}]},
      {"class_name": "PReLU", "name": "p", "config": {"name": "p"}, "inbound_nodes": []}],
      "input_layers": ["in", 0, 0], "output_layers": [["s2", 0, 0]]}}
    """

  @Test func readsConfigurationsOfKeras2() throws {
    let model = try KerasModel(KerasConfig(json: keras2), weights: .named("", scopes: []))
    #expect(model.layers.map(\.name) == ["in", "d", "a"])
    #expect(
      model.layers[2].calls.map(\.inputs) == [
        [.init(layer: "d", call: 0, output: 0), .init(layer: "d", call: 0, output: 0)]
      ])
    #expect(model.outputs == [.init(layer: "a", call: 0, output: 0)])
  }

  /// The call that made a model within a model has the number 0 in Keras 2, and is not in the file.
  @Test func callsOfModelsInsideBeginWithOne() throws {
    let inside = """
      {"class_name": "Functional", "config": {"layers": [
        {"class_name": "InputLayer", "name": "in", "config": {}, "inbound_nodes": []},
        {"class_name": "Functional", "name": "enc", "config": {},
         "inbound_nodes": [[["in", 0, 0, {}]], [["in", 0, 0, {}]]]},
        {"class_name": "Dense", "name": "d", "config": {}, "inbound_nodes": [[["enc", 1, 0, {}]]]}],
        "input_layers": [["in", 0, 0]], "output_layers": [["d", 0, 0], ["enc", 2, 0]]}}
      """
    let model = try KerasModel(KerasConfig(json: inside), weights: .named("", scopes: []))
    #expect(model.firstCalls == ["enc": 1])
    #expect(try KerasModel(KerasConfig(json: keras2), weights: .placed("")).firstCalls.isEmpty)
  }

  @Test func readsConfigurationsOfKeras3() throws {
    let model = try KerasModel(KerasConfig(json: keras3), weights: .placed(""))
    #expect(model.inputs == [.init(layer: "in", call: 0, output: 0)])
    #expect(model.layers[2].calls.map(\.inputs) == [[.init(layer: "s1", call: 0, output: 0)]])
    let places = model.layers.map { layer -> String in
      if case .placed(let place) = layer.weights { place } else { "" }
    }
    #expect(
      places == ["/layers/input_layer", "/layers/separable_conv2d", "/layers/separable_conv2d_1", "/layers/p_re_lu"])
  }

  @Test func functionsOfKeras2KeepNumbersAndTensors() throws {
    let config = """
      {"class_name": "Functional", "config": {"layers": [
        {"class_name": "InputLayer", "name": "in", "config": {"name": "in"}, "inbound_nodes": []},
        {"module": "keras.layers", "class_name": "TFOpLambda", "name": "t", "config": {"name": "t", "function": "math.multiply"},
         "inbound_nodes": [["in", 0, 0, {"y": 2.5, "name": null}]]},
        {"class_name": "TFOpLambda", "name": "u", "config": {"name": "u", "function": "__operators__.add"},
         "inbound_nodes": [["_CONSTANT_VALUE", -1, 3.0, {"y": ["t", 0, 0]}]]},
        {"class_name": "Add", "name": "a", "config": {"name": "a"}, "inbound_nodes": [[["u", 0, 0, {}], ["t", 0, 0, {}]]]}],
        "input_layers": [["in", 0, 0]], "output_layers": [["a", 0, 0]]}}
      """
    let layers = try KerasModel(KerasConfig(json: config), weights: .named("", scopes: [])).layers
    #expect(layers.map(\.className) == ["InputLayer", "tf.math.multiply", "tf.__operators__.add", "Add"])
    #expect(layers[1].calls[0].inputs.map(\.layer) == ["in"])
    #expect(layers[1].calls[0].keywords["y"]?.value?.number == 2.5)
    #expect(layers[2].calls[0].arguments.first?.value?.number == 3)
    #expect(layers[2].calls[0].tensors.map(\.layer) == ["t"])
    #expect(layers[3].calls[0].inputs.map(\.layer) == ["u", "t"])
  }

  @Test(arguments: ["\"module\": \"keras.src.ops.numpy\", ", ""])
  func functionsOfKeras3AreNotLayersOfTheSameName(module: String) throws {
    let config = """
      {"class_name": "Functional", "config": {"layers": [
        {"class_name": "InputLayer", "name": "in", "config": {"name": "in"}, "inbound_nodes": []},
        {\(module)"class_name": "Add", "name": "a", "config": {"name": "a"}, "inbound_nodes": [
          {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["in", 0, 0]}}, 3.0], "kwargs": {}}]}],
        "input_layers": ["in", 0, 0], "output_layers": [["a", 0, 0]]}}
      """
    let layer = try KerasModel(KerasConfig(json: config), weights: .placed("")).layers[1]
    #expect(layer.className == "keras.ops.Add")
    #expect(layer.calls[0].inputs.map(\.layer) == ["in"])
    #expect(layer.calls[0].arguments[1].value?.number == 3)
  }

  @Test func placesAreNamedByPythonsClasses() {
    var names = KerasPlaceNames()
    let classes = ["GroupQueryAttention", "Conv3DTranspose", "ConvLSTM1D", "GroupQueryAttention"]
    #expect(
      classes.map { names.next(of: $0) } == [
        "grouped_query_attention", "conv3d_transpose", "conv_lstm1d", "grouped_query_attention_1",
      ])
  }

  @Test func aLayerAroundAnotherKnowsItsWeights() throws {
    let config = #"{"layer": {"class_name": "Dense", "config": {"name": "d", "units": 2}}, "power_iterations": 1}"#
    let outer = KerasLayerSpec(
      className: "SpectralNormalization", name: "s", config: try KerasConfig(json: config), calls: [],
      weights: .placed("/layers/s"))
    let inner = try #require(outer.wrapped)
    #expect([inner.className, inner.name] == ["Dense", "d"])
    guard case .placed("/layers/s/layer") = inner.weights else {
      Issue.record("\(inner.weights)")
      return
    }
  }

  @Test func modelsInsideKeepTheOutermostGroupOfWeights() {
    let inner = KerasWeightPath.named("", scopes: []).layer("outer", place: "functional").layer("conv", place: "conv2d")
    guard case .named("outer", scopes: ["conv"]) = inner else {
      Issue.record("\(inner)")
      return
    }
  }

  @Test func sequentialModelsFollowTheirOrder() throws {
    let config = """
      {"class_name": "Sequential", "config": [
        {"class_name": "Dense", "config": {"name": "d", "batch_input_shape": [null, 4]}},
        {"class_name": "ReLU", "config": {"name": "r"}}]}
      """
    let model = try KerasModel(KerasConfig(json: config), weights: .named("", scopes: []))
    #expect(model.layers.map(\.className) == ["InputLayer", "Dense", "ReLU"])
    #expect(model.layers[2].calls.map(\.inputs) == [[.init(layer: "d", call: 0, output: 0)]])
  }

  @Test(arguments: ["", "{", "[]", "{\"class_name\": \"Odd\", \"config\": {\"layers\": []}}", "{\"class_name\": 3}"])
  func refusesOtherConfigurations(json: String) {
    #expect(throws: ConversionError.self) { try KerasModel(KerasConfig(json: json), weights: .named("", scopes: [])) }
  }

  @Test func refusesDamagedFiles() throws {
    let folder = try Folder()
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    let hdf5 = try folder.write(signature + Array(repeating: 7, count: 200), to: "model.h5")
    let error = try #require(throws: ConversionError.self) { try Conversion(path: hdf5) }
    #expect(error.kind == .badData)
    let zip = try folder.write([0x50, 0x4B, 0x03, 0x04] + Array(repeating: 0, count: 60), to: "model.keras")
    #expect(throws: ConversionError.self) { try Conversion(path: zip) }
  }
}
