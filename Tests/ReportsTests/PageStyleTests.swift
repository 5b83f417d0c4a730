import Foundation
import Testing

@testable import Reports

@Suite struct PageStyleTests {
  /// Relative luminance (WCAG 2.2) of `#rrggbb`.
  private func luminance(_ color: String) throws -> Double {
    let number = try #require(Int(color.dropFirst(), radix: 16))
    let channels = [number >> 16 & 255, number >> 8 & 255, number & 255].map { byte in
      let share = Double(byte) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  @Test(arguments: [false, true])
  func `texts and bars stand out from what is behind them`(isDark: Bool) throws {
    let colors = Dictionary(
      uniqueKeysWithValues: PageStyle.colors.map { ($0.name, isDark ? $0.dark : $0.light) })
    for ground in ["page", "panel"] {
      let behind = try luminance(try #require(colors[ground]))
      for (name, color) in colors where !["page", "panel", "rule"].contains(name) {
        let (low, high) = (min(try luminance(color), behind), max(try luminance(color), behind))
        let contrast = (high + 0.05) / (low + 0.05)
        #expect(contrast >= 4.5, "\(name) on \(ground): \(contrast)")
      }
    }
  }

  @Test func `every colour that is used is there, and nothing is loaded`() {
    let names = Set(PageStyle.colors.map(\.name))
    for match in PageStyle.css.matches(of: /var\(--(\w+)\)/) { #expect(names.contains(String(match.1))) }
    #expect(!PageStyle.css.contains("url(") && !PageStyle.css.contains("@import") && !PageStyle.css.contains("<"))
  }
}
