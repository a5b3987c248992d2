import { noise } from "@sof-ts/module-conformance";
import { afterAll, expect, it } from "vitest";
import type { Project } from "../src/index.js";
import { processed } from "./by-hand.js";
import { builtExample, removeScratch } from "./example-projects.js";
import { playThrough } from "./firmware-run.js";

afterAll(removeScratch);

const FRAMES = 4800;
/** Loud noise whose first sample can be heard. */
const music = noise(2 * FRAMES).map((sample) => sample | 1);

/** Frames that all ways of playing have to agree on; the last ones may still be on their way. */
const compared = (audio: Int32Array): Int32Array => audio.slice(0, 2 * (FRAMES - 480));

const inThread = (project: Project): Project => ({
  ...project,
  modules: project.modules.map((module) => ({ ...module, domain: "DP" })),
  units: project.units.map((unit) => ({
    ...unit,
    modules: unit.modules.map((module) => ({ ...module, domain: "DP" })),
  })),
});

it.each(["soft-limiter", "stereo-widener"])(
  "%s, loaded over IPC, sounds the same by hand, in LL, behind the proxy and in a thread",
  async (name) => {
    const project = await builtExample(name);
    const byHand = compared(processed(project, music));
    expect(byHand).not.toEqual(compared(music));
    const module = project.modules[0]?.name;
    const asThread = inThread(project);

    const proxied = playThrough(project, music);
    expect(proxied.modules).toContain(module);
    expect(proxied.dataProcessing).toBe(false);
    expect(compared(proxied.audio)).toEqual(byHand);
    for (const config of [
      { CONFIG_SOF_USERSPACE_PROXY: false },
      { locking: "kernel-ll" },
    ] as const) {
      expect(compared(playThrough(project, music, config).audio)).toEqual(byHand);
    }
    for (const config of [{}, { CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: true }]) {
      const threaded = playThrough(asThread, music, config);
      expect(threaded.dataProcessing).toBe(true);
      expect(compared(threaded.audio)).toEqual(byHand);
    }
  },
);
