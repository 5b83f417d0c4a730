/// Why a piece of a plan is no value of its field: what is wrong and what would be right.
struct ValueProblem: Error, Hashable {
  var message: String
  /// Where in the piece it is, in bytes from 0; it moves the diagnostic's position for JSON.
  var offset = 0
}
