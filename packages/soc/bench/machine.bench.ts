import { EventQueue } from "@sof-ts/kit";
import { CoreMemory, describePlatform, Soc } from "../src/index.js";

interface Bench {
  readonly name: string;
  run(iterations: number): void;
}

const interrupts = { raise() {} };
const machine = () =>
  new Soc({ platform: describePlatform("ptl"), queue: new EventQueue(), interrupts });

const soc = machine();
for (const core of soc.cores) core.powerUp(() => {});
while (soc.queue.runNext());
soc.hostIpc.dsp.enableInterrupts(true, true);
const memory = new CoreMemory(soc);
const space = soc.mmu.createSpace("ll");
soc.mmu.map(space, 0xa010_0000, 0x10000, 0x7f);
let sum = 0;

export const benches: readonly Bench[] = [
  {
    name: "soc: build a machine (ptl)",
    run(iterations) {
      for (let i = 0; i < iterations; i++) sum += machine().cores.length;
    },
  },
  {
    name: "host IPC: message to the DSP and its completion, by method",
    run(iterations) {
      const { dsp, host } = soc.hostIpc;
      for (let i = 0; i < iterations; i++) {
        host.send(i, i);
        dsp.accept();
        dsp.complete();
        host.clearDone();
      }
    },
  },
  {
    name: "checked build: cached 32-bit load that hits",
    run(iterations) {
      for (let i = 0; i < iterations; i++) sum += memory.load(0, 0xa010_0000 + (i & 0xff) * 4, 4);
    },
  },
  {
    name: "MMU: check of an access inside one page",
    run(iterations) {
      for (let i = 0; i < iterations; i++)
        sum += soc.mmu.check(space, 0xa010_0000 + (i & 0xfff), 4, "read", true);
    },
  },
];
