import { MemAttr, MemDomain } from "@sof-ts/kernel";
import type { AudioModule, ModuleDriver } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { mapColdRodata } from "@sof-ts/lib-manager";
import { library, Machine, uuid } from "./machine.js";
import { addingWasm } from "./wasm.js";

const limiter = { name: "LIMITER", uuid: uuid(1), maxInstances: 4 };
const effect = { modules: [limiter], text: addingWasm({ run: 1 }) };
const full = {
  ...effect,
  rodata: Uint8Array.of(11, 12),
  data: Uint8Array.of(21, 22),
  bssBytes: 6000,
  cold: Uint8Array.of(31),
  coldRodata: Uint8Array.of(41),
};

/** A domain without anything in it, as a DP thread's. */
function domainOf(machine: Machine, name = "dp"): MemDomain {
  const domain = new MemDomain(machine.kernel, name);
  domain.init();
  return domain;
}

const attach = (machine: Machine, moduleId: number, instanceId: number, domain: MemDomain) =>
  machine.run(function* () {
    return machine.manager.attachDomain(moduleId, instanceId, domain);
  });

const detach = (machine: Machine, moduleId: number, instanceId: number, domain: MemDomain) =>
  machine.run(function* () {
    return machine.manager.detachDomain(moduleId, instanceId, domain);
  });

/** The partitions that are in a domain beside the user heap and the images. */
const mapped = (domain: MemDomain) =>
  domain.partitions
    .filter((partition) => partition !== null)
    .filter(({ attr, start }) => start !== 0x4000_0000 && (attr & 0x3f) !== MemAttr.P_RW_U_NA)
    .map(({ start, size, attr }) => [start, size, attr & 0x3f]);

describe("an instance of a library module", () => {
  it("is made by a user thread, on either core, and runs the library's code", () => {
    const machine = new Machine();
    machine.load(1, library(effect));
    for (const core of [0, 1]) {
      const instance = machine.instance(0x1000, core, core);
      expect(instance.run(41)).toBe(42);
      expect(instance.request).toMatchObject({ name: "LIMITER", uuid: uuid(1), index: 0 });
    }
    expect(machine.faults).toEqual([]);
  });

  it("is one of several modules of an ELF", () => {
    const machine = new Machine();
    const gate = { name: "GATE", uuid: uuid(2), maxInstances: 1 };
    machine.load(
      1,
      library({ modules: [limiter, gate], text: addingWasm({ limit: 1, gate: 10 }) }),
    );
    expect(machine.instance(0x1001, 0).run(5)).toBe(15);
    expect(machine.instance(0x1000, 0).run(5)).toBe(6);
    expect(machine.wasm.compiled).toBe(1);
  });

  it("is refused where there is no module, twice, and beyond the manifest's limit", () => {
    const machine = new Machine();
    machine.load(1, library({ ...effect, modules: [{ ...limiter, maxInstances: 2 }] }));
    const driver = machine.manager.modules.find(0x1000)?.driver as ModuleDriver;
    machine.instance(0x1000, 7);
    expect(machine.create(0x1000, 7)).toBe(-17);
    machine.instance(0x1000, 8);
    expect(machine.create(0x1000, 9)).toBe(-28);
    expect(driver.manifest.maxInstances).toBe(2);
  });

  it("gives everything back when its own initialisation fails", () => {
    const machine = new Machine();
    machine.load(1, library(full));
    const before = machine.resources;
    machine.wasm.failNext = -22;
    expect(machine.create(0x1000, 0)).toBe(-22);
    expect(machine.resources).toEqual(before);
    expect(machine.instance(0x1000, 0).run(1)).toBe(2);
  });

  it("is freed once, whoever frees it how often", () => {
    const machine = new Machine();
    machine.load(1, library(effect));
    const [one, two] = [machine.instance(0x1000, 0), machine.instance(0x1000, 1)];
    machine.free(one);
    machine.free(one);
    expect(machine.manager.use).toMatchObject({ instances: 1, linkedUnits: 1 });
    machine.free(two);
    expect(machine.manager.use).toMatchObject({ instances: 0, linkedUnits: 0 });
  });

  it("cannot be made when SRAM, addresses or DRAM are short, and later can", () => {
    const small = new Machine({ sramBytes: 0x3000 });
    small.load(1, library(full));
    const before = small.resources;
    expect(small.create(0x1000, 0)).toBe(-12);
    expect(small.resources).toEqual(before);
    expect(small.refusals).toEqual(["LIMITER: no memory for 8192 bytes of data (ENOMEM)"]);

    const narrow = new Machine({ virtualRange: { base: 0xa068_0000, size: 0x1000 } });
    narrow.load(1, library(full));
    expect(narrow.create(0x1000, 0)).toBe(-12);
    expect(narrow.refusals).toEqual(["LIMITER: no 16384 bytes of addresses are free (ENOMEM)"]);

    const noDram = new Machine({ dramBytes: 0x2_6000 });
    expect(noDram.load(1, library({ ...effect, cold: new Uint8Array(0x1_0000) }))).toBe(0);
    expect(noDram.create(0x1000, 0)).toBe(-12);
    expect(noDram.refusals).toEqual(["LIMITER: no memory for 65536 bytes of cold (ENOMEM)"]);
    noDram.unload(1);
    noDram.load(1, library(effect));
    expect(noDram.instance(0x1000, 0).run(1)).toBe(2);
  });

  it("is refused with the reason when its code does not compile", () => {
    const machine = new Machine();
    const broken = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99, 1, 0);
    machine.load(1, library({ ...effect, text: broken }));
    const before = machine.resources;
    expect(machine.create(0x1000, 0)).toBe(-8);
    expect(machine.refusals).toEqual(["LIMITER: its code does not compile (ENOEXEC)"]);
    expect(machine.resources).toEqual(before);
  });
});

describe("the memory of a library", () => {
  it("is mapped into the LL domain by its kind: code to run, constants to read, data to write", () => {
    const machine = new Machine();
    machine.load(1, library(full));
    expect(mapped(machine.llDomain)).toEqual([]);
    const instance = machine.instance(0x1000, 0);
    const regions = mapped(machine.llDomain);
    expect(regions.slice(0, 3)).toEqual([
      [0xa068_8000, 0x1000, 0x2d],
      [0xa068_9000, 0x1000, 0x09],
      [0xa068_a000, 0x2000, 0x1b],
    ]);
    // Cold sections stay in DRAM, each on pages of its own.
    expect(regions.slice(3).map(([, size, rights]) => [size, rights])).toEqual([
      [0x1000, 0x2d],
      [0x1000, 0x09],
    ]);
    for (const [start] of regions.slice(3)) expect(start).toBeGreaterThanOrEqual(0xa100_0000);
    machine.free(instance);
    expect(mapped(machine.llDomain)).toEqual([]);
  });

  it("holds the sections' contents, zeros where they have none", () => {
    const machine = new Machine();
    machine.load(1, library(full));
    machine.instance(0x1000, 0);
    const { memory } = machine;
    expect(memory.bytesAt(0xa068_8000, 4)).toEqual(Uint8Array.of(0, 0x61, 0x73, 0x6d));
    expect(memory.bytesAt(0xa068_a000, 4)).toEqual(Uint8Array.of(21, 22, 0, 0));
    expect(memory.bytesAt(0xa068_b000, 0x1000)?.every((byte) => byte === 0)).toBe(true);
    const cold = mapped(machine.llDomain)[3]?.[0] as number;
    expect(memory.dramBytes(cold)[0]).toBe(31);
  });

  it("is at another place when its own is taken", () => {
    const machine = new Machine();
    machine.load(1, library(full));
    machine.load(2, library({ ...full, modules: [{ ...limiter, name: "OTHER", uuid: uuid(2) }] }));
    machine.instance(0x1000, 0);
    machine.instance(0x2000, 0);
    const text = mapped(machine.llDomain).filter(([, , rights]) => rights === 0x2d);
    expect(text.map(([start]) => start)).toContain(0xa068_0000);
    expect(machine.memory.bytesAt(0xa068_2000, 2)).toEqual(Uint8Array.of(21, 22));
  });

  it("can be used by user threads as it is mapped, and by nobody after it is gone", () => {
    const machine = new Machine();
    machine.load(1, library(full));
    const instance = machine.instance(0x1000, 0);
    const access = (address: number, write: boolean) => () => {
      machine.kernel.checkAccess(address, 4, write);
      return "done";
    };
    expect(machine.user(access(0xa068_8000, false))).toBe("done");
    expect(machine.user(access(0xa068_b7fc, true))).toBe("done");
    expect(() => machine.user(access(0xa068_9000, true))).toThrow("write of 4 bytes at 0xa0689000");
    machine.free(instance);
    expect(() => machine.user(access(0xa068_8000, false))).toThrow("read of 4 bytes at 0xa0688000");
  });

  it("is written back before another core runs it", () => {
    const machine = new Machine();
    const published: number[] = [];
    Object.assign(machine.memory, { publish: (address: number) => published.push(address) });
    machine.load(1, library(full));
    expect(published).toHaveLength(1);
    machine.instance(0x1000, 0);
    expect(published.slice(1, 4)).toEqual([0xa068_8000, 0xa068_9000, 0xa068_a000]);
  });
});

describe("a domain of its own", () => {
  const dp = { ...full, modules: [{ ...limiter, domain: "DP" as const }] };

  it("keeps a DP module out of the LL domain until it is attached", () => {
    const machine = new Machine();
    machine.load(1, library(dp));
    const domain = domainOf(machine);
    const instance = machine.instance(0x1000, 0);
    expect(mapped(machine.llDomain)).toEqual([]);
    expect(attach(machine, 0x1000, 0, domain)).toBe(0);
    expect(mapped(domain)).toHaveLength(5);
    expect(attach(machine, 0x1000, 0, domain)).toBe(-22);
    expect(attach(machine, 0x1000, 1, domain)).toBe(-2);
    expect(detach(machine, 0x1000, 0, domain)).toBe(0);
    expect(detach(machine, 0x1000, 0, domain)).toBe(-2);
    expect(mapped(domain)).toEqual([]);
    attach(machine, 0x1000, 0, domain);
    machine.free(instance);
    expect(mapped(domain)).toEqual([]);
  });

  it("can be decided by whoever places instances", () => {
    const placed: unknown[] = [];
    const domains: MemDomain[] = [];
    const machine = new Machine({
      place: (placement) => {
        placed.push(placement);
        return domains[0] ?? null;
      },
    });
    domains.push(domainOf(machine, "proxy"));
    machine.load(1, library(full));
    machine.instance(0x1000, 3, 1);
    expect(placed).toEqual([{ moduleId: 0x1000, instanceId: 3, core: 1 }]);
    expect(mapped(domains[0] as MemDomain)).toHaveLength(5);
    expect(mapped(machine.llDomain)).toEqual([]);
  });

  it("is not needed where LL runs in kernel mode", () => {
    const machine = new Machine({ llDomain: null });
    machine.load(1, library(full));
    expect(machine.instance(0x1000, 0).run(1)).toBe(2);
    expect(mapped(machine.llDomain)).toEqual([]);
  });
});

describe("dependencies", () => {
  const maths = {
    modules: [{ name: "MATHS", uuid: uuid(8), maxInstances: 0 }],
    auxiliary: true,
    text: addingWasm({ double: 60, half: 50 }),
    exports: ["double", "half"],
  };
  const caller = (n: number, ...imports: string[]) => ({
    modules: [{ name: `CALLER${n}`, uuid: uuid(n), maxInstances: 4 }],
    text: addingWasm({ run: n }, imports),
  });

  it("are found in the same library, in others by the order of loading, and in the firmware first", () => {
    const machine = new Machine();
    machine.load(2, library({ ...maths, text: addingWasm({ double: 7 }), exports: ["double"] }));
    machine.load(1, library(caller(1, "double"), maths));
    machine.load(3, library(caller(3, "double"), caller(4, "log")));
    expect(machine.instance(0x1000, 0).run(0)).toBe(61);
    expect(machine.instance(0x3000, 0).run(0)).toBe(10);
    expect(machine.instance(0x3001, 0).run(0)).toBe(4);
  });

  it("that are missing are named, and can be loaded later", () => {
    const machine = new Machine();
    machine.load(1, library(caller(1, "double")));
    const before = machine.resources;
    expect(machine.create(0x1000, 0)).toBe(-61);
    expect(machine.refusals).toEqual([
      "CALLER1: it needs double, which nothing that is loaded offers (ENODATA)",
    ]);
    expect(machine.resources).toEqual(before);
    machine.load(2, library(maths));
    expect(machine.instance(0x1000, 0).run(0)).toBe(61);
  });

  it("in a circle are refused, in a chain are not", () => {
    const machine = new Machine();
    const one = { ...caller(1, "b"), exports: ["run"], text: addingWasm({ a: 1 }, ["b"]) };
    const ring = library(
      { ...one, exports: ["a"] },
      { ...caller(2), text: addingWasm({ b: 2 }, ["a"]), exports: ["b"] },
    );
    machine.load(1, ring);
    const before = machine.resources;
    expect(machine.create(0x1000, 0)).toBe(-8);
    expect(machine.refusals).toContain(
      "CALLER1: it depends on itself through other units (ENOEXEC)",
    );
    expect(machine.resources).toEqual(before);
    machine.load(
      2,
      library(
        caller(3, "b"),
        { ...caller(4), text: addingWasm({ b: 20 }, ["c"]), exports: ["b"] },
        { ...caller(5), text: addingWasm({ c: 30 }), exports: ["c"] },
      ),
    );
    expect(machine.instance(0x2000, 0).run(0)).toBe(53);
  });

  it("in many layers are mapped once each, not once for each way to them", () => {
    const machine = new Machine({ options: { maxDomainPartitions: 128 } });
    // 18 layers of two units, each calling both of the next layer: 2^18 ways to the last.
    const units = Array.from({ length: 18 }, (_, layer) =>
      ["x", "y"].map((side, i) => ({
        modules: [{ name: `L${layer}${side}`, uuid: uuid(2 * layer + i), maxInstances: 1 }],
        text: addingWasm(
          { [`${side}${layer}`]: 1, [`${side}${layer}b`]: 1 },
          layer === 17 ? [] : [`x${layer + 1}`, `y${layer + 1}`],
        ),
        exports: [`${side}${layer}`],
      })),
    ).flat();
    expect(machine.load(1, library(...units))).toBe(0);
    const instance = machine.instance(0x1000, 0);
    expect(machine.manager.use.linkedUnits).toBe(35);
    expect(mapped(machine.llDomain)).toHaveLength(70);
    machine.free(instance);
    expect(machine.manager.use.linkedUnits).toBe(0);
    expect(mapped(machine.llDomain)).toHaveLength(0);
  });

  it("have no instances of their own", () => {
    const machine = new Machine();
    machine.load(1, library(maths));
    expect(machine.manager.modules.find(0x1000)).toBeNull();
    expect(machine.create(0x1000, 0)).toBe(-2);
  });

  it("keep their library from being unloaded while they are called", () => {
    const machine = new Machine();
    machine.load(1, library(maths));
    machine.load(2, library(caller(2, "double")));
    const instance = machine.instance(0x2000, 0);
    expect(machine.unload(1)).toBe(-16);
    expect(machine.unload(1, 2)).toBe(-16);
    machine.free(instance);
    expect(machine.unload(1)).toBe(0);
    expect(machine.create(0x2000, 0)).toBe(-61);
  });
});

describe("a library of Xtensa code", () => {
  const drc = "b36ee4da-006f-47f9-a06d-fecbe2d8b6ce";
  const xtensa = library({
    modules: [
      { name: "DRC", uuid: drc, maxInstances: 40 },
      { name: "SECRET", uuid: uuid(5), maxInstances: 1 },
    ],
    text: Uint8Array.of(0x36, 0x41, 0),
    code: "xtensa",
    imports: ["rzalloc"],
  });
  const builtIn: ModuleDriver = {
    manifest: {
      name: "DRC",
      uuid: drc.toUpperCase(),
      initConfig: "base",
      maxInstances: 1,
      domain: "LL",
      configs: [],
    },
    create: (_services, payload) =>
      payload.length > 0 ? -22 : ({ free: () => undefined } as unknown as AudioModule),
  };

  it("lists its modules, and runs the built-in one of the same UUID", () => {
    const machine = new Machine({ standIns: [builtIn] });
    expect(machine.load(1, xtensa)).toBe(0);
    expect(machine.manager.modules.entries().map(({ driver }) => driver.manifest.name)).toEqual([
      "DRC",
      "SECRET",
    ]);
    expect(machine.manager.modules.find(0x1000)?.driver.manifest.maxInstances).toBe(40);
    const instance = machine.instance(0x1000, 0);
    expect(machine.unload(1)).toBe(-16);
    // Its own code is not needed: nothing is linked or mapped.
    expect(machine.manager.use).toMatchObject({ linkedUnits: 0, sramBytes: 0, instances: 1 });
    machine.free(instance);
    expect(machine.unload(1)).toBe(0);
  });

  it("says clearly what it cannot run", () => {
    const machine = new Machine({ standIns: [builtIn] });
    machine.load(1, xtensa);
    expect(machine.create(0x1001, 0)).toBe(-19);
    expect(machine.refusals).toEqual([
      `SECRET is Xtensa code, which does not run here, and no built-in module has UUID ${uuid(5)} (ENODEV)`,
    ]);
  });

  it("finds its built-in counterparts among the base image's modules too", () => {
    const machine = new Machine({ baseModules: new Map([[9, builtIn]]) });
    machine.load(1, xtensa);
    expect(machine.manager.modules.entries().map(({ moduleId }) => moduleId)).toEqual([
      9, 0x1000, 0x1001,
    ]);
    machine.instance(0x1000, 0);
  });
});

describe("the base firmware's cold read-only data", () => {
  it("is readable in a domain, and no error when there is none", () => {
    const machine = new Machine();
    const domain = domainOf(machine, "ipc");
    expect(mapColdRodata(domain, 0xa150_0000, 0)).toBe(0);
    expect(mapped(domain)).toEqual([]);
    expect(mapColdRodata(domain, 0xa150_0000, 0x2000)).toBe(0);
    expect(domain.allows(0xa150_1000, 16, false)).toBe(true);
    expect(domain.allows(0xa150_1000, 16, true)).toBe(false);
  });
});
