import { describe, expect, it } from "vitest";
import { HostStreams } from "../src/index.js";
import { MixedSource, NumberedMixer } from "./mixed-streams.js";
import { RawHost } from "./raw-host.js";
import { run, setCore } from "./stream.js";

interface Machine {
  readonly host: RawHost;
  readonly streams: HostStreams;
}

const machines = new Map<number, Machine>();

/** A PTL machine (five cores) with `cores` of them on; one for all tests, each of which leaves nothing on it. */
function machineWith(cores: number): Machine {
  const machine = machines.get(cores) ?? boot(cores);
  // Given back by the test when all was well.
  machines.delete(cores);
  return machine;
}

function boot(cores: number): Machine {
  const host = new RawHost({ config: { platform: "ptl" } });
  host.boot();
  for (let core = 1; core < cores; core++) setCore(host, core, true);
  return { host, streams: new HostStreams(host.firmware.soc) };
}

/** Cores of the first stream, the second and the mixer, the last core being one of them. */
const places = [2, 3, 4, 5].flatMap((cores) =>
  Array.from({ length: cores ** 3 }, (_, i) => ({
    cores,
    a: i % cores,
    b: Math.floor(i / cores) % cores,
    mix: Math.floor(i / cores ** 2),
  })).filter(({ a, b, mix }) => Math.max(a, b, mix) === cores - 1 && !(a === b && b === mix)),
);

describe("two streams that share a mixer across cores", () => {
  it.each(places)(
    "on cores $a and $b of $cores, mixed on $mix: the first stops and starts again, the second never notices",
    ({ cores, a, b, mix }) => {
      const machine = machineWith(cores);
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
      expect(first.heardAt(mixer)).toBeGreaterThan(48 * 40);
      expect(second.heardAt(mixer)).toBeGreaterThan(48 * 112);
      expect(host.notifications).toEqual([]);
      for (const stream of [first, second]) {
        stream.stop();
        stream.destroy();
      }
      mixer.stop();
      mixer.destroy();
      expect(host.firmware.resources).toEqual(idle);
      machines.set(cores, machine);
    },
  );
});
