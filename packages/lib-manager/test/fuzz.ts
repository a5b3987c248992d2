import { type ImageSigner, ImageMutator } from "@sof-ts/firmware-image";
import { Random } from "@sof-ts/kit";
import { library, Machine, payloadOf, uuid } from "./machine.js";
import { addingWasm } from "./wasm.js";

/** How many hostile libraries to load, and from which seed. */
export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
}

/** What became of the libraries that were sent. */
export interface FuzzOutcome {
  readonly loaded: number;
  readonly refused: number;
  /** Instances that were made of the modules that were loaded. */
  readonly instances: number;
  /** How often each check refused a library, and how often each errno an instance. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** A machine serves so many libraries: a new one costs more than a library. */
const LIBRARIES_PER_MACHINE = 500;

/** Two units of which one calls the other, with every kind of section. */
function original(): Uint8Array {
  return library(
    {
      modules: [{ name: "MATHS", uuid: uuid(1), maxInstances: 0 }],
      auxiliary: true,
      text: addingWasm({ twice: 2, thrice: 3 }),
      exports: ["twice", "thrice"],
      data: new Uint8Array(64),
    },
    {
      modules: [
        {
          name: "LIMITER",
          uuid: uuid(2),
          maxInstances: 4,
          configs: [{ ibs: 384, obs: 384, cpc: 1 }],
        },
        { name: "GATE", uuid: uuid(3), maxInstances: 4, domain: "DP" },
      ],
      text: addingWasm({ limit: 1, gate: 2 }, ["twice"]),
      rodata: new Uint8Array(32),
      data: new Uint8Array(32),
      bssBytes: 5000,
      cold: new Uint8Array(64),
      coldRodata: new Uint8Array(16),
    },
  );
}

/** A signer that is fast: what it signs is not checked here. */
const signer: ImageSigner = {
  key: { name: "fuzz", modulus: new Uint8Array(384).fill(1), exponent: 3 },
  sha384: () => new Uint8Array(48),
  sign: () => new Uint8Array(384).fill(1),
};

/**
 * Sends hostile libraries to a firmware, instantiates what it takes, unloads it again, and checks that nothing
 * faulted and nothing is left: no memory, no partition, no count, no channel.
 *
 * @throws Error that says which mutant of which seed broke what
 */
export function fuzzLibraries({ count, seed }: FuzzOptions): FuzzOutcome {
  const mutator = new ImageMutator(original(), signer);
  const random = new Random(seed);
  const reasons = new Map<string, number>();
  const add = (reason: string) => reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  let loaded = 0;
  let instances = 0;
  let machine = new Machine();
  let clean = JSON.stringify(machine.resources);
  for (let i = 0; i < count; i++) {
    if (i % LIBRARIES_PER_MACHINE === 0) {
      machine = new Machine();
      clean = JSON.stringify(machine.resources);
    }
    machine.channels.length = 0;
    machine.events.length = 0;
    const { bytes, changes } = mutator.next(random);
    const fail = (what: string, cause?: unknown) =>
      new Error(`${what}: seed ${seed}, mutant ${i}: ${changes.join("; ")}`, { cause });
    try {
      const rc = send(machine, bytes);
      if (rc === 0) {
        loaded++;
        instances += use(machine, add);
        if (machine.unload(1) !== 0) throw fail("it cannot be unloaded");
      } else {
        add(machine.events[0]?.error?.check ?? `errno ${rc}`);
      }
    } catch (error) {
      throw fail("the firmware broke", error);
    }
    if (machine.faults.length > 0) throw fail(`a thread died: ${machine.faults[0]?.message ?? ""}`);
    const left = JSON.stringify(machine.resources);
    if (left !== clean) throw fail(`left behind ${left}, not ${clean}`);
  }
  return { loaded, refused: count - loaded, instances, reasons };
}

function send(machine: Machine, bytes: Uint8Array): number {
  // The host sends what lies behind the extended manifest, if it still finds its end.
  const length = bytes.length >= 8 ? payloadOf(bytes).length : 0;
  machine.sent = length > 0 ? payloadOf(bytes) : bytes;
  return machine.run(() => machine.manager.load(3, 1));
}

function use(machine: Machine, add: (reason: string) => void): number {
  const made = machine.manager.modules.entries().map(({ moduleId }) => machine.create(moduleId, 0));
  let instances = 0;
  for (const instance of made) {
    if (typeof instance === "number") add(`no instance: ${instance}`);
    else {
      instances++;
      machine.free(instance);
    }
  }
  return instances;
}
