import { Random } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import type { AccessMode, Bus, Register, RegisterField } from "./index.js";
import { machine } from "../test/harness.js";

type Machine = ReturnType<typeof machine>;

/** One register as software reaches it. */
interface Place {
  readonly bus: "dspBus" | "hostBus" | "hdaBus";
  readonly target: string;
  readonly base: number;
  readonly address: number;
  readonly name: string;
  readonly fields: readonly RegisterField[];
}

const platforms = ["tgl", "mtl", "lnl", "ptl"];
const MEMORY = { tgl: 0xbe10_0000, mtl: 0xa010_0000, lnl: 0xa010_0000, ptl: 0xa010_0000 };

function places(box: Machine): Place[] {
  return (["dspBus", "hostBus", "hdaBus"] as const).flatMap((bus) =>
    box.soc[bus].targets().flatMap(({ base, target }) =>
      target.registers().map(({ name, offset, fields }) => ({
        bus,
        target: target.name,
        base,
        address: base + offset,
        name,
        fields,
      })),
    ),
  );
}

function registerAt(box: Machine, { bus, base, address }: Place): Register {
  const mapped = box.soc[bus].targets().find((candidate) => candidate.base === base);
  return mapped?.target.registers().find(({ offset }) => base + offset === address) as Register;
}

const maskOf = ({ shift, width }: RegisterField) =>
  Number(((1n << BigInt(width)) - 1n) << BigInt(shift));
const masksOf = (fields: readonly RegisterField[], ...modes: AccessMode[]) =>
  fields.reduce((mask, part) => (modes.includes(part.mode) ? mask | maskOf(part) : mask), 0) >>> 0;

/**
 * A machine in which whatever a register starts can start: memory behind the DMA rings, links with a format, a
 * host ring with its descriptor list, the HD Audio controller out of reset.
 */
function prepared(name: string): Machine {
  const box = machine(name);
  const { soc } = box;
  const memory = MEMORY[name as keyof typeof MEMORY];
  soc.memory.mount(memory, new Uint8Array(0x1000));
  for (const gateway of soc.gateways.all) {
    gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 2 });
    gateway.start();
  }
  soc.hdaBus.write32(0x08, 1);
  return box;
}

/** What a register needs beside it before its enable bit may stay set, by name. */
const arrangements: Readonly<Record<string, (box: Machine, place: Place) => void>> = {
  DGCS: ({ soc }, { address }) => {
    soc.dspBus.write32(address + 4, MEMORY[soc.platform.name]);
    soc.dspBus.write32(address + 8, 256);
  },
  SDCTLSTS: ({ soc }, { address }) => {
    const ring = soc.hostMemory.allocate(4096);
    const list = soc.hostMemory.allocate(16);
    const view = new DataView(list.bytes.buffer);
    view.setUint32(0, ring.address % 2 ** 32, true);
    view.setUint32(4, Math.floor(ring.address / 2 ** 32), true);
    view.setUint32(8, 4096, true);
    soc.hdaBus.write32(address, 1 << 20);
    soc.hdaBus.write32(address + 0x08, 4096);
    soc.hdaBus.write32(address + 0x18, list.address % 2 ** 32);
    soc.hdaBus.write32(address + 0x1c, Math.floor(list.address / 2 ** 32));
  },
};

/** Registers whose writes start or stop something, so that each is tried on a machine of its own. */
const wakeful = new Set(
  "DGCS SDCTLSTS GCTL SPBFCCTL PWRCTL CORE0CTL DSPWCTCS TDR TDA IDR IDA CTL INTCTL".split(" "),
);
/** Fields that reset what lies around them. */
const resets = new Set(["srst", "crst"]);

/** The pairs of doorbells behind a place: what the other end does to set its status bits. */
function doorbell({ soc }: Machine, { target }: Place) {
  if (target === "host IPC, DSP side") return { here: soc.hostIpc.dsp, there: soc.hostIpc.host };
  if (target === "host IPC, host side") return { here: soc.hostIpc.host, there: soc.hostIpc.dsp };
  const [, core, peer] = /^IDC of core (\d+) with (\d+)$/.exec(target) as RegExpExecArray;
  return {
    here: soc.idc.endpoint(Number(core), Number(peer)),
    there: soc.idc.endpoint(Number(peer), Number(core)),
  };
}

/** Has hardware set all bits of the register that software can only clear. */
function raiseStatus(box: Machine, place: Place): void {
  switch (place.name) {
    case "TDR":
    case "TDA":
      doorbell(box, place).there.send(0x155, 0x2aa);
      break;
    case "IDA":
      doorbell(box, place).here.send(0x155, 0x2aa);
      doorbell(box, place).there.complete();
      break;
    default: {
      const register = registerAt(box, place);
      register.value = (register.value | masksOf(register.fields, "w1c", "w0c")) >>> 0;
    }
  }
}

/** Everything software can see of the machine by its registers, without the clock. */
function visible({ soc, raised, hostInterrupts }: Machine, around: Place): string {
  const bus: Bus = soc[around.bus];
  const mapped = bus.targets().find(({ base }) => base === around.base);
  const values = mapped?.target.registers().map(({ offset }) => bus.read32(around.base + offset));
  return [
    values,
    raised.length,
    hostInterrupts,
    soc.cores.map(({ state }) => state),
    soc.dma.inUse,
  ].join();
}

/** Notes what is not as it should be: thousands of comparisons, one assertion. */
type Same = (got: number | string, wanted: number | string, what: string) => void;

describe.each(platforms)("registers of %s", (name) => {
  const all = places(machine(name));
  /** @returns what was not the same, in at most ten lines */
  const findings = (act: (place: Place, label: string, same: Same) => void): string[] => {
    const wrong: string[] = [];
    for (const place of all) {
      const label = `${place.target} ${place.name} at 0x${place.address.toString(16)}`;
      act(place, label, (got, wanted, what) => {
        if (got !== wanted) wrong.push(`${what}: ${got} instead of ${wanted}`);
      });
    }
    return wrong.slice(0, 10);
  };
  /** Gives a machine for each register; those whose writes set nothing going share one. */
  const supply = () => {
    const shared = prepared(name);
    return (place: Place): Machine => {
      const box = wakeful.has(place.name) ? prepared(name) : shared;
      arrangements[place.name]?.(box, place);
      return box;
    };
  };

  it("are declared by every device on every bus, memory windows excepted", () => {
    const { soc } = machine(name);
    const bare = [soc.dspBus, soc.hostBus, soc.hdaBus]
      .flatMap((bus) => bus.targets())
      .filter(({ target }) => target.registers().length === 0);
    expect(bare.map(({ target }) => target.name)).toEqual(
      soc.windows.all.filter(({ size }) => size > 0).map((window) => window.name),
    );
    expect(all.length).toBeGreaterThan(300);
  });

  it("come up with their reset values", () => {
    const { soc } = machine(name);
    expect(
      findings(({ bus, address, fields }, label, same) => {
        const hidden = masksOf(fields, "wo", "rsvd");
        const reset = fields.reduce((sum, part) => sum + part.reset * 2 ** part.shift, 0);
        same(soc[bus].read32(address), (reset & ~hidden) >>> 0, label);
      }),
    ).toEqual([]);
  });

  it("read 0 in reserved and write-only bits, whatever is written or stored there", () => {
    const one = supply();
    expect(
      findings((place, label, same) => {
        const box = one(place);
        const bus = box.soc[place.bus];
        const hidden = masksOf(place.fields, "wo", "rsvd");
        if (hidden === 0) return;
        registerAt(box, place).value = 0xffff_ffff;
        same((bus.read32(place.address) & hidden) >>> 0, 0, label);
        bus.write32(place.address, hidden);
        same((bus.read32(place.address) & hidden) >>> 0, 0, label);
      }),
    ).toEqual([]);
  });

  it("are changed in nothing by what is written to read-only and reserved bits", () => {
    const random = new Random(1);
    const [first, second] = [supply(), supply()];
    expect(
      findings((place, label, same) => {
        const deaf = masksOf(place.fields, "ro", "rsvd");
        if (deaf === 0) return;
        const word = random.u32() & ~deaf;
        const [a, b] = [first(place), second(place)];
        for (const box of [a, b]) raiseStatus(box, place);
        a.soc[place.bus].write32(place.address, word >>> 0);
        b.soc[place.bus].write32(place.address, (word | deaf) >>> 0);
        same(visible(b, place), visible(a, place), label);
      }),
    ).toEqual([]);
  });

  it("read back what is written to a read-write field, and leave its neighbours alone", () => {
    const random = new Random(2);
    const one = supply();
    expect(
      findings((place, label, same) => {
        const ours = place.fields.filter(({ mode }) => mode === "rw");
        if (ours.length === 0) return;
        const stays = masksOf(place.fields, "rw");
        const box = one(place);
        const bus = box.soc[place.bus];
        const arranged = bus.read32(place.address);
        for (const part of ours) {
          const mask = maskOf(part);
          bus.write32(place.address, arranged);
          const others = (bus.read32(place.address) & stays & ~mask) >>> 0;
          for (const bits of [mask, 0, random.u32() & mask, (random.u32() & mask) >>> 0]) {
            bus.write32(place.address, (others | bits) >>> 0);
            const what = `${label}.${part.name}`;
            same((bus.read32(place.address) & mask) >>> 0, bits >>> 0, what);
            if (!resets.has(part.name))
              same((bus.read32(place.address) & stays & ~mask) >>> 0, others, what);
          }
        }
      }),
    ).toEqual([]);
  });

  it("clear a write-1-to-clear bit by 1 and by nothing else", () => {
    const one = supply();
    expect(
      findings((place, label, same) => {
        const ours = masksOf(place.fields, "w1c");
        if (ours === 0) return;
        const box = one(place);
        const bus = box.soc[place.bus];
        for (let bit = 0; bit < 32; bit++) {
          const mask = (1 << bit) >>> 0;
          if ((ours & mask) === 0) continue;
          bus.write32(place.address, (bus.read32(place.address) & ~ours) | ours);
          same((bus.read32(place.address) & ours) >>> 0, 0, label);
          bus.write32(place.address, ((bus.read32(place.address) & ~ours) | mask) >>> 0);
          same((bus.read32(place.address) & ours) >>> 0, 0, `${label}: 1 must not set`);
          raiseStatus(box, place);
          same((bus.read32(place.address) & ours) >>> 0, ours, label);
          bus.write32(place.address, (bus.read32(place.address) & ~ours) >>> 0);
          same((bus.read32(place.address) & ours) >>> 0, ours, `${label}: 0 must not clear`);
          bus.write32(place.address, ((bus.read32(place.address) & ~ours) | mask) >>> 0);
          same((bus.read32(place.address) & ours) >>> 0, (ours & ~mask) >>> 0, label);
        }
      }),
    ).toEqual([]);
  });

  it("set a write-1-to-set bit by 1, and clear it by no write", () => {
    const one = supply();
    expect(
      findings((place, label, same) => {
        const ours = masksOf(place.fields, "w1s");
        if (ours === 0) return;
        const bus = one(place).soc[place.bus];
        bus.write32(place.address, 0);
        same((bus.read32(place.address) & ours) >>> 0, 0, label);
        bus.write32(place.address, ours);
        same((bus.read32(place.address) & ours) >>> 0, ours, label);
        bus.write32(place.address, 0);
        same((bus.read32(place.address) & ours) >>> 0, ours, label);
      }),
    ).toEqual([]);
  });

  it("clear a write-0-to-clear bit by 0 and by nothing else", () => {
    const one = supply();
    expect(
      findings((place, label, same) => {
        const ours = masksOf(place.fields, "w0c");
        if (ours === 0) return;
        const box = one(place);
        const bus = box.soc[place.bus];
        bus.write32(place.address, ours);
        same((bus.read32(place.address) & ours) >>> 0, 0, `${label}: 1 must not set`);
        raiseStatus(box, place);
        same((bus.read32(place.address) & ours) >>> 0, ours, label);
        bus.write32(place.address, ours);
        same((bus.read32(place.address) & ours) >>> 0, ours, label);
        bus.write32(place.address, 0);
        same((bus.read32(place.address) & ours) >>> 0, 0, label);
      }),
    ).toEqual([]);
  });

  it("are back at their reset values after a power cycle of the DSP, those of the host's controller excepted", () => {
    const box = prepared(name);
    const { soc } = box;
    const random = new Random(3);
    for (const place of all) {
      arrangements[place.name]?.(box, place);
      const enables = masksOf(place.fields, "rw", "w1s");
      soc[place.bus].write32(place.address, (random.u32() | 0x8400_0000) & enables);
    }
    soc.reset();
    expect(
      findings(({ bus, address, fields, name: register }, label, same) => {
        if (bus === "hdaBus" || register.startsWith("DSPWC_")) return;
        const hidden = masksOf(fields, "wo", "rsvd");
        const reset = fields.reduce((sum, part) => sum + part.reset * 2 ** part.shift, 0);
        same(soc[bus].read32(address), (reset & ~hidden) >>> 0, label);
      }),
    ).toEqual([]);
  });
});
