import { copier, words } from "../../payloads.js";
import { Id, type Lab } from "../lab.js";
import {
  bind,
  chainDma,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  ipcGateway,
  loadLibrary,
  loadLibraryPrepare,
  setD0ix,
  setDx,
  setState,
  State,
  unloadModules,
} from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { Scripted } from "../scripted-module.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

// ---- SET_DX -------------------------------------------------------------------------------------

protocolCase("SET_DX", "module or instance id is not zero", (lab) => {
  check(lab.status(setDx(0xffff, 0, [1, 0]))).toBe(9);
  return lab.status(setDx(0xffff, 0, [0, 1]));
});
protocolCase("SET_DX", "mask has cores that there are not", (lab) => {
  check(lab.status(setDx(0xffff_ffff, 0))).toBe(1);
  // That is looked at before core 0's wish.
  return lab.status(setDx(0b1001, 0b1));
});
protocolCase("SET_DX", "core 0 is to go on", (lab) => {
  const status = lab.status(setDx(0b111, 0b111));
  // Nothing was done: the other cores are still off.
  check([1, 2].map((core) => lab.firmware.coreEnabled(core))).toEqual([false, false]);
  return status;
});
protocolCase("SET_DX", "a core does not come up", (lab) => {
  // A core that the machine has powered already: the firmware cannot start it.
  lab.firmware.soc.cores[1]?.powerUp(() => {});
  lab.run(1);
  return lab.status(setDx(0b110, 0b110));
});
protocolCase("SET_DX", "a core that is in use is to go down", (lab) => {
  lab.cores(1, 2);
  lab.ok(createPipeline(0, { core: 1 }));
  check(lab.status(setDx(0b10, 0))).toBe(6);
  lab.ok(deletePipeline(0));
  // An instance on a core whose pipelines are elsewhere keeps it on as well.
  lab.ok(createPipeline(1));
  lab.scripted(0, 1, 1);
  const status = lab.status(setDx(0b10, 0));
  lab.ok(deletePipeline(1), setDx(0b110, 0));
  return status;
});
protocolCase("SET_DX", "core 0 is to go down while another is on", (lab) => {
  lab.cores(1, 2);
  check(lab.status(setDx(0b001, 0))).toBe(4);
  // The secondary cores of the message go down first.
  const status = lab.status(setDx(0b011, 0));
  check([1, 2].map((core) => lab.firmware.coreEnabled(core))).toEqual([false, true]);
  return status;
});
protocolCase("SET_DX", "core 0 is to go down while a pipeline runs", (lab) => {
  lab.pairIn("RUNNING");
  const status = lab.status(setDx(1, 0));
  lab.ok(setState(State.PAUSED, 0));
  return status;
});
protocolCase("SET_DX", "core 0 cannot go down", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -5;
  const status = other.status(setDx(1, 0));
  // The firmware goes on.
  check(other.status(createPipeline(0))).toBe(0);
  return status;
});
protocolCase("SET_DX", "core 0 goes down", (lab) => {
  lab.pairIn("PAUSED", 0);
  lab.playback(3);
  const status = lab.status(setDx(1, 0));
  lab.run(5);
  check(lab.firmware.soc.cores[0]?.state).toBe("off");
  check(lab.firmware.soc.dma.inUse).toBe(0);
  check(lab.host.link.read32(lab.host.link.registers.tdr) >>> 31).toBe(0);
  return status;
});
protocolCase("SET_DX", "secondary cores on and off", (lab) => {
  const idle = lab.firmware.resources;
  const status = lab.status(setDx(0b110, 0b110));
  check([1, 2].map((core) => lab.firmware.coreEnabled(core))).toEqual([true, true]);
  // Bits outside of the mask do not count.
  lab.ok(setDx(0b010, 0b101));
  check([1, 2].map((core) => lab.firmware.coreEnabled(core))).toEqual([false, true]);
  lab.ok(setDx(0b110, 0));
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
protocolCase("SET_DX", "core is as asked for already", (lab) => {
  lab.ok(setDx(0b110, 0), setDx(0b110, 0b110));
  check(lab.status(setDx(0, 0b111))).toBe(0);
  return lab.status(setDx(0b110, 0b110));
});

// ---- SET_D0IX -----------------------------------------------------------------------------------

protocolCase("SET_D0IX", "module or instance id is not zero", (lab) => {
  check(lab.status(setD0ix(0, [4, 0]))).toBe(9);
  return lab.status(setD0ix(4, [0, 1]));
});
protocolCase("SET_D0IX", "power gating prevented and allowed", (lab) => {
  const status = lab.status(setD0ix(0b0100));
  check(lab.firmware.powerGatingPrevented).toBe(true);
  lab.ok(setD0ix(0b1011));
  check(lab.firmware.powerGatingPrevented).toBe(false);
  return status;
});

// ---- libraries ----------------------------------------------------------------------------------

/** A library manager that answers as it is told. */
export class ScriptedLibraries {
  readonly log: string[] = [];
  rc = 0;

  *prepare(dmaId: number): Generator<number, number, number> {
    this.log.push(`prepare ${dmaId}`);
    return this.rc;
  }

  *load(dmaId: number, library: number): Generator<number, number, number> {
    this.log.push(`load ${library} by ${dmaId}`);
    return this.rc;
  }

  *unload(ids: readonly number[]): Generator<number, number, number> {
    this.log.push(`unload ${ids.join(" ")}`);
    return this.rc;
  }

  libraries() {
    const version = { major: 1, minor: 2, hotfix: 3, build: 4 };
    return [{ id: 1, name: "SMARTAMP", version, moduleCount: 3 }];
  }

  storeContext(): number {
    return this.rc;
  }
}

const withLibraries = (lab: Lab): { lab: Lab; libraries: ScriptedLibraries } => {
  const libraries = new ScriptedLibraries();
  return { lab: lab.with({ libraries }), libraries };
};

const withoutLibraries = (lab: Lab): Lab => lab.with({ config: { CONFIG_LIBRARY_MANAGER: false } });

protocolCase("LOAD_LIBRARY", "build without a library manager", (lab) => {
  const other = withoutLibraries(lab);
  check(other.status(loadLibrary(0, 0))).toBe(15);
  return other.status(loadLibrary(0, 1));
});
protocolCase("LOAD_LIBRARY", "library 0", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -22;
  const status = other.status(loadLibrary(3, 0));
  check(libraries.log).toEqual(["load 0 by 3"]);
  return status;
});
protocolCase("LOAD_LIBRARY", "library manager: invalid argument", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -22;
  return other.status(loadLibrary(3, 1));
});
protocolCase("LOAD_LIBRARY", "library manager: any other error", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -5;
  return other.status(loadLibrary(3, 1));
});
protocolCase("LOAD_LIBRARY", "library is loaded", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  const status = other.status(loadLibrary(31, 15));
  check(libraries.log).toEqual(["load 15 by 31"]);
  return status;
});
protocolCase("LOAD_LIBRARY_PREPARE", "build without a library manager", (lab) =>
  withoutLibraries(lab).status(loadLibraryPrepare(1)),
);
protocolCase("LOAD_LIBRARY_PREPARE", "DMA channel: invalid argument", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -22;
  return other.status(loadLibraryPrepare(1));
});
protocolCase("LOAD_LIBRARY_PREPARE", "DMA channel: any other error", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -16;
  return other.status(loadLibraryPrepare(1));
});
protocolCase("LOAD_LIBRARY_PREPARE", "DMA channel is taken", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  const status = other.status(loadLibraryPrepare(7));
  check(libraries.log).toEqual(["prepare 7"]);
  return status;
});

protocolCase("UNLOAD_MULTIPLE_MODULES", "build without a library manager", (lab) =>
  withoutLibraries(lab).status(unloadModules([0x1000])),
);
protocolCase("UNLOAD_MULTIPLE_MODULES", "no module, or one of the base image", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  const statuses = [unloadModules([]), unloadModules([0x1000, 4])].map((each) =>
    other.status(each),
  );
  check(statuses).toEqual([1, 1]);
  check(libraries.log).toEqual([]);
  return statuses[0] as number;
});
for (const [condition, rc] of [
  ["library manager: invalid argument", -22],
  ["library is not loaded", -2],
  ["library is in use", -16],
  ["library manager: any other error", -5],
] as const) {
  protocolCase("UNLOAD_MULTIPLE_MODULES", condition, (lab) => {
    const { lab: other, libraries } = withLibraries(lab);
    libraries.rc = rc;
    return other.status(unloadModules([0x1000]));
  });
}
protocolCase("UNLOAD_MULTIPLE_MODULES", "libraries are unloaded", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  const status = other.status(unloadModules([0x1001, 0x2000, 0x1000]));
  check(libraries.log).toEqual(["unload 1 2"]);
  return status;
});

// ---- CHAIN_DMA ----------------------------------------------------------------------------------

const both = { allocate: true, enable: true };

/** Sets a HD-A link up as its back-end driver does. */
function openLink(lab: Lab, index = 0, direction: "playback" | "capture" = "playback"): void {
  const link = lab.firmware.soc.gateways.get("hda", index, direction);
  link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
}

/** Has the message refused, and nothing left behind. */
function chainRefused(lab: Lab, ...message: Parameters<typeof chainDma>): number {
  const before = lab.firmware.resources;
  const status = lab.status(chainDma(...message));
  check(lab.firmware.resources).toEqual(before);
  return status;
}

protocolCase("CHAIN_DMA", "build without chains", (lab) =>
  lab.with({ config: { CONFIG_COMP_CHAIN_DMA: false } }).status(chainDma(0, 0, both)),
);
protocolCase("CHAIN_DMA", "missing, neither allocate nor enable", (lab) => chainRefused(lab, 0, 0));
protocolCase("CHAIN_DMA", "missing: ids of different directions", (lab) => {
  openLink(lab);
  openLink(lab, 0, "capture");
  // Nine playback streams: ids from nine on are capture.
  check(chainRefused(lab, 9, 0, both)).toBe(6);
  return chainRefused(lab, 0, 9, both);
});
protocolCase("CHAIN_DMA", "missing: stream does not exist", (lab) => {
  openLink(lab);
  check(chainRefused(lab, 31, 31, both)).toBe(6);
  // A link that no back end has set up carries nothing either.
  return chainRefused(lab, 1, 1, both);
});
protocolCase("CHAIN_DMA", "missing: stream is taken", (lab) => {
  lab.playback(0);
  openLink(lab, 1);
  check(chainRefused(lab, 0, 1, both)).toBe(6);
  return chainRefused(lab, 1, 0, both);
});
protocolCase("CHAIN_DMA", "missing: component id is taken", (lab) => {
  openLink(lab);
  const end: End = [Scripted.CHAIN_ID, 0];
  const base = words([0, 384, 384, 0, 48_000, 32, 0xffff_ff10, 1, 0, 2 | (32 << 8) | (1 << 16)]);
  lab.ok(createPipeline(0), initInstance(end, 0, base));
  return chainRefused(lab, 0, 0, both);
});
protocolCase("CHAIN_DMA", "missing: no memory", (lab) => {
  openLink(lab);
  lab.failAllocation(0);
  check(chainRefused(lab, 0, 0, both)).toBe(6);
  // So does a FIFO of 16 MiB, or of nothing.
  check(chainRefused(lab, 0, 0, { ...both, fifo: 0xff_ffff })).toBe(6);
  return chainRefused(lab, 0, 0, { ...both, fifo: 0 });
});
protocolCase("CHAIN_DMA", "missing, enable without allocate: made and refused", (lab) => {
  openLink(lab);
  return chainRefused(lab, 0, 0, { enable: true });
});
protocolCase("CHAIN_DMA", "missing, allocate", (lab) => {
  openLink(lab);
  const status = lab.status(chainDma(0, 0, { allocate: true }));
  check(lab.firmware.soc.dma.inUse).toBe(2);
  check(lab.firmware.soc.dma.linkOut.channels[0]?.state).toBe("configured");
  return status;
});
protocolCase("CHAIN_DMA", "missing, allocate and enable", (lab) => {
  openLink(lab);
  const status = lab.status(chainDma(0, 0, both));
  check(lab.firmware.soc.dma.linkOut.channels[0]?.state).toBe("active");
  return status;
});
protocolCase("CHAIN_DMA", "missing: the link does not start, the chain is freed", (lab) => {
  openLink(lab);
  const link = lab.firmware.soc.gateways.get("hda", 0, "playback");
  link.start = () => -5;
  return chainRefused(lab, 0, 0, both);
});
protocolCase("CHAIN_DMA", "exists, allocate and enable", (lab) => {
  openLink(lab);
  lab.ok(chainDma(0, 0, { allocate: true }));
  const status = lab.status(chainDma(0, 0, both));
  // Once more changes nothing.
  lab.ok(chainDma(0, 0, both));
  check(lab.firmware.soc.dma.linkOut.channels[0]?.state).toBe("active");
  return status;
});
protocolCase("CHAIN_DMA", "exists, allocate", (lab) => {
  openLink(lab);
  lab.ok(chainDma(0, 0, both));
  const status = lab.status(chainDma(0, 0, { allocate: true, fifo: 0 }));
  check(lab.firmware.soc.dma.linkOut.channels[0]?.state).toBe("paused");
  lab.ok(chainDma(0, 0, { ...both, fifo: 0 }));
  return status;
});
protocolCase("CHAIN_DMA", "exists, enable without allocate", (lab) => {
  openLink(lab);
  lab.ok(chainDma(0, 0, { allocate: true }));
  return lab.status(chainDma(0, 0, { enable: true }));
});
protocolCase("CHAIN_DMA", "exists, neither", (lab) => {
  openLink(lab);
  const idle = lab.firmware.resources;
  lab.ok(chainDma(0, 0, both));
  lab.run(3);
  const status = lab.status(chainDma(0, 0));
  check(lab.firmware.resources).toEqual(idle);
  lab.ok(chainDma(0, 0));
  return status;
});

// ---- IPC gateways -------------------------------------------------------------------------------

const GET_DATA = 1;
const SET_DATA = 2;
const FLUSH_DATA = 3;
const IPC_OUTPUT = 0x1400;
const IPC_INPUT = 0x1500;
const RING = 1536;

/** A copier whose gateway the host serves by messages; its blob asks for a ring of {@link RING} bytes. */
function ipcCopier(nodeId: number): Uint8Array {
  const payload = new Uint8Array(100);
  payload.set(copier(nodeId, 0));
  payload.set(words([5, 0, RING, 0, 0, 0]), 76);
  return payload;
}

/** Host to DSP by messages, through a gain, and back by messages. */
function loop(lab: Lab): void {
  lab.ok(
    createPipeline(0),
    initInstance([Id.COPIER, 0], 0, ipcCopier(IPC_INPUT)),
    initInstance([Id.COPIER, 1], 0, ipcCopier(IPC_OUTPUT)),
  );
}

protocolCase("IPCGATEWAY_CMD", "build without IPC gateways", (lab) =>
  lab.with({ config: { CONFIG_IPC4_GATEWAY: false } }).status(ipcGateway(GET_DATA, 0, 0)),
);
protocolCase("IPCGATEWAY_CMD", "no gateway of this node id", (lab) => {
  lab.playback(0);
  // A host stream is a gateway, but none of this kind.
  check(lab.status(ipcGateway(GET_DATA, 0, 16))).toBe(6);
  return lab.status(ipcGateway(GET_DATA, IPC_OUTPUT, 16));
});
protocolCase("IPCGATEWAY_CMD", "command is unknown", (lab) => {
  loop(lab);
  for (const command of [0, 4, 0xff_ffff])
    check(lab.status(ipcGateway(command, IPC_OUTPUT, 16))).toBe(6);
  return 6;
});
protocolCase("IPCGATEWAY_CMD", "gateway is not bound: no bytes", (lab) => {
  loop(lab);
  const taken = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 16, new Uint8Array(16)));
  check([taken.extension, taken.payload[0]]).toEqual([4, 0]);
  const given = lab.send(ipcGateway(GET_DATA, IPC_OUTPUT, 16));
  check([given.extension, given.payload[0]]).toEqual([4, 0]);
  return given.primary & 0xff_ffff;
});

const samples = (from: number, bytes: number): Uint8Array =>
  new Uint8Array(Int32Array.from({ length: bytes / 4 }, (_, i) => from + i).buffer);
const wordAt = (bytes: Uint8Array, offset: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);

protocolCase("IPCGATEWAY_CMD", "SET_DATA", (lab) => {
  loop(lab);
  lab.ok(bind([Id.COPIER, 0], [Id.COPIER, 1]));
  lab.ok(setState(State.PAUSED, 0), setState(State.RUNNING, 0));
  const reply = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 768, samples(1, 768)));
  check([reply.extension, wordAt(reply.payload, 0)]).toEqual([4, 768]);
  // More than there is room for is taken in part.
  const more = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 4000, samples(193, 4000)));
  check(wordAt(more.payload, 0)).toBeLessThanOrEqual(RING);
  check(wordAt(more.payload, 0)).toBeGreaterThan(0);
  return reply.primary & 0xff_ffff;
});
protocolCase("IPCGATEWAY_CMD", "GET_DATA", (lab) => {
  loop(lab);
  lab.ok(bind([Id.COPIER, 0], [Id.COPIER, 1]));
  lab.ok(setState(State.PAUSED, 0), setState(State.RUNNING, 0));
  let sent = 0;
  let heard = 0;
  let status = -1;
  for (let round = 0; round < 20; round++) {
    const taken = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 400, samples(1 + sent / 4, 400)));
    sent += wordAt(taken.payload, 0);
    lab.run(1);
    const given = lab.send(ipcGateway(GET_DATA, IPC_OUTPUT, 1 << 20));
    const bytes = given.extension - 4;
    for (let at = 0; at < bytes; at += 4)
      check(wordAt(given.payload, 4 + at)).toBe(1 + (heard + at) / 4);
    heard += bytes;
    status = given.primary & 0xff_ffff;
    check(wordAt(given.payload, 0)).toBe(0);
  }
  check(heard).toBeGreaterThan(5000);
  // The word says what is left behind what was given.
  lab.run(3);
  lab.ok(ipcGateway(GET_DATA, IPC_OUTPUT, 1 << 20));
  lab.ok(ipcGateway(SET_DATA, IPC_INPUT, 384, samples(1, 384)));
  lab.run(3);
  const some = lab.send(ipcGateway(GET_DATA, IPC_OUTPUT, 100));
  check([some.extension, wordAt(some.payload, 0)]).toEqual([104, 284]);
  return status;
});
protocolCase("IPCGATEWAY_CMD", "FLUSH_DATA", (lab) => {
  loop(lab);
  lab.ok(bind([Id.COPIER, 0], [Id.COPIER, 1]));
  lab.ok(ipcGateway(SET_DATA, IPC_INPUT, 384, samples(1, 384)));
  const reply = lab.send(ipcGateway(FLUSH_DATA, IPC_INPUT, 0));
  check(reply.extension).toBe(0);
  const all = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 4000, samples(1, 4000)));
  check(wordAt(all.payload, 0)).toBe(RING);
  return reply.primary & 0xff_ffff;
});
