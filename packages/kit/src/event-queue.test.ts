import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cycles, EventQueue, SimEvent } from "./index.js";

const at = (value: number) => value as Cycles;

describe("EventQueue", () => {
  it("runs events by time, and events of one instant in the order they were scheduled", () => {
    const queue = new EventQueue();
    const log: string[] = [];
    for (const [name, time] of [
      ["b", 20],
      ["a", 10],
      ["c", 20],
      ["d", 20],
    ] as const) {
      queue.schedule(new SimEvent(name, () => log.push(`${name}@${queue.now}`)), at(time));
    }
    while (queue.runNext());
    expect(log).toEqual(["a@10", "b@20", "c@20", "d@20"]);
    expect(queue.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it("moves an event that is scheduled again behind its equals", () => {
    const queue = new EventQueue();
    const log: string[] = [];
    const first = new SimEvent("first", () => log.push("first"));
    const second = new SimEvent("second", () => log.push("second"));
    queue.schedule(first, at(5));
    queue.schedule(second, at(5));
    queue.schedule(first, at(5));
    while (queue.runNext());
    expect(log).toEqual(["second", "first"]);
  });

  it("refuses an instant that has passed", () => {
    const queue = new EventQueue();
    queue.schedule(new SimEvent("x", () => {}), at(7));
    queue.runNext();
    expect(() => queue.schedule(new SimEvent("y", () => {}), at(6))).toThrow(
      "scheduled at 6, now 7",
    );
  });

  it("keeps the total order through any mix of schedules, moves and cancels", () => {
    const step = fc.record({ id: fc.nat(15), time: fc.nat(50), cancel: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new EventQueue();
        const ran: number[] = [];
        const events = Array.from(
          { length: 16 },
          (_, id) => new SimEvent(String(id), () => ran.push(id)),
        );
        let model: { id: number; time: number }[] = [];
        for (const { id, time, cancel } of steps) {
          model = model.filter((entry) => entry.id !== id);
          if (cancel) queue.cancel(events[id] as SimEvent);
          else {
            queue.schedule(events[id] as SimEvent, at(time));
            model.push({ id, time });
          }
        }
        const expected = model.sort((a, b) => a.time - b.time).map((entry) => entry.id);
        while (queue.runNext());
        expect(ran).toEqual(expected);
      }),
    );
  });
});
