import JSONText
import Testing

struct JSONWriterTests {
  @Test func `commas and colons come by themselves`() {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("a", 1)
    writer.key("b")
    writer.beginArray()
    writer.integer(-12)
    writer.null()
    writer.bool(false)
    writer.beginObject()
    writer.endObject()
    writer.endArray()
    writer.member("c", nil as String?)
    writer.endObject()
    #expect(writer.text == #"{"a":1,"b":[-12,null,false,{}],"c":null}"#)
  }

  @Test(arguments: [
    ("plain", #""plain""#), ("\"\\", #""\"\\""#), ("\n\r\t", #""\n\r\t""#),
    ("\u{0}\u{1f}\u{7f}", #""\u0000\u001f\u007f""#),
    ("ä😎/", #""ä😎/""#), ("", #""""#),
  ])
  func `escapes what must be escaped`(text: String, json: String) throws {
    var writer = JSONWriter()
    writer.string(text)
    #expect(writer.text == json)
    #expect(try JSONParser.parse(writer.bytes).stringValue == text)
  }

  @Test(arguments: [
    (1.25, 3, "1.25"), (0, 3, "0"), (-0.5, 1, "-0.5"), (2.0, 2, "2"), (0.0005, 3, "0.001"), (-0.0001, 3, "0"),
    (1_234_567.891, 2, "1234567.89"), (Double.nan, 2, "null"), (Double.infinity, 2, "null"), (1e15, 0, "null"),
  ])
  func `decimals have no exponent and no more digits than asked for`(number: Double, digits: Int, json: String) {
    var writer = JSONWriter()
    writer.decimal(number, fractionDigits: digits)
    #expect(writer.text == json)
  }

  @Test func `a parsed text is written back with the same meaning`() throws {
    let text = #"{"a":[1,-2.50,1e3,"x\"y",null,true,{"b":[]}],"a":{}}"#
    var writer = JSONWriter(capacity: 64)
    writer.node(try JSONParser.parse(text))
    #expect(writer.text == text)
    writer.removeAll()
    writer.raw("[1]")
    #expect(writer.text == "[1]")
  }

  @Test func `the whole range of integers is written`() {
    var writer = JSONWriter()
    writer.beginArray()
    for number in [Int.min, -10, -9, 0, 9, 10, Int.max] { writer.integer(number) }
    writer.endArray()
    #expect(writer.text == "[-9223372036854775808,-10,-9,0,9,10,9223372036854775807]")
  }
}
