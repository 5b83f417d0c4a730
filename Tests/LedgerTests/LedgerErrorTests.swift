import Ledger
import Testing

struct LedgerErrorTests {
  private static let holder = ExecutorLock.Holder(pid: 7, host: "here", since: nil, command: "run")

  /// Every reason, with what the message advises.
  @Test(arguments: [
    (LedgerError.Reason.missing, "`load` or `run` makes one, `--ledger PATH` names another"),
    (.cannotCreate("No such file or directory"), "Its folder must be there, and writable for you"),
    (.cannotRead("Permission denied"), "Make it readable for you"),
    (.notSQLite, "`--ledger PATH` names another"),
    (.foreign(applicationID: 7), "`--ledger PATH` names another"),
    (.damaged("malformed"), "Restore it from a copy"),
    (.newer(found: 9, known: 2), "use a newer fleetplan"),
    (.older(found: 1, known: 2), "`load`, `run`, `resume` or `rollback` migrates it"),
    (.migrationDiffers(number: 1, name: "V001_ledger"), "another build made it, and is needed to go on with it"),
    (.networkFileSystem("nfs"), "choose a local folder with `--ledger PATH`"),
    (.held(by: holder), "`fleetplan status --watch` shows how far it is; wait for its end"),
    (.replaced, "Put it back where it was"),
    (.notDurable("synchronous=1"), "another folder, or another SQLite library, is needed"),
    (.diskFull, "make room, then `fleetplan resume`"),
    (.inputOutput(code: 266, message: "disk I/O error"), "see that the disk is there"),
    (.cannotWrite("readonly"), "make its file and folder writable"),
    (.cannotOpen("unable to open"), "see that its folder can be written"),
    (.sqlite(code: 5, message: "database is locked"), "when the cause is gone, give the same command again"),
  ])
  func `an error names the ledger, and what to do`(reason: LedgerError.Reason, advice: String) {
    let text = LedgerError(path: "/data/l.sqlite", reason: reason).description
    #expect(text.hasPrefix("/data/l.sqlite: "))
    #expect(text.contains(advice), "\(text)")
    #expect(!text.hasSuffix("."))
  }
}
