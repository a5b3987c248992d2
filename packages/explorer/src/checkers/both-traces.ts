import type { KernelTrace } from "@sof-ts/kernel";

type Method = keyof KernelTrace;

const methods = [
  "threadCreate",
  "threadSwitch",
  "ready",
  "pend",
  "threadEnd",
  "isrEnter",
  "isrExit",
  "syscall",
  "lock",
  "unlock",
  "contended",
  "semTake",
  "semGive",
  "eventPost",
  "priority",
  "fatal",
] as const satisfies readonly Method[];

/** One listener out of two, for a kernel that takes one; `first` hears of everything first. */
export function bothTraces(first: KernelTrace, second: KernelTrace): KernelTrace {
  const both: Partial<Record<Method, (...details: unknown[]) => void>> = {};
  for (const method of methods) {
    if (first[method] === undefined && second[method] === undefined) continue;
    both[method] = (...details) => {
      for (const trace of [first, second]) {
        const listen: ((...details: never[]) => void) | undefined = trace[method];
        listen?.apply(trace, details as never[]);
      }
    };
  }
  return both as KernelTrace;
}
