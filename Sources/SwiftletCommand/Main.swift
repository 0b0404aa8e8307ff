import ArgumentParser

@main enum Main {
  static func main() {
    var answersInJSON = false
    do {
      var command = try RootCommand.parseAsRoot()
      answersInJSON = (command as? any JSONAnswering)?.json ?? false
      try command.run()
    } catch let failure as CommandFailure {
      failure.report(inJSON: answersInJSON)
      RootCommand.exit(withError: ExitCode(failure.kind.rawValue))
    } catch {
      RootCommand.exit(withError: error)
    }
  }
}
