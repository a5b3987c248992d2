import { Random } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { HostStreams, type LockingName } from "../src/index.js";
import { CaptureTrunk } from "./capture-fork.js";
import { Lab } from "./protocol/lab.js";
import { deletePipeline, setState, State } from "./protocol/messages.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import { NumberedStream, run, setCore } from "./stream.js";

/** Boots a PTL machine (five cores) with `cores` of them on. */
function boot(cores: number, locking: LockingName): { host: RawHost; streams: HostStreams } {
  const host = new RawHost({ config: { platform: "ptl", locking } });
  host.boot();
  for (let core = 1; core < cores; core++) setCore(host, core, true);
  return { host, streams: new HostStreams(host.firmware.soc) };
}

/** Any two cores, the same one included, of each number of cores. */
const pairs = [2, 3, 4, 5].flatMap((cores) =>
  Array.from({ length: cores * cores }, (_, i) => ({
    cores,
    a: Math.floor(i / cores),
    b: i % cores,
  })),
);

describe.each(strategies)("two streams at once, with %s", (locking) => {
  it.each(pairs)(
    "on cores $a and $b of $cores: the first stops and starts again, the second never notices",
    ({ cores, a, b }) => {
      const { host, streams } = boot(cores, locking);
      const idle = host.firmware.resources;
      const second = new NumberedStream(host, streams, 1, b);
      second.create();
      const first = new NumberedStream(host, streams, 0, a);
      first.create();
      first.start();
      second.start();
      run(host, 30, [first, second]);
      first.stop();
      first.destroy();
      run(host, 15, [second]);
      first.create();
      first.start();
      run(host, 30, [first, second]);
      expect(first.framesHeard).toBeGreaterThanOrEqual(48 * 27);
      expect(second.framesHeard).toBeGreaterThan(48 * 73);
      expect({ first: first.faults, second: second.faults }).toEqual({ first: [], second: [] });
      for (const stream of [first, second]) {
        stream.stop();
        stream.destroy();
      }
      expect(host.notifications).toEqual([]);
      expect(host.firmware.resources).toEqual(idle);
    },
  );

  it("survives a hundred starts and stops, pauses and releases at random instants", () => {
    const { host, streams } = boot(3, locking);
    const idle = host.firmware.resources;
    const random = new Random(2024);
    const steady = new NumberedStream(host, streams, 7, 1);
    steady.create();
    steady.start();
    const others = [0, 1, 2].map((id) => new NumberedStream(host, streams, id, id));
    const state = new Map(others.map((stream) => [stream, "gone"]));
    let starts = 0;
    let pauses = 0;
    while (starts < 100) {
      const stream = random.pick(others);
      const now = state.get(stream);
      const stops = random.below(3) > 0;
      if (now === "gone") {
        stream.create();
        stream.start();
        starts++;
        state.set(stream, "runs");
      } else if (stops) {
        stream.stop();
        stream.destroy();
        state.set(stream, "gone");
      } else if (now === "runs") {
        stream.pause();
        pauses++;
        state.set(stream, "paused");
      } else {
        stream.release();
        state.set(stream, "runs");
      }
      run(host, random.between(1, 3_000) / 1000, [steady, ...others]);
    }
    expect(pauses).toBeGreaterThan(20);
    expect(host.notifications).toEqual([]);
    expect(steady.faults).toEqual([]);
    expect(others.flatMap((stream) => stream.faults)).toEqual([]);
    for (const stream of [steady, ...others]) {
      if (stream !== steady && state.get(stream) === "gone") continue;
      stream.stop();
      stream.destroy();
    }
    expect(host.firmware.resources).toEqual(idle);
  });

  it("gives back everything that a core held when it is powered down, time and again", () => {
    const { host } = boot(1, locking);
    const idle = host.firmware.resources;
    for (let cycle = 0; cycle < 20; cycle++) {
      for (let core = 1; core < 5; core++) setCore(host, core, true);
      host.run(3);
      for (let core = 4; core >= 1; core--) setCore(host, core, false);
      expect(host.firmware.resources).toEqual(idle);
    }
    // Nobody misses the ticks of cores that are off.
    host.run(250);
    expect(host.take()).toBeNull();
  });

  it("refuses to power a core down that still has a pipeline", () => {
    const { host, streams } = boot(2, locking);
    const stream = new NumberedStream(host, streams, 0, 1);
    stream.create();
    stream.start();
    expect(() => setCore(host, 1, false)).toThrow("status 6");
    run(host, 20, [stream]);
    expect(stream.faults).toEqual([]);
    expect(stream.framesHeard).toBeGreaterThan(48 * 15);
  });

  it("plays eight streams and records four at once over all cores", () => {
    const lab = new Lab({ config: { platform: "ptl", locking } });
    const { host, streams } = lab;
    lab.cores(1, 2, 3, 4);
    const idle = host.firmware.resources;
    const playing = Array.from(
      { length: 8 },
      (_, id) => new NumberedStream(host, streams, id, id % 5),
    );
    const recording = Array.from({ length: 4 }, (_, link) => {
      const trunk = new CaptureTrunk(lab, "link copier", (link + 1) % 5, link);
      return { trunk, branch: trunk.branch(0, (link + 2 * (link % 2)) % 5) };
    });
    const all = [...playing, ...recording.map(({ branch }) => branch)];
    expect(all).toHaveLength(12);
    for (const { trunk, branch } of recording) {
      trunk.create();
      branch.create();
    }
    for (const stream of playing) stream.create();
    for (const stream of playing) stream.start();
    for (const { trunk, branch } of recording) {
      trunk.start();
      branch.start();
    }
    run(host, 30, all);
    lab.notifications();
    run(host, 20, all);
    const end = (i: number): void => {
      const stream = playing[i];
      stream?.stop();
      stream?.destroy();
      const { trunk, branch } = recording[i] ?? {};
      branch?.stop();
      branch?.destroy("unbind first");
      trunk?.stop();
      trunk?.destroy();
    };
    // Half of them leave, the others stay.
    for (const i of [1, 3, 5, 7]) {
      end(i);
      run(host, 3, all);
    }
    for (const i of [0, 2, 4, 6]) expect(playing[i]?.framesHeard).toBeGreaterThan(48 * 50);
    for (const i of [0, 2]) expect(recording[i]?.branch.check.frames).toBeGreaterThan(48 * 50);
    expect(lab.notifications()).toEqual([]);
    for (const i of [0, 2, 4, 6]) end(i);
    expect(playing.flatMap(({ faults }) => faults)).toEqual([]);
    expect(recording.flatMap(({ branch }) => branch.check.faults)).toEqual([]);
    expect(host.firmware.resources).toEqual(idle);
  });

  it.each([0, 1])(
    "deletes and makes streams on core %i that has three quarters of its period to do",
    (core) => {
      const lab = new Lab({ config: { platform: "ptl", locking } });
      const { host, streams } = lab;
      lab.cores(1);
      const idle = host.firmware.resources;
      lab.script.cycles = 150_000;
      lab.pairIn("RUNNING", 20, core);
      const steady = new NumberedStream(host, streams, 7, core);
      steady.create();
      steady.start();
      const random = new Random(99);
      const others = [0, 1].map((id) => new NumberedStream(host, streams, id, core));
      for (let cycle = 0; cycle < 12; cycle++) {
        for (const stream of others) stream.create();
        for (const stream of others) stream.start();
        run(host, random.between(1, 4_000) / 1000, [steady, ...others]);
        for (const stream of others) stream.stop();
        run(host, random.between(1, 1_000) / 1000, [steady]);
        for (const stream of others) stream.destroy();
        run(host, random.between(1, 1_000) / 1000, [steady]);
      }
      expect([steady, ...others].flatMap(({ faults }) => faults)).toEqual([]);
      expect(host.notifications).toEqual([]);
      expect(host.firmware.domain.scheduler(core)?.stats.overruns).toBe(0);
      steady.stop();
      steady.destroy();
      lab.ok(setState(State.PAUSED, 20), setState(State.RESET, 20), deletePipeline(20));
      expect(host.firmware.resources).toEqual(idle);
    },
  );
});
