import FoundationEssentials
import Vision

/// Pictures of which the class is known: a folder with a folder for each class, or a text file that lists them.
struct ClassifiedPictures {
  struct Entry: Equatable {
    let path: String
    /// The class as the folder or the list calls it.
    let className: String
  }

  let path: String
  /// By path.
  let entries: [Entry]
  /// Whether classes are folders, which may then stand for the order of their names.
  private let areFolders: Bool

  /// The folders of `path`, hidden ones aside, with the files in them.
  /// - Throws: `noInput` for a folder that cannot be read, `badData` for one without pictures in folders.
  init(folder path: String) throws(CommandFailure) {
    var entries: [Entry] = []
    for name in try FileSystem.list(path) where FileSystem.isFolder(FileSystem.path(path, name)) {
      let folder = FileSystem.path(path, name)
      for file in try FileSystem.list(folder) where !FileSystem.isFolder(FileSystem.path(folder, file)) {
        entries.append(Entry(path: FileSystem.path(folder, file), className: name))
      }
    }
    guard !entries.isEmpty else {
      throw CommandFailure(.badData, file: path, "has no pictures in folders; expected a folder for each class")
    }
    (self.path, self.entries, areFolders) = (path, entries, true)
  }

  /// A list: on each line a picture, relative to the list, then a tab, comma or space and its class.
  /// - Throws: `noInput` for a list that cannot be read, `badData` for one of another form.
  init(list path: String) throws(CommandFailure) {
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    let folder = String(path.dropLast(FileSystem.name(path).count))
    var entries: [Entry] = []
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      let separator = ["\t", ",", " "].first { line.contains($0) }.map { Character($0) }
      let parts = line.split(separator: separator ?? " ", maxSplits: 1).map { $0.trimmed }
      guard parts.count == 2, !parts[1].isEmpty else {
        throw CommandFailure(
          .badData, file: path, "line \(number + 1): found '\(line.prefix(80))', expected a picture and its class")
      }
      let isAbsolute = parts[0].hasPrefix("/") || folder.isEmpty
      entries.append(Entry(path: isAbsolute ? parts[0] : FileSystem.path(folder, parts[0]), className: parts[1]))
    }
    guard !entries.isEmpty else { throw CommandFailure(.badData, file: path, "lists no pictures") }
    (self.path, self.entries, areFolders) = (path, entries.sorted { $0.path < $1.path }, false)
  }

  /// By entry: the index of its class among the `count` outputs of a network.
  ///
  /// A class is named as in `labels`, or by its number; folders without either stand for the classes in the order of
  /// their names where there are as many.
  /// - Throws: `badData` for a class that the network does not have.
  func classIndices(labels: Labels?, count: Int) throws(CommandFailure) -> [Int] {
    let names = Set(entries.map(\.className)).sorted()
    let known = Self.indices(of: labels, count: count)
    var indices: [String: Int] = [:]
    for name in names {
      let number = Int(name).flatMap { (0..<count).contains($0) ? $0 : nil }
      indices[name] = known[name.lowercased()] ?? number
    }
    if indices.isEmpty, areFolders, names.count == count {
      for (index, name) in names.enumerated() { indices[name] = index }
    }
    if let stranger = names.first(where: { indices[$0] == nil }) {
      throw CommandFailure(
        .badData, file: path,
        "class '\(stranger)' is unknown: the network has \(count) classes\(labels == nil ? "" : " and no such label"); "
          + "name the classes as in --labels, or by their numbers")
    }
    return entries.map { indices[$0.className] ?? 0 }
  }

  /// Labels in lower case, whole and up to the first comma: "tench, Tinca tinca" is also "tench".
  private static func indices(of labels: Labels?, count: Int) -> [String: Int] {
    guard let labels else { return [:] }
    var result: [String: Int] = [:]
    for index in 0..<min(count, labels.count) {
      guard let label = labels[index]?.lowercased() else { continue }
      let short = label.split(separator: ",").first.map { $0.trimmed } ?? label
      for name in [label, short] where result[name] == nil { result[name] = index }
    }
    return result
  }
}

extension Substring {
  /// Without white space at both ends.
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}
