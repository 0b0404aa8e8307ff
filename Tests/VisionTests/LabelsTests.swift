import Testing
import Vision

@Suite struct LabelsTests {
  @Test func countsLinesFromZero() {
    let labels = Labels(text: "background\r\ntench, Tinca tinca\r\n")
    #expect(labels.count == 2)
    #expect(labels[0] == "background" && labels[1] == "tench, Tinca tinca" && labels[2] == nil && labels[-1] == nil)
  }

  @Test func blankLinesKeepTheirIndex() {
    let labels = Labels(text: "person\n\n  car  \n")
    #expect(labels[0] == "person" && labels[1] == nil && labels[2] == "car" && labels.count == 3)
  }

  @Test(arguments: ["0  person\n2  car\n", "0:person\n2: car", "0\tperson\n\n2\tcar\n"])
  func readsNumberedLines(text: String) {
    let labels = Labels(text: text)
    #expect(labels[0] == "person" && labels[1] == nil && labels[2] == "car" && labels.count == 3)
  }

  @Test(arguments: ["7 up\ncola\n", "3 apples\n2 pears\n", "0\n1\n"])
  func keepsNumbersThatAreNames(text: String) {
    #expect(Labels(text: text)[0] == String(text.prefix { $0 != "\n" }))
  }

  @Test func anEmptyTextHasNoLabels() {
    #expect(Labels(text: "").count == 0)
  }
}
