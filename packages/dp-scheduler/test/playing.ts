import { expect } from "vitest";
import { type Machine, MS } from "./machine.js";
import type { DpStream } from "./stream.js";

/** Keeps `core` busy for `ms` below IPC and above DP threads. */
export function hog(machine: Machine, core: number, ms: number): void {
  machine.ipc(
    function* () {
      yield* machine.kernel.busy(ms * MS);
    },
    { core, priority: 5, name: "hog" },
  );
}

/** The instants, in ms, at which the module of `stream` is told to reset or is given a parameter. */
export function timed(
  machine: Machine,
  stream: DpStream,
  name: "reset" | "setConfigParam",
): readonly number[] {
  const at: number[] = [];
  const { module } = stream;
  const original = module[name].bind(module) as (...args: number[]) => number;
  module[name] = (...args: number[]): number => {
    at.push(machine.kernel.now / MS);
    return original(...args);
  };
  return at;
}

/** Sets `stream` up and runs to `ms`. */
export function playing(machine: Machine, stream: DpStream, ms: number): DpStream {
  expect(machine.do(() => stream.setUp(), stream.options.dpCore)).toBe(0);
  machine.runTo(ms);
  return stream;
}
