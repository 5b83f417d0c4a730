import AutoScaling
import AutoScalingSimulator
import ChangeRun
import Execution
import Foundation
import Ledger
import Synchronization
import Testing

/// `RunExecutor` with the real ledger and the real client, against a simulator.
struct RunExecutorTests {
  @Test func `facts are committed in groups, and one change costs one GET and one PUT`() async throws {
    try await ExecutorFixture.with(groups: 2_000) { fixture in
      let start = try fixture.begin(ExecutorFixture.options(concurrency: 64))
      let outcome = try await fixture.executor(start).run()
      #expect(outcome.ending == .completed)
      #expect(outcome.progress.counts.succeeded == 2_000)
      #expect(outcome.progress.requests == RequestCounts(gets: 2_000, puts: 2_000, retries: 0))
      #expect(fixture.server.cloud.journal.count == 4_000)
      // A commit for every intent and every outcome would be 4,000. How far they are grouped depends on how fast
      // changes come in beside the disk: the contract's bar, 0.2 a change, is for an optimised build.
      #if DEBUG
        #expect(outcome.commits <= 2_000)
      #else
        #expect(outcome.commits <= 400)
      #endif
      #expect(outcome.ledgerError == nil)
      try fixture.end(start, outcome)
      let run = try #require(try fixture.writer.read { try $0.run(start.run.id) })
      #expect(run.state == .completed)
      #expect(run.counts.succeeded == 2_000)
      #expect(run.requests == outcome.progress.requests)
    }
  }

  @Test func `every change goes through its steps in order`() async throws {
    try await ExecutorFixture.with(groups: 40) { fixture in
      let start = try fixture.begin(ExecutorFixture.options(concurrency: 8), changesPerGroup: 2)
      let recorder = StepRecorder()
      let executor = try fixture.executor(
        start, observers: RunExecutor.Observers(step: { recorder.note($0, $1) }))
      #expect(await executor.run().ending == .completed)
      #expect(recorder.steps.count == 80)
      for (number, steps) in recorder.steps {
        #expect(steps == [.claimed, .recorded, .headWritten, .answered, .outcome], "change \(number)")
      }
    }
  }

  @Test func `the prior values are in the file before a PUT leaves`() async throws {
    try await ExecutorFixture.with(groups: 30) { fixture in
      let start = try fixture.begin(ExecutorFixture.options(concurrency: 8))
      let before = fixture.server.cloud.snapshotAll(now: fixture.server.now)
      let reader = try LedgerReader(fixture.writer.path)
      let seen = Mutex<[GroupReference: String]>([:])
      // A connection of its own: it sees what is committed, and nothing else.
      let modifier = WatchedModifier(fixture.client) { group, body in
        do {
          let rows = try reader.read { snapshot in
            let run = try #require(try snapshot.run(start.run.id))
            var rows: [String] = []
            try snapshot.forEachChange(of: run, in: [.sending]) { row in
              if row.group == group { rows.append("\(row.prior ?? "nothing") \(row.planned)") }
            }
            return rows
          }
          seen.withLock { $0[group] = rows.joined(separator: ", ") }
          #expect(rows.first?.hasSuffix(String(decoding: body, as: UTF8.self)) == true)
        } catch {
          Issue.record(error)
        }
      }
      #expect(try await fixture.executor(start, modifier: modifier).run().ending == .completed)
      let expected = before.mapValues { group in
        "{\"cool_down_time\":\(group.values[.coolDownTime]?.json ?? "none")} {\"cool_down_time\":1000}"
      }
      #expect(seen.withLock { $0 } == expected)
    }
  }

  @Test func `a stop lets what is in flight end, and another session does the rest`() async throws {
    try await ExecutorFixture.with(groups: 60, { $0.latency = .milliseconds(10) ... .milliseconds(20) }) { fixture in
      let start = try fixture.begin(ExecutorFixture.options(concurrency: 4))
      let executor = Mutex<RunExecutor?>(nil)
      let answered = Mutex(0)
      let recorder = StepRecorder()
      let first = try fixture.executor(
        start,
        observers: RunExecutor.Observers(step: { step, number in
          recorder.note(step, number)
          guard step == .answered else { return }
          let count = answered.withLock { count in
            count += 1
            return count
          }
          if count == 10 { executor.withLock { $0?.stop(.signal) } }
        }))
      executor.withLock { $0 = first }
      let outcome = await first.run()
      executor.withLock { $0 = nil }
      #expect(outcome.ending == .stopped(.signal, detail: ""))
      // Of what had left everything is answered and written down, and nothing began after the stop.
      let sent = recorder.steps.values.filter { $0.contains(.headWritten) }
      #expect(sent.allSatisfy { $0.contains(.outcome) })
      #expect(sent.count <= 10 + 4)
      #expect(outcome.progress.counts.succeeded == sent.count)
      #expect(outcome.progress.inFlight == 0)
      try fixture.end(start, outcome)

      let rest = try fixture.resume(start.run.id)
      #expect(rest.inDoubt == 0)
      #expect(rest.counts.succeeded == sent.count)
      let end = try await fixture.executor(rest).run()
      #expect(end.ending == .completed)
      #expect(end.progress.counts.succeeded == 60)
      #expect(fixture.puts.count == 60)
      #expect(fixture.puts.maximumInFlightPerGroup() == 1)
    }
  }

  @Test func `the rate is not exceeded over the run, and can be changed while it goes on`() async throws {
    try await ExecutorFixture.with(groups: 300) { fixture in
      let start = try fixture.begin(ExecutorFixture.options(rate: 20))
      let executor = Mutex<RunExecutor?>(nil)
      let recorder = StepRecorder()
      let first = try fixture.executor(
        start,
        observers: RunExecutor.Observers(step: { step, number in
          recorder.note(step, number)
          if step == .outcome, recorder.steps.values.count(where: { $0.contains(.outcome) }) == 10 {
            executor.withLock { $0?.tune(rate: 1_000, concurrency: nil) }
          }
        }))
      executor.withLock { $0 = first }
      let outcome = await first.run()
      executor.withLock { $0 = nil }
      #expect(outcome.ending == .completed)
      #expect(outcome.progress.rate == 1_000)
      let times = fixture.server.cloud.journal.map(\.receivedAt).sorted()
      #expect(times.count == 600)
      // Ten changes at 20/s, of which one interval may be credit. The others would take 29 s at that rate.
      #expect(times[19] - times[0] >= .milliseconds(18 * 50))
      #expect(times[599] - times[19] < .seconds(15))
    }
  }

  @Test func `a ledger that is gone ends the run, and nothing more is sent`() async throws {
    try await ExecutorFixture.with(groups: 200, { $0.latency = .milliseconds(20) ... .milliseconds(30) }) { fixture in
      let start = try fixture.begin(ExecutorFixture.options(concurrency: 2))
      let moved = Mutex(false)
      let ledger = fixture.writer.path
      let executor = try fixture.executor(
        start,
        observers: RunExecutor.Observers(step: { step, _ in
          let isFirst = moved.withLock { moved in
            defer { moved = moved || step == .outcome }
            return step == .outcome && !moved
          }
          guard isFirst else { return }
          do {
            try FileManager.default.moveItem(atPath: ledger, toPath: ledger + ".moved")
          } catch {
            Issue.record(error)
          }
        }))
      let outcome = await executor.run()
      guard case .stopped(.ledger, _) = outcome.ending else {
        Issue.record("it ended \(outcome.ending)")
        return
      }
      #expect((outcome.ledgerError as? LedgerError)?.reason == .replaced)
      #expect(fixture.puts.count < 150)
    }
  }

  @Test func `progress is told while it goes on, and at the end`() async throws {
    try await ExecutorFixture.with(groups: 40) { fixture in
      let start = try fixture.begin(ExecutorFixture.options(rate: 100))
      let seen = Mutex<[RunProgress]>([])
      let executor = try fixture.executor(
        start, observers: RunExecutor.Observers(progress: { progress in seen.withLock { $0.append(progress) } }))
      let outcome = await executor.run()
      #expect(outcome.progress.counts.finished == 40)
      let progress = seen.withLock { $0 }
      // 80 requests at 100/s take 0.8 s: ten times a second would be eight.
      #expect(progress.count >= 3)
      #expect(zip(progress, progress.dropFirst()).allSatisfy { $0.counts.finished <= $1.counts.finished })
      #expect(progress.allSatisfy { $0.rate == 100 && $0.counts.total == 40 })
    }
  }
}
