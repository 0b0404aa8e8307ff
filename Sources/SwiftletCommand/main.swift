import ModelFormat
import Swiftlet

do {
  let model = try Model(bytes: ModelBytes(path: CommandLine.arguments[1]))
  let program = try Program(model: model)
  let interpreter = try Interpreter(program: program)
  try interpreter.invoke()
  for output in program.outputs { print(output.name, output.type.name, output.shape.text) }
} catch let error as FormatError {
  print(error.message)
} catch let error as PrepareError {
  print(error.message)
}
