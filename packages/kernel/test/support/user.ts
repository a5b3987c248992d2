import { type FatalReason, KHeap, MemAttr, type Thread, type ThreadBody } from "../../src/index.js";
import { TestMachine } from "./machine.js";

export const MINE = 0x1_0000;
export const OURS = 0x2_0000;
export const OTHERS = 0x9_0000;

/** A machine with a page that user threads may write, one that they may read, and a heap for the program around it. */
export function userMachine(): TestMachine {
  const m = new TestMachine();
  const { kernel: k } = m;
  k.defaultDomain.addPartition({ start: MINE, size: 0x1000, attr: MemAttr.P_RW_U_RW });
  k.defaultDomain.addPartition({ start: OURS, size: 0x1000, attr: MemAttr.P_RW_U_RO });
  k.boot.heapAssign(new KHeap(k, { base: 0x4_0000, size: 0x4000 }));
  return m;
}

/** A user thread. */
export function user(m: TestMachine, name: string, body: () => ThreadBody, priority = 5): Thread {
  return m.thread(name, priority, body, { user: true });
}

/** A body that does one thing. */
// eslint-disable-next-line require-yield
export function* plain(act: () => void): ThreadBody {
  act();
}

/** Reasons of the fatal errors so far. */
export const outcome = (m: TestMachine): readonly FatalReason[] =>
  m.fatals.map((info) => info.reason);
