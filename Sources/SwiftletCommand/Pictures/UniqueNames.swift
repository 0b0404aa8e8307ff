/// File names for annotated pictures, none given twice.
struct UniqueNames {
  private var used: Set<String> = []

  /// "photo-annotated.jpg" for photo.jpg, ending in .png for all but JPEG; with a number where it was given before. Never
  /// the picture's own name, so that no folder is a wrong one.
  mutating func annotated(_ path: String) -> String {
    let name = FileSystem.name(path)
    let ending = FileSystem.ending(path)
    let stem = ending.isEmpty ? name : String(name.dropLast(ending.count + 1))
    let newEnding = ending == "jpg" || ending == "jpeg" ? ending : "png"
    var candidate = "\(stem)-annotated.\(newEnding)"
    var number = 2
    while !used.insert(candidate).inserted {
      candidate = "\(stem)-annotated-\(number).\(newEnding)"
      number += 1
    }
    return candidate
  }
}
