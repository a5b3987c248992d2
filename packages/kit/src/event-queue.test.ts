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

  it("keeps it when events that run schedule, move and cancel, themselves included", () => {
    const step = fc.record({ id: fc.nat(7), after: fc.nat(9), cancel: fc.boolean() });
    const scripts = fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 40 });
    fc.assert(
      fc.property(scripts, (script) => {
        const queue = new EventQueue();
        const ran: string[] = [];
        const expected: string[] = [];
        let model: { id: number; time: number }[] = [];
        let turn = 0;
        // What the queue is to do, beside it: a stable sort by time of a list in order of scheduling.
        const change = (id: number, time: number, cancel: boolean): void => {
          model = model.filter((entry) => entry.id !== id);
          const event = events[id] as SimEvent;
          if (cancel) queue.cancel(event);
          else {
            queue.schedule(event, at(time));
            model.push({ id, time });
          }
          expect(queue.length).toBe(model.length);
          expect(queue.pending().map(({ name }) => Number(name))).toEqual(
            model.toSorted((a, b) => a.time - b.time).map((entry) => entry.id),
          );
        };
        const events = Array.from(
          { length: 8 },
          (_, id): SimEvent =>
            new SimEvent(String(id), () => {
              ran.push(`${id}@${queue.now}`);
              for (const { id: other, after, cancel } of script[turn++] ?? []) {
                change(other, queue.now + after, cancel);
              }
            }),
        );
        for (let id = 0; id < 8; id++) change(id, id % 3, false);
        for (;;) {
          const next = model.toSorted((a, b) => a.time - b.time)[0];
          expect(queue.nextTime).toBe(next?.time ?? Number.POSITIVE_INFINITY);
          if (next === undefined) break;
          model = model.filter((entry) => entry !== next);
          expected.push(`${next.id}@${next.time}`);
          queue.runNext();
        }
        expect(queue.runNext()).toBe(false);
        expect(ran).toEqual(expected);
      }),
    );
  });

  it("goes on after an event that throws", () => {
    const queue = new EventQueue();
    const log: string[] = [];
    const thrower = new SimEvent("thrower", () => {
      throw new Error("no");
    });
    queue.schedule(thrower, at(1));
    queue.schedule(new SimEvent("next", () => log.push("next")), at(2));
    expect(() => queue.runNext()).toThrow("no");
    expect(thrower.scheduled).toBe(false);
    queue.schedule(thrower, at(3));
    expect(queue.runNext()).toBe(true);
    expect(log).toEqual(["next"]);
    expect(queue.length).toBe(1);
  });
});
