import { describe, expect, it } from "vitest";
import { Lab } from "./protocol/lab.js";
import { strategies } from "./strategies.js";
import { NumberedStream, run } from "./stream.js";

const RESOURCE_EVENT = 0x1b05_0000;
const PIPELINE = 1;
const GATEWAY_UNDERRUN = 6;
/** One and a half periods of a core's cycles, for two modules. */
const TOO_MUCH = 600_000;

describe.each(strategies)(
  "a core that has more to do than its period holds, with %s",
  (locking) => {
    it.each([
      [0, 1],
      [1, 0],
    ])(
      "leaves core %i alone, counts overruns on core %i, reports xruns, and recovers",
      (light, heavy) => {
        const lab = new Lab({ config: { platform: "ptl", locking } });
        lab.cores(1);
        const steady = new NumberedStream(lab.host, lab.streams, 6, light);
        const victim = new NumberedStream(lab.host, lab.streams, 7, heavy);
        for (const stream of [steady, victim]) {
          stream.create();
          stream.start();
        }
        lab.pairIn("RUNNING", 1, heavy);
        run(lab.host, 10, [steady, victim]);
        const stats = (core: number) => lab.firmware.domain.scheduler(core)?.stats;
        expect([stats(light)?.overruns, stats(heavy)?.overruns]).toEqual([0, 0]);
        expect(lab.notifications()).toEqual([]);

        lab.script.cycles = TOO_MUCH / 2;
        run(lab.host, 6, [steady, victim]);
        lab.script.cycles = 100;
        run(lab.host, 10, [steady, victim]);
        const overruns = stats(heavy)?.overruns ?? 0;
        expect(overruns).toBeGreaterThanOrEqual(3);
        expect(stats(light)?.overruns).toBe(0);
        const events = lab.notifications();
        expect(events.length).toBeGreaterThan(0);
        for (const { primary, payload } of events) {
          const words = new Uint32Array(payload.slice(0, 12).buffer);
          expect([primary, ...words]).toEqual([RESOURCE_EVENT, PIPELINE, 7, GATEWAY_UNDERRUN]);
        }

        const before = victim.framesHeard;
        run(lab.host, 40, [steady, victim]);
        expect(stats(heavy)?.overruns).toBe(overruns);
        expect(lab.notifications()).toEqual([]);
        expect(victim.framesHeard - before).toBeGreaterThanOrEqual(48 * 39);
        expect(steady.faults).toEqual([]);
        expect(steady.framesHeard).toBeGreaterThan(48 * 60);
      },
    );
  },
);
