import { Random } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { HostStreams, type LockingName } from "../src/index.js";
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

const pairs = [2, 3, 4, 5].flatMap((cores) =>
  Array.from({ length: cores * cores }, (_, i) => ({
    cores,
    a: Math.floor(i / cores),
    b: i % cores,
  })).filter(({ a, b }) => Math.max(a, b) === cores - 1),
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
      run(host, 100, [first, second]);
      first.stop();
      first.destroy();
      run(host, 50, [second]);
      first.create();
      first.start();
      run(host, 100, [first, second]);
      expect(first.framesHeard).toBeGreaterThanOrEqual(48 * 97);
      expect(second.framesHeard).toBeGreaterThan(48 * 248);
      expect({ first: first.faults, second: second.faults }).toEqual({ first: [], second: [] });
      for (const stream of [first, second]) {
        stream.stop();
        stream.destroy();
      }
      expect(host.notifications).toEqual([]);
      expect(host.firmware.resources).toEqual(idle);
    },
  );

  it("survives a hundred starts and stops at random instants", () => {
    const { host, streams } = boot(3, locking);
    const idle = host.firmware.resources;
    const random = new Random(2024);
    const steady = new NumberedStream(host, streams, 7, 1);
    steady.create();
    steady.start();
    const others = [0, 1, 2].map((id) => new NumberedStream(host, streams, id, id));
    const state = new Map(others.map((stream) => [stream, "gone"]));
    for (let cycle = 0; cycle < 100; cycle++) {
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
          if (random.below(2) === 0) {
            stream.release();
            state.set(stream, "runs");
          } else {
            stream.stop();
            stream.destroy();
            state.set(stream, "gone");
          }
      }
      run(host, random.between(1, 9_000) / 1000, [steady, ...others]);
    }
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

  it("plays twelve streams at once over all cores", () => {
    const { host, streams } = boot(5, locking);
    const all = Array.from(
      { length: 12 },
      (_, id) => new NumberedStream(host, streams, id, id % 5),
    );
    const count = Math.min(
      12,
      streams.streamCount("playback"),
      host.firmware.platform.dma.linkOut.channels,
    );
    const playing = all.slice(0, count);
    for (const stream of playing) stream.create();
    for (const stream of playing) stream.start();
    run(host, 100, playing);
    expect(playing.flatMap((stream) => stream.faults)).toEqual([]);
    expect(Math.min(...playing.map((stream) => stream.framesHeard))).toBeGreaterThan(48 * 85);
  });
});
