import { describe, expect, it } from "vitest";
import { type LlScheduler, RunAgain } from "../src/index.js";
import { inThread, machine, MS, strategies } from "./ll-machine.js";

describe.each(strategies)("the check of the core with $name", ({ name, make }) => {
  it.each([0, 1])(
    "passes in the tick of core %i, in its own mode, and tells another core",
    (core) => {
      const m = machine(make, 2);
      const scheduler = m.domain.scheduler(core) as LlScheduler;
      const modes: boolean[] = [];
      const errors: string[] = [];
      const task = scheduler.createTask({
        name: "copy",
        core,
        priority: 0,
        run: () => {
          modes.push(m.kernel.isUserContext());
          m.locking.assertCore(core);
          try {
            m.locking.assertCore(1 - core);
          } catch (error) {
            errors.push((error as Error).message);
          }
          return RunAgain.RESCHEDULE;
        },
      });
      inThread(
        m,
        function* () {
          yield* scheduler.schedule(task);
        },
        core,
      );
      m.kernel.run(2.5 * MS);
      // A read of the core's id register in user mode would have ended the thread.
      expect(m.faults).toEqual([]);
      const user = name !== "kernel LL";
      expect(modes).toEqual([user, user]);
      const message = `what belongs to core ${1 - core} is used`;
      expect(errors).toEqual([expect.stringContaining(message), expect.stringContaining(message)]);
    },
  );

  it("is made by every tick: a thread of another core does not get past its first", () => {
    const m = machine(make, 2);
    m.domain.thread(1)?.suspendNow();
    m.domain.thread(1)?.cpuPin(0);
    m.domain.thread(1)?.resumeNow();
    m.kernel.run(2.5 * MS);
    expect(m.faults.map(({ message }) => message)).toEqual([
      expect.stringContaining("what belongs to core 1 is used"),
    ]);
    expect(m.domain.scheduler(1)?.stats.ticks).toBe(0);
    expect(m.scheduler.stats.ticks).toBe(2);
  });
});
