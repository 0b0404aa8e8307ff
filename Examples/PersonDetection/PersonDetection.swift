// Says how likely a person is in a picture: person-detection MODEL PICTURE.jpg|.png|.bmp
import Foundation
import ModelFormat
import Swiftlet
import Vision

@main
enum PersonDetection {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else { leave(64, "usage: person-detection MODEL PICTURE") }
    do {
      let probability = try personProbability(model: arguments[1], picture: arguments[2])
      print(String(format: "person: %.3f", probability))
    } catch {
      leave(65, "\(error)")
    }
  }

  /// The visual wake words model of MLPerf Tiny: 96 x 96 pixels as int8 in; int8 scores of "none" and "person" out.
  static func personProbability(model path: String, picture: String) throws -> Float {
    let interpreter = try Interpreter(program: Program(model: Model(path: path)))
    let (inputs, outputs) = (interpreter.program.inputs, interpreter.program.outputs)
    guard let input = inputs.first, let output = outputs.first, input.type == .int8, output.type == .int8,
      input.shape.dimensions.count == 4, input.shape.dimensions[3] == 3, output.shape.elementCount == 2,
      let quantization = output.quantization
    else { leave(65, "\(path) does not map a picture in int8 to the scores of two classes") }

    let image = try Image(contentsOf: picture)
    let pixels = image.resized(width: input.shape.dimensions[2], height: input.shape.dimensions[1]).pixels
    // The scale is 1/255 and the zero point -128, so a byte only moves.
    try interpreter.setInput(0, to: pixels.map { Int8(bitPattern: $0 ^ 0x80) })
    try interpreter.invoke()
    let score = try interpreter.output(0, as: Int8.self)[1]
    return quantization.scales[0] * Float(Int32(score) - quantization.zeroPoints[0])
  }

  static func leave(_ code: Int32, _ message: String) -> Never {
    FileHandle.standardError.write(Data("person-detection: \(message)\n".utf8))
    exit(code)
  }
}
