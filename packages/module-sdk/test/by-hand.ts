import { readFileSync } from "node:fs";
import type { AudioModule } from "@sof-ts/module-api";
import { format, payload, Rig, type Subject } from "@sof-ts/module-conformance";
import {
  defaultIsolation,
  IsolatedModule,
  IsolatedProgram,
  type IsolationOptions,
} from "@sof-ts/wasm-sandbox";
import type { Project } from "../src/index.js";

/** A subject of the only module of a project. */
export function subjectOf(
  project: Project,
  input = format("s32"),
  options: Partial<IsolationOptions> = {},
): Subject {
  const [unit] = project.units;
  const [module] = project.modules;
  if (unit === undefined || module === undefined) throw new Error("no module");
  const program = IsolatedProgram.load(readFileSync(unit.wasmFile), unit.source);
  return {
    name: module.name,
    payload: payload(input),
    input,
    driver: {
      manifest: { ...module, configs: [] },
      create: (services, init): AudioModule | number =>
        IsolatedModule.create(program, services, init, { ...defaultIsolation, ...options }),
    },
  };
}

/** What the only module of a project makes of samples, in periods of 48 frames. */
export function processed(
  project: Project,
  samples: Int32Array,
  configure: (rig: Rig) => void = () => {},
): Int32Array {
  const rig = new Rig(subjectOf(project));
  configure(rig);
  rig.prepare();
  const out = rig.run(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), 48);
  return new Int32Array(out.buffer, out.byteOffset, out.length >> 2);
}
