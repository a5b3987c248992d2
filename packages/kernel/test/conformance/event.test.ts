/* oxlint-disable vitest/no-standalone-expect -- row() registers the test */
import { describe, expect } from "vitest";
import { K_FOREVER, K_MSEC, K_NO_WAIT, KEvent } from "../../src/index.js";
import { row } from "./support/harness.js";

describe("event", () => {
  row("T080", "after init no event is set, nor in one placed at build time", ({ machine }) => {
    const m = machine();
    const placed = new KEvent(m.kernel);
    m.main(function* (k) {
      expect(placed.test(0xffff_ffff)).toBe(0);
      const event = new KEvent(k);
      yield* event.post(0xff);
      event.init();
      expect(event.test(0xffff_ffff)).toBe(0);
    });
  });

  row("T082", "post adds to what is set", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const event = new KEvent(k);
      yield* event.post(0x0000_0001);
      yield* event.post(0x8000_0100);
      expect(event.test(0xffff_ffff)).toBe(0x8000_0101);
    });
  });

  row("T083", "set_masked changes bits of the mask only", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const event = new KEvent(k);
      yield* event.set(0x1234);
      yield* event.setMasked(0x00f1, 0x00ff);
      expect(event.test(0xffff_ffff)).toBe(0x12f1);
      yield* event.setMasked(0, 0xff00);
      expect(event.test(0xffff_ffff)).toBe(0x00f1);
    });
  });

  row("T085", "each change returns the previous value of the bits it concerns", ({ machine }) => {
    const m = machine();
    m.main(function* (k) {
      const event = new KEvent(k);
      expect(yield* event.post(0x0f)).toBe(0);
      expect(yield* event.post(0xff)).toBe(0x0f);
      expect(yield* event.set(0x1200)).toBe(0xff);
      expect(yield* event.setMasked(0x0034, 0x02ff)).toBe(0x0200);
      expect(yield* event.clear(0x1000)).toBe(0x1000);
      expect(event.test(0xffff_ffff)).toBe(0x0034);
      const old = machine({ options: { eventReturnsPrevious: false } });
      old.main(function* () {
        const other = new KEvent(old.kernel);
        yield* other.post(0x0f);
        expect(yield* other.set(0xff)).toBe(0);
      });
    });
  });

  /** The waits without time on stored events 0x1234, in the order of Zephyr's test. */
  const immediate: readonly [string, "any" | "all", number, number][] = [
    ["T086", "any", 0x2448, 0],
    ["T088", "all", 0x1235, 0],
    ["T089", "all", 0x1235, 0],
    ["T091", "all", 0x1234, 0x1234],
  ];

  for (const [id, kind, asked, got] of immediate) {
    row(
      id,
      `with 0x1234 set, wait for ${kind} of 0x${asked.toString(16)} gives 0x${got.toString(16)}`,
      (bench) => {
        const m = bench.machine();
        m.main(function* (k) {
          const event = new KEvent(k);
          yield* event.set(0x1234);
          // The waits that come before it in the sequence must leave the events as they are.
          for (const [earlier, earlierKind, bits, result] of immediate) {
            const rc =
              earlierKind === "any"
                ? yield* event.wait(bits, false, K_NO_WAIT)
                : yield* event.waitAll(bits, false, K_NO_WAIT);
            expect(rc).toBe(result);
            expect(event.test(0xffff_ffff)).toBe(0x1234);
            if (earlier === id) break;
          }
        });
      },
    );
  }

  /** Waits that clear first, with a post while they wait: kind, asked, posted, result. */
  const resets: readonly [string, "any" | "all", number, number, number][] = [
    ["T092", "all", 0x1234, 0x123, 0],
    ["T094", "all", 0x24_8001, 0x24_8021, 0x24_8001],
    ["T095", "any", 0x12_3458, 0x12_3456, 0x12_3450],
  ];

  for (const [id, kind, asked, posted, got] of resets) {
    row(
      id,
      `a reset wait for ${kind} of 0x${asked.toString(16)} with a post of 0x${posted.toString(16)}`,
      ({ machine }) => {
        const m = machine();
        m.main(function* (k) {
          const event = new KEvent(k);
          yield* event.set(0x1234);
          m.thread("poster", 1, function* () {
            yield* k.sleep(K_MSEC(10));
            yield* event.post(posted);
          });
          const rc =
            kind === "any"
              ? yield* event.wait(asked, true, K_MSEC(100))
              : yield* event.waitAll(asked, true, K_MSEC(100));
          expect(rc).toBe(got);
          expect(event.test(0xffff_ffff)).toBe(posted);
        });
      },
    );
  }

  row(
    "T097",
    "the receive sequence holds from user mode, through the system calls",
    ({ machine }) => {
      const m = machine();
      const event = new KEvent(m.kernel);
      const user = m.thread(
        "user",
        1,
        function* () {
          expect(yield* event.set(0x1234)).toBe(0);
          expect(yield* event.wait(0x2448, false, K_NO_WAIT)).toBe(0);
          expect(yield* event.waitAll(0x1235, false, K_NO_WAIT)).toBe(0);
          expect(yield* event.wait(0x1235, false, K_NO_WAIT)).toBe(0x1234);
          expect(yield* event.waitAll(0x1234, false, K_NO_WAIT)).toBe(0x1234);
          expect(yield* event.wait(0x12_3458, true, K_FOREVER)).toBe(0x12_3450);
          m.log.push("done");
        },
        { user: true },
      );
      m.kernel.accessGrant(event, user);
      m.thread("poster", 2, function* () {
        yield* event.post(0x12_3456);
      });
      m.run();
      expect(m.log).toEqual(["done"]);
      expect(m.fatals).toEqual([]);
    },
  );
});
