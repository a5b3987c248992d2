import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunList } from "./run-list.js";
import { LlTask, RunAgain } from "./task.js";

const task = (name: string, priority: number) =>
  new LlTask({ name, core: 0, priority, run: () => RunAgain.RESCHEDULE });

function walk(list: RunList, visit: (task: LlTask) => void = () => {}): string[] {
  const seen: string[] = [];
  for (let next = list.first(); next !== null; next = list.next()) {
    seen.push(next.name);
    visit(next);
  }
  return seen;
}

describe("RunList", () => {
  it("runs by priority, and tasks of one priority in the order of their insertion", () => {
    const list = new RunList();
    for (const [name, priority] of [
      ["b", 1],
      ["a", 0],
      ["c", 1],
      ["trigger", -1],
    ] as const) {
      list.insert(task(name, priority));
    }
    expect(walk(list)).toEqual(["trigger", "a", "b", "c"]);
  });

  it("puts a task beside another whatever their priorities", () => {
    const list = new RunList();
    const anchor = task("anchor", 3);
    list.insert(anchor);
    list.insert(task("last", 5));
    list.insertBeside(task("before", 7), anchor, "before");
    list.insertBeside(task("after", 0), anchor, "after");
    expect(walk(list)).toEqual(["before", "anchor", "after", "last"]);
  });

  it("runs a task in the tick under way when it was inserted behind the one that runs", () => {
    const list = new RunList();
    list.insert(task("trigger", -1));
    const copy = task("copy", 0);
    const seen = walk(list, (running) => {
      if (running.name === "trigger") list.insert(copy);
    });
    expect(seen).toEqual(["trigger", "copy"]);
  });

  it("leaves a task inserted in front of the one that runs to the next tick", () => {
    const list = new RunList();
    list.insert(task("copy", 4));
    list.insert(task("tail", 5));
    const seen = walk(list, (running) => {
      if (running.name === "copy") list.insert(task("trigger", -1));
    });
    expect(seen).toEqual(["copy", "tail"]);
    expect(walk(list)).toEqual(["trigger", "copy", "tail"]);
  });

  it("neither skips nor repeats a task when others leave during the walk", () => {
    const names = fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        names,
        fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 8 }),
        (ids, removals) => {
          const list = new RunList();
          const tasks = new Map(ids.map((id) => [id, task(String(id), id % 3)]));
          for (const member of tasks.values()) list.insert(member);
          const order = list.entries().map((member) => member.name);
          const gone = new Set<string>();
          const seen: string[] = [];
          walk(list, (running) => {
            seen.push(running.name);
            for (const [when, victim] of removals) {
              const member = tasks.get(victim);
              if (String(when) === running.name && member !== undefined) {
                list.remove(member);
                if (!seen.includes(member.name)) gone.add(member.name);
              }
            }
          });
          expect(seen).toEqual(order.filter((name) => !gone.has(name)));
        },
      ),
    );
  });
});
