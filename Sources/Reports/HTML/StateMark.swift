import ChangeRun

/// How the page shows a state: a sign and a word, and a colour besides.
struct StateMark {
  var sign: String
  var name: String
  var meaning: String

  init(_ state: ChangeState) {
    name = state.rawValue
    switch state {
    case .succeeded: (sign, meaning) = ("✓", "the group holds what was planned")
    case .unchanged: (sign, meaning) = ("=", "the group held it already: nothing was sent")
    case .failed: (sign, meaning) = ("✕", "refused for good, or tried in vain")
    case .blocked: (sign, meaning) = ("⊘", "not sent: something stands in the way")
    case .conflicted: (sign, meaning) = ("≠", "left alone: the group holds what nobody expected")
    case .abandoned: (sign, meaning) = ("–", "given up with the run")
    case .pending, .held: (sign, meaning) = ("·", "not begun")
    case .waiting: (sign, meaning) = ("…", "to be taken up again")
    case .sending: (sign, meaning) = ("→", "its request may be on the way: resume settles it by reading")
    case .verifying: (sign, meaning) = ("…", "sent, and being read back")
    case .stabilizing: (sign, meaning) = ("…", "applied; its instances are still waited for")
    }
  }

  /// The sign and the word in the state's colour.
  var html: HTML {
    "<span class=\"mark \(HTML(text: name))\"><span aria-hidden=\"true\">\(sign)</span> \(name)</span>"
  }

  /// In the order of bars and tables.
  static let order: [ChangeState] = [
    .succeeded, .unchanged, .failed, .blocked, .conflicted, .abandoned, .sending, .verifying, .stabilizing, .waiting,
    .pending,
  ]
}
