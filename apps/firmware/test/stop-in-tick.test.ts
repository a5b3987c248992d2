import { describe, expect, it } from "vitest";
import { HostStreams } from "../src/index.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import { NumberedStream, run, setCore } from "./stream.js";

const CYCLES_PER_US = 400;
const LEAD_US = 40;
const STEP_US = 5;

describe.each(strategies)("a stop that comes in the middle of a tick, with %s", (locking) => {
  it.each([0, 1])("on core %i leaves another stream of that core alone", (core) => {
    const host = new RawHost({ config: { platform: "ptl", locking } });
    host.boot();
    setCore(host, 1, true);
    const streams = new HostStreams(host.firmware.soc);
    const { kernel, domain } = host.firmware;
    const idle = host.firmware.resources;
    const steady = new NumberedStream(host, streams, 1, core);
    const stopped = new NumberedStream(host, streams, 0, core);
    steady.create();
    steady.start();
    const inTick = (): boolean => domain.scheduler(core)?.inTick === true;
    const ends: boolean[] = [];
    for (let offset = 0; offset <= 4 * LEAD_US; offset += STEP_US) {
      stopped.create();
      stopped.start();
      run(host, 3, [steady, stopped]);
      kernel.runUntil(() => !inTick(), kernel.now + 1000 * CYCLES_PER_US);
      kernel.runUntil(inTick, kernel.now + 1000 * CYCLES_PER_US);
      // A period later, from before the tick to behind it.
      host.firmware.run(kernel.now + (1000 - LEAD_US + offset) * CYCLES_PER_US);
      ends.push(inTick());
      stopped.stop();
      run(host, 1.3, [steady]);
      stopped.destroy();
      run(host, 1, [steady]);
    }
    expect({ steady: steady.faults, stopped: stopped.faults }).toEqual({ steady: [], stopped: [] });
    // Instants before the tick, several in it, and behind it.
    const [first, last] = [ends.indexOf(true), ends.lastIndexOf(true)];
    expect(first).toBeGreaterThan(3);
    expect(last - first).toBeGreaterThan(5);
    expect(last).toBeLessThan(ends.length - 2);
    expect(host.notifications).toEqual([]);
    steady.stop();
    steady.destroy();
    expect(host.firmware.resources).toEqual(idle);
  });
});
