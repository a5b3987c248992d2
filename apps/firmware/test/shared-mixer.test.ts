import { Random } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { HostStreams, type LockingName } from "../src/index.js";
import { MixedSource, NumberedMixer } from "./mixed-streams.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import { run, setCore } from "./stream.js";

interface Machine {
  readonly host: RawHost;
  readonly streams: HostStreams;
}

const machines = new Map<string, Machine>();

/** A PTL machine (five cores) with `cores` of them on; one for all tests, each of which leaves nothing on it. */
function machineWith(cores: number, locking: LockingName): Machine {
  const key = `${cores} ${locking}`;
  const machine = machines.get(key) ?? boot(cores, locking);
  // Given back by the test when all was well.
  machines.delete(key);
  return machine;
}

function boot(cores: number, locking: LockingName): Machine {
  const host = new RawHost({ config: { platform: "ptl", locking } });
  host.boot();
  for (let core = 1; core < cores; core++) setCore(host, core, true);
  return { host, streams: new HostStreams(host.firmware.soc) };
}

/** What the firmware has told the host: words of each notification. */
function events(host: RawHost): readonly string[] {
  return host.notifications.map(({ primary, payload }) => {
    const [resourceType, resourceId, eventType] = new Uint32Array(payload.slice(0, 12).buffer);
    return `${primary.toString(16)}: ${resourceType} ${resourceId} ${eventType}`;
  });
}

/** Cores of the first stream, the second and the mixer: any three, of each number of cores. */
const places = [2, 3, 4, 5].flatMap((cores) =>
  Array.from({ length: cores ** 3 }, (_, i) => ({
    cores,
    a: i % cores,
    b: Math.floor(i / cores) % cores,
    mix: Math.floor(i / cores ** 2),
  })),
);

describe.each(strategies)("two streams that share a mixer across cores, with %s", (locking) => {
  // More cores make no more kinds of neighbours: the historical strategies have had them all by three.
  const kinds = locking === "user-ll" ? places : places.filter(({ cores }) => cores <= 3);

  it.each(kinds)(
    "on cores $a and $b of $cores, mixed on $mix: the first stops and starts again, the second never notices",
    ({ cores, a, b, mix }) => {
      const machine = machineWith(cores, locking);
      const { host, streams } = machine;
      const idle = host.firmware.resources;
      const mixer = new NumberedMixer(host, 0, mix);
      mixer.create();
      const second = new MixedSource(host, streams, 1, b, 1);
      second.create(mixer);
      const first = new MixedSource(host, streams, 0, a, 0);
      first.create(mixer);
      first.startWith(mixer);
      second.start();
      run(host, 20, [first, second]);
      second.steady = true;
      first.steady = true;
      run(host, 30, [first, second]);
      first.stop();
      first.destroy();
      run(host, 20, [second]);
      first.create(mixer);
      first.start();
      run(host, 10, [first, second]);
      first.steady = true;
      run(host, 40, [first, second]);
      expect({ first: first.faults, second: second.faults }).toEqual({ first: [], second: [] });
      expect(first.heardAt(mixer)).toBeGreaterThan(48 * 10);
      expect(second.heardAt(mixer)).toBeGreaterThan(48 * 30);
      expect(events(host)).toEqual([]);
      for (const stream of [first, second]) {
        stream.stop();
        stream.destroy();
      }
      mixer.stop();
      mixer.destroy();
      expect(host.firmware.resources).toEqual(idle);
      machines.set(`${cores} ${locking}`, machine);
    },
  );
});

describe.each(strategies)("streams that share a mixer, with %s", (locking) => {
  it("go on while another starts, pauses, stops and is deleted a hundred times at random instants", () => {
    const { host, streams } = boot(3, locking);
    const idle = host.firmware.resources;
    const random = new Random(77);
    const mixer = new NumberedMixer(host, 0, 1);
    mixer.create();
    const steady = new MixedSource(host, streams, 1, 2, 1);
    steady.create(mixer);
    steady.startWith(mixer);
    run(host, 10, [steady]);
    steady.steady = true;
    const other = new MixedSource(host, streams, 0, 0, 0);
    let state: "gone" | "runs" | "paused" = "gone";
    for (let cycle = 0; cycle < 100; cycle++) {
      if (state === "gone") {
        other.create(mixer);
        other.start();
        state = "runs";
      } else if (state === "runs") {
        other.pause();
        state = "paused";
      } else if (random.below(2) === 0) {
        other.release();
        state = "runs";
      } else {
        other.stop();
        other.destroy();
        state = "gone";
      }
      run(host, random.between(1, 7_000) / 1000, [steady, other]);
    }
    expect({ steady: steady.faults, other: other.faults }).toEqual({ steady: [], other: [] });
    expect(events(host)).toEqual([]);
    if (state !== "gone") {
      other.stop();
      other.destroy();
    }
    steady.stop();
    steady.destroy();
    mixer.stop();
    mixer.destroy();
    expect(host.firmware.resources).toEqual(idle);
  });

  it("go on while another is deleted in full run", () => {
    const { host, streams } = boot(2, locking);
    const idle = host.firmware.resources;
    const mixer = new NumberedMixer(host, 0, 0);
    mixer.create();
    const steady = new MixedSource(host, streams, 1, 0, 1);
    steady.create(mixer);
    steady.startWith(mixer);
    const other = new MixedSource(host, streams, 0, 1, 0);
    other.create(mixer);
    other.start();
    run(host, 10, [steady, other]);
    steady.steady = true;
    // Refused: it runs. What was cut off from the graph by then stays cut off.
    expect(() => other.delete()).toThrow("status 12");
    run(host, 10, [steady, other]);
    other.stop();
    other.destroy();
    run(host, 10, [steady]);
    expect({ steady: steady.faults, other: other.faults }).toEqual({ steady: [], other: [] });
    expect(steady.heardAt(mixer)).toBeGreaterThan(48 * 25);
    steady.stop();
    steady.destroy();
    mixer.stop();
    mixer.destroy();
    expect(host.firmware.resources).toEqual(idle);
  });
});

describe.each(strategies)("a mixin with several mixouts, with %s", (locking) => {
  it.each([
    [0, 0, 0, 0],
    [1, 0, 1, 2],
    [0, 0, 1, 1],
    [2, 0, 1, 0],
  ])(
    "on core %i feeds mixers of cores %i, %i and %i while one of them stops and is freed",
    (...cores) => {
      const { host, streams } = boot(3, locking);
      const idle = host.firmware.resources;
      const [core, ...mixerCores] = cores;
      const mixers = mixerCores.map((on, id) => new NumberedMixer(host, id, on));
      for (const mixer of mixers) mixer.create();
      const source = new MixedSource(host, streams, 0, core, 0);
      source.create(...mixers);
      source.startWith(...mixers);
      run(host, 10, [source]);
      source.steady = true;
      const branch = mixers.pop() as NumberedMixer;
      run(host, 15, [source]);
      source.leave(branch);
      branch.stop();
      run(host, 7.3, [source]);
      branch.destroy();
      run(host, 20, [source]);
      // It comes back and hears the stream from where it is.
      branch.create();
      source.join(branch);
      branch.start();
      run(host, 20, [source]);
      expect(source.faults).toEqual([]);
      for (const mixer of mixers) expect(source.heardAt(mixer)).toBeGreaterThan(48 * 65);
      expect(source.heardAt(branch)).toBeGreaterThan(48 * 15);
      expect(events(host)).toEqual([]);
      source.stop();
      source.destroy();
      for (const mixer of [...mixers, branch]) {
        mixer.stop();
        mixer.destroy();
      }
      expect(host.firmware.resources).toEqual(idle);
    },
  );
});
