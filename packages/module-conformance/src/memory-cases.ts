import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { ConformanceCase, Context } from "./case.js";
import { check } from "./check.js";
import { Rig } from "./rig.js";
import { ring } from "./streams.js";
import { TestHeap } from "./test-heap.js";
import { TestServices } from "./test-services.js";

/** What a module takes of its heap, and when. */
export function memoryCases(context: Context): readonly ConformanceCase[] {
  return [
    {
      name: "gives back all its memory, whatever it was doing",
      run: () => givesBack(context),
    },
    { name: "survives memory running out at any allocation", run: () => shortage(context) },
    { name: "allocates nothing while it processes", run: () => steady(context) },
  ];
}

type Step = "prepare" | "run" | "reset";

const lives: readonly (readonly Step[])[] = [
  [],
  ["prepare"],
  ["prepare", "run"],
  ["prepare", "run", "reset"],
  ["prepare", "prepare"],
];

function givesBack({ subject, input, block }: Context): void {
  for (const steps of lives) {
    const rig = new Rig(subject);
    for (const step of steps) {
      if (step === "prepare") rig.prepare();
      if (step === "run") rig.run(input, block);
      if (step === "reset") check(rig.module.reset() === 0, "reset fails");
    }
    rig.module.free();
    const rings = [rig.source.start, rig.sink.start];
    const kept = [...rig.services.heap.live.keys()].filter((address) => !rings.includes(address));
    const life = ["create", ...steps, "free"].join(", ");
    check(kept.length === 0, `after ${life} it keeps ${kept.length} blocks`);
    check(
      rings.every((address) => rig.services.heap.live.has(address)),
      "it frees its streams",
    );
  }
}

/** Allocations of its own that an instance may make before one fails. */
const BUDGETS = 8;

function shortage({ subject }: Context): void {
  for (let budget = 0; budget < BUDGETS; budget++) {
    const heap = new TestHeap();
    const source = ring(heap, 0x1000);
    const sink = ring(heap, 0x1000);
    heap.budget = budget;
    const module = subject.driver.create(new TestServices(heap), subject.payload);
    const when = `with room for ${budget} allocations`;
    if (typeof module === "number") {
      check(module === -ENOMEM, `${when} create returns ${module}, not -ENOMEM`);
    } else {
      const rc = module.prepare([source], [sink]);
      check([0, -ENOMEM, -EINVAL].includes(rc), `${when} prepare returns ${rc}, not -ENOMEM`);
      module.free();
    }
    check(heap.live.size === 2, `${when} it keeps memory`);
  }
}

function steady(context: Context): void {
  const { subject, input, block } = context;
  const rig = context.fresh();
  const { heap } = rig.services;
  const before = heap.allocations;
  const { change } = subject;
  rig.run(input, block, (frame) => {
    if (change !== undefined && frame === context.changeAt) rig.set(change);
  });
  check(heap.allocations === before, `it makes ${heap.allocations - before} allocations`);
}
