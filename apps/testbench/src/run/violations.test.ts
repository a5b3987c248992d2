import { Checks } from "@sof-ts/explorer";
import { K_FOREVER, Kernel, Mutex } from "@sof-ts/kernel";
import { EventQueue } from "@sof-ts/kit";
import { expect, it } from "vitest";
import { ExitCode, failureOf } from "../cli/exit-code.js";
import { failOnViolations } from "./violations.js";

/** A checked machine whose one thread ends with a lock, or does not. */
function checkedRun(unlock: boolean): Checks {
  const checks = new Checks();
  const { checker, trace } = checks;
  const clocks = { cyclesPerSecond: 1e6, ticksPerSecond: 1000 };
  const kernel = new Kernel({ cpus: 1, ...clocks, events: new EventQueue(), checker, trace });
  checks.attach(kernel);
  const lock = new Mutex(kernel, "graph lock");
  kernel.createThread({
    name: "holder",
    priority: 3,
    *entry() {
      yield* lock.lock(K_FOREVER);
      if (unlock) yield* lock.unlock();
    },
  });
  kernel.run(1000);
  return checks;
}

it("ends a checked command with exit code 4 and the report when a rule is broken", () => {
  let failure: unknown = null;
  try {
    failOnViolations(checkedRun(false));
  } catch (error) {
    failure = error;
  }
  expect(failureOf(failure).code).toBe(ExitCode.FAULT);
  expect(failureOf(failure).message).toMatch(/1 violation\nprogress: ended-with-lock: graph lock/);
});

it("lets a clean run pass", () => {
  expect(() => failOnViolations(checkedRun(true))).not.toThrow();
  expect(() => failOnViolations(null)).not.toThrow();
});
