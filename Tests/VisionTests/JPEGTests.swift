import Foundation
import Testing
import Vision

@Suite struct JPEGTests {
  let picture = TestPictures.smooth(width: 24, height: 16)

  private func bytes(_ base64: String) throws -> [UInt8] {
    [UInt8](try #require(Data(base64Encoded: base64)))
  }

  /// A file with an EXIF block that states an orientation, in either byte order.
  private func oriented(_ file: [UInt8], _ orientation: Int, bigEndian isBig: Bool) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      isBig ? bigEndian(value, bytes: count) : littleEndian(value, bytes: count)
    }
    let entry = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + [0, 0]
    let tiff = Array((isBig ? "MM" : "II").utf8) + number(42, 2) + number(8, 4) + number(1, 2) + entry + number(0, 4)
    let block = Array("Exif".utf8) + [0, 0] + tiff
    let segment: [UInt8] = [0xFF, 0xE1] + bigEndian(block.count + 2, bytes: 2) + block
    return file[..<2] + segment + file[2...]
  }

  @Test func encodingKeepsASmoothPicture() throws {
    let image = try Image(decoding: picture.jpegBytes(quality: 100))
    #expect((image.width, image.height) == (24, 16))
    #expect(TestPictures.largestDifference(image, picture) <= 24)
  }

  @Test func lowerQualityMakesSmallerFiles() throws {
    #expect(try picture.jpegBytes(quality: 5).count < picture.jpegBytes(quality: 100).count)
  }

  @Test func readsProgressiveFiles() throws {
    let image = try Image(decoding: bytes(progressive))
    #expect((image.width, image.height) == (24, 16))
    #expect(TestPictures.largestDifference(image, picture) <= 12)
  }

  @Test func readsGrayFiles() throws {
    let image = try Image(decoding: bytes(gray))
    for x in 0..<24 {
      let color = image[x, 8]
      #expect(color.red == color.green && color.green == color.blue)
      #expect(abs(Int(color.red) - 10 * x) <= 6)
    }
  }

  @Test func convertsInvertedInks() throws {
    let color = try Image(decoding: bytes(cmyk))[4, 4]
    #expect(abs(Int(color.red) - 204) <= 2 && color.green <= 2 && abs(Int(color.blue) - 102) <= 2)
  }

  @Test(arguments: 1...8, [false, true])
  func appliesTheOrientation(orientation: Int, bigEndian: Bool) throws {
    let stored = try picture.jpegBytes()
    let upright = try Image(decoding: stored)
    let image = try Image(decoding: oriented(stored, orientation, bigEndian: bigEndian))
    #expect((image.width, image.height) == (orientation < 5 ? (24, 16) : (16, 24)))
    let stepsBack: [(Int, Int) -> (Int, Int)] = [
      { ($0, $1) }, { (23 - $0, $1) }, { (23 - $0, 15 - $1) }, { ($0, 15 - $1) }, { ($1, $0) }, { ($1, 15 - $0) },
      { (23 - $1, 15 - $0) }, { (23 - $1, $0) },
    ]
    for (x, y) in [(0, 0), (15, 3), (2, 14), (9, 9)] {
      let (storedX, storedY) = stepsBack[orientation - 1](x, y)
      #expect(image[x, y] == upright[storedX, storedY])
    }
  }

  @Test func ignoresAnUnknownOrientation() throws {
    let stored = try picture.jpegBytes()
    #expect(try Image(decoding: oriented(stored, 9, bigEndian: true)) == Image(decoding: stored))
  }

  @Test func refusesTruncationAnywhereInTheData() throws {
    let file = try TestPictures.busy(width: 40, height: 40).jpegBytes()
    for count in 3..<file.count - 2 {
      let error = #expect(throws: VisionError.self) { try Image(decoding: Array(file.prefix(count))) }
      #expect(error?.code == .truncated)
    }
  }

  @Test func acceptsAMissingEndMarkerBehindCompleteData() throws {
    let file = try picture.jpegBytes()
    #expect(try Image(decoding: Array(file.dropLast(2))) == Image(decoding: file))
  }

  @Test func refusesTruncatedProgressiveFiles() throws {
    let file = try bytes(progressive)
    for count in 3..<file.count - 1 {
      let error = #expect(throws: VisionError.self) { try Image(decoding: Array(file.prefix(count))) }
      #expect(error?.code == .truncated)
    }
  }

  @Test func refusesSidesThatJPEGCannotStore() {
    let wide = Image(width: 70_000, height: 1, filledWith: .white)
    let error = #expect(throws: VisionError.self) { try wide.jpegBytes() }
    #expect(error?.code == .unsupported)
  }

  // The smooth picture, its red channel, and inks 0, 255, 128, 51 on 8 x 8 pixels, written by Pillow.
  private let progressive =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUV"
    + "DA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    + "FBT/wgARCAAQABgDAREAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABQYH/8QAFwEBAQEBAAAAAAAAAAAAAAAABwYFCP/aAAwDAQAC"
    + "EAMQAAABy1zwUzi+UOL62WeQFDi+UOL7/8QAFhAAAwAAAAAAAAAAAAAAAAAAAAMF/9oACAEBAAEFAlyxcsXLFyxcsXLP/8QAFREBAQAA"
    + "AAAAAAAAAAAAAAAABAD/2gAIAQMBAT8BE6E6E6E6E6E6/8QAFREBAQAAAAAAAAAAAAAAAAAABAD/2gAIAQIBAT8Beueueueueueu/8QA"
    + "FRABAQAAAAAAAAAAAAAAAAAAADH/2gAIAQEABj8CiIiI/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABPyFEkk//2gAMAwEAAgAD"
    + "AAAAEFJoP//EABYRAAMAAAAAAAAAAAAAAAAAAAAhMf/aAAgBAwEBPxCLJsiyLJsmz//EABYRAAMAAAAAAAAAAAAAAAAAAAAhMf/aAAgB"
    + "AgEBPxC7Ksuy7Ksuz//EABYQAAMAAAAAAAAAAAAAAAAAAAAxwf/aAAgBAQABPxBUCoFQKgVAqD//2Q=="
  private let gray =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUV"
    + "DA8XGBYUGBIUFRT/wAALCAAQABgBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAACAn/xAAXEAADAQAAAAAAAAAAAAAAAAAAB0OB/9oACAEB"
    + "AAA/AAOpI4NVSRwaykjhFRSRwaqkjg1lJHD/2Q=="
  private let cmyk =
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYI"
    + "CwwLCgwJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAkDCv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/"
    + "2gAOBEMATQBZAEsAAD8Afxn/AEyYP//Z"
}
