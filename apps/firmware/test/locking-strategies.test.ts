import { Random } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { HostStreams, type LockingName } from "../src/index.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import { bind, modules, NumberedStream, run, setCore, unbind } from "./stream.js";

function boot(locking: LockingName, cores: number): { host: RawHost; streams: HostStreams } {
  const host = new RawHost({ config: { platform: "ptl", locking } });
  host.boot();
  for (let core = 1; core < cores; core++) setCore(host, core, true);
  return { host, streams: new HostStreams(host.firmware.soc) };
}

describe.each(strategies)("the firmware with %s", (locking) => {
  it("runs its LL threads in the mode that the strategy asks for", () => {
    const { host } = boot(locking, 2);
    for (const core of [0, 1])
      expect(host.firmware.domain.thread(core)?.userMode).toBe(locking !== "kernel-ll");
  });

  it.each([
    [0, 0],
    [0, 1],
    [1, 1],
    [2, 1],
  ])("plays on while another stream stops and starts again, on cores %i and %i", (a, b) => {
    const { host, streams } = boot(locking, 3);
    const idle = host.firmware.resources;
    const second = new NumberedStream(host, streams, 1, b);
    const first = new NumberedStream(host, streams, 0, a);
    second.create();
    first.create();
    first.start();
    second.start();
    run(host, 40, [first, second]);
    first.stop();
    first.destroy();
    run(host, 20, [second]);
    first.create();
    first.start();
    run(host, 40, [first, second]);
    expect(first.framesHeard).toBeGreaterThanOrEqual(48 * 37);
    expect(second.framesHeard).toBeGreaterThan(48 * 98);
    expect({ first: first.faults, second: second.faults }).toEqual({ first: [], second: [] });
    for (const stream of [first, second]) {
      stream.stop();
      stream.destroy();
    }
    expect(host.notifications).toEqual([]);
    expect(host.firmware.resources).toEqual(idle);
  });

  it("stands starts, pauses, stops and deletions at random instants", () => {
    const { host, streams } = boot(locking, 3);
    const idle = host.firmware.resources;
    const random = new Random(99);
    const steady = new NumberedStream(host, streams, 7, 1);
    steady.create();
    steady.start();
    const others = [0, 1, 2].map((id) => new NumberedStream(host, streams, id, id));
    const state = new Map(others.map((stream) => [stream, "gone"]));
    for (let cycle = 0; cycle < 40; cycle++) {
      const stream = random.pick(others);
      switch (state.get(stream)) {
        case "gone":
          stream.create();
          stream.start();
          state.set(stream, "runs");
          break;
        case "runs":
          stream.pause();
          state.set(stream, "paused");
          break;
        default:
          stream.stop();
          stream.destroy();
          state.set(stream, "gone");
      }
      run(host, random.between(1, 4_000) / 1000, [steady, ...others]);
    }
    expect([steady, ...others].flatMap(({ faults }) => faults)).toEqual([]);
    for (const stream of [steady, ...others]) {
      if (stream !== steady && state.get(stream) === "gone") continue;
      stream.stop();
      stream.destroy();
    }
    expect(host.firmware.resources).toEqual(idle);
  });

  it("breaks and makes connections of a stream that plays", () => {
    const { host, streams } = boot(locking, 2);
    const steady = new NumberedStream(host, streams, 0, 0);
    const changed = new NumberedStream(host, streams, 1, 1);
    for (const stream of [steady, changed]) {
      stream.create();
      stream.start();
    }
    const ends = [
      [modules.GAIN, 1],
      [modules.COPIER, 3],
    ] as const;
    for (let round = 0; round < 10; round++) {
      unbind(host, ...ends);
      run(host, 0.7, [steady, changed]);
      bind(host, ...ends);
      run(host, 1.9, [steady, changed]);
    }
    changed.stop();
    changed.destroy();
    const again = new NumberedStream(host, streams, 1, 1);
    again.create();
    again.start();
    run(host, 20, [steady, again]);
    expect(again.framesHeard).toBeGreaterThanOrEqual(48 * 18);
    expect(again.faults).toEqual([]);
    expect(steady.faults).toEqual([]);
  });
});
