import { MemAttr, MemDomain } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { library, Machine, payloadOf, uuid } from "./machine.js";
import { addingWasm, servicesFor } from "./wasm.js";

// Defects that firmware of this design has had, each kept out by a test.

const effect = (n: number, imports: readonly string[] = []) => ({
  modules: [{ name: `EFFECT${n}`, uuid: uuid(n), maxInstances: 8 }],
  text: addingWasm({ run: n }, imports),
});
const maths = {
  modules: [{ name: "MATHS", uuid: uuid(99), maxInstances: 0 }],
  auxiliary: true,
  text: addingWasm({ twice: 2 }),
  exports: ["twice"],
};

function domainOf(machine: Machine, name: string): MemDomain {
  const domain = new MemDomain(machine.kernel, name);
  domain.init();
  return domain;
}

const attach = (machine: Machine, moduleId: number, instanceId: number, domain: MemDomain) =>
  machine.run(function* () {
    return machine.manager.attachDomain(moduleId, instanceId, domain);
  });

/** Partitions of a domain that user code can use, beside the user heap. */
const usable = (domain: MemDomain) =>
  domain.partitions.filter(
    (one) => one !== null && (one.attr & 7) !== 0 && one.start !== 0x4000_0000,
  );

describe("library lifetime", () => {
  it("LX-01: an auxiliary library goes with its last user, and not before, in whatever order users go", () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const machine = new Machine();
      machine.load(1, library(effect(1, ["twice"]), effect(2, ["twice"]), maths));
      const instances = [
        machine.instance(0x1000, 0),
        machine.instance(0x1001, 0),
        machine.instance(0x1001, 1),
      ];
      expect(machine.manager.use.linkedUnits).toBe(3);
      for (const [gone, index] of order.entries()) {
        machine.free(instances[index]!);
        for (const left of order.slice(gone + 1)) {
          expect(instances[left]!.run(0)).toBe([3, 4, 4][left]);
        }
        const auxiliaryStays = gone < 2;
        expect(machine.wasm.live > 0).toBe(auxiliaryStays);
      }
      expect(machine.manager.use).toMatchObject({ linkedUnits: 0, sramBytes: 0, virtualBytes: 0 });
      expect(usable(machine.llDomain)).toEqual([]);
    }
  });

  it("LX-03: a second domain gets the library and its dependencies, though the first use added nothing there", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1, ["twice"]), maths));
    const dp = domainOf(machine, "dp");
    const inLl = machine.instance(0x1000, 0);
    const inDp = machine.instance(0x1000, 1, 1);
    expect(attach(machine, 0x1000, 1, dp)).toBe(0);
    expect(usable(dp)).toHaveLength(usable(machine.llDomain).length);
    expect(usable(dp)).toHaveLength(4);
    // The LL instance goes first: it must not take the DP domain's pages along.
    machine.free(inLl);
    expect(usable(dp)).toHaveLength(4);
    machine.free(inDp, 1);
    expect(usable(dp)).toEqual([]);
    expect(usable(machine.llDomain)).toEqual([]);
  });

  it("LX-04: a library whose module tables lie in writable data is refused, and read-only ones follow into each domain", () => {
    const machine = new Machine();
    const file = library(effect(1));
    machine.load(1, file);
    const dp = domainOf(machine, "dp");
    machine.instance(0x1000, 0);
    attach(machine, 0x1000, 0, dp);
    expect(dp.allows(0xa068_9000, 120, false)).toBe(true);
    expect(dp.allows(0xa068_9000, 120, true)).toBe(false);

    const bytes = file.slice();
    const view = new DataView(bytes.buffer);
    const elf = file.length - payloadOf(file).length + 0x8000;
    const table = elf + view.getUint32(elf + 32, true);
    // .module and .mod_buildinfo: SHF_ALLOC and SHF_WRITE.
    for (const section of [2, 3]) view.setUint32(table + section * 40 + 8, 3, true);
    expect(machine.load(2, bytes)).toBe(-8);
    expect(machine.refusals[0]).toContain(".module is writable");
  });

  it("LX-06: .bss is mapped whole, behind .data or without any", () => {
    for (const data of [{ data: new Uint8Array(100) }, {}]) {
      const machine = new Machine();
      machine.load(1, library({ ...effect(1), ...data, bssBytes: 3 * 4096 }));
      machine.instance(0x1000, 0);
      const end = "data" in data ? 0xa068_a000 + 4 * 4096 : 0xa068_a000 + 3 * 4096;
      expect(machine.llDomain.allows(0xa068_a000, end - 0xa068_a000, true)).toBe(true);
      const write = () => machine.kernel.checkAccess(end - 4, 4, true);
      expect(() => machine.user(write)).not.toThrow();
      expect(machine.faults).toEqual([]);
    }
  });

  it("MI-01: an id without a module is an error, never an index", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    for (const id of [0x1001, 0x1fff, 0x2000, 0xffff, -2, -22, Number.NaN]) {
      expect(machine.manager.modules.find(id)).toBeNull();
    }
    // A driver that somebody kept answers with an error when its library is gone.
    const driver = machine.manager.modules.find(0x1000)!.driver;
    machine.unload(1);
    const made = machine.user(() => driver.create(servicesFor(0x1000, 0), new Uint8Array(0)));
    expect(made).toBe(-2);
    expect(machine.faults).toEqual([]);
  });

  it("GR-09: an instance frees itself while its library is in place, and nothing of it is touched afterwards", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    const seen: number[] = [];
    machine.wasm.onFree = () => seen.push(usable(machine.llDomain).length);
    machine.free(machine.instance(0x1000, 0));
    expect(seen).toEqual([2]);
    expect(usable(machine.llDomain)).toEqual([]);
  });

  it("MC-12: the image is written back before anything on another core reads it", () => {
    const machine = new Machine();
    const log: string[] = [];
    Object.assign(machine.memory, {
      publish: (address: number) => log.push(address >= 0xa100_0000 ? "image" : "section"),
    });
    machine.load(1, library(effect(1)));
    expect(log).toEqual(["image"]);
    machine.instance(0x1000, 0, 1);
    expect(log).toEqual(["image", "section", "section"]);
  });
});

describe("privilege and mapping", () => {
  it("PR-05, PR-11: driver records lie in memory that user threads can read", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    const record = machine.manager.driverRecord(0x1000);
    const read = () => machine.kernel.checkAccess(record, 64, false);
    expect(() => machine.user(read)).not.toThrow();
    // A heap that user threads cannot read is found out when the library is loaded, not when it is used.
    const free = (): void => undefined;
    for (const [record, rc] of [
      [0x9000_0000, -14],
      [0x4000_0100, 0],
    ] as const) {
      const other = new Machine({ driverHeap: { alignedAlloc: () => record, free } });
      expect(other.load(1, library(effect(1)))).toBe(rc);
    }
  });

  it("PR-11: the image in DRAM is in the LL domain for the kernel, as long as it is loaded, and not for users", () => {
    const machine = new Machine();
    const kernelOnly = () =>
      machine.llDomain.partitions.filter((one) => (one?.attr ?? 0) % 64 === MemAttr.P_RW_U_NA);
    expect(kernelOnly()).toEqual([]);
    machine.load(1, library(effect(1)));
    const [image] = kernelOnly();
    expect(image?.start).toBeGreaterThanOrEqual(0xa100_0000);
    expect(image?.size).toBeGreaterThanOrEqual(payloadOf(library(effect(1))).length);
    const peek = () => machine.kernel.checkAccess(image!.start, 4, false);
    expect(() => machine.user(peek)).toThrow("read of 4 bytes at 0xa1");
    machine.unload(1);
    expect(kernelOnly()).toEqual([]);
  });

  it("PR-06: making and freeing instances takes no lock in user mode and masks no interrupts there", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    const counted = machine.kernel.counters.syscalls;
    const instance = machine.instance(0x1000, 0);
    machine.free(instance);
    expect(machine.faults).toEqual([]);
    // One system call for each of the two privileged halves.
    expect(machine.kernel.counters.syscalls - counted).toBe(2);
    const direct = () => machine.manager.attachDomain(0x1000, 0, machine.llDomain);
    expect(() => machine.user(direct)).toThrow("lib_manager_attach_domain called from user mode");
    const load = () => machine.manager.load(3, 2).next();
    expect(() => machine.user(load)).toThrow("lib_manager_load_library called from user mode");
  });

  it("PR-08: system calls hand out numbers, no kernel objects", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    const call = machine.kernel.syscalls.get("lib_manager_module_create") as (
      ...args: readonly number[]
    ) => unknown;
    const handle = machine.user(() => call(0x1000, 0, 0));
    expect(typeof handle).toBe("number");
    expect(handle as number).toBeGreaterThan(0);
  });

  it("PR-09: a domain that is full refuses cleanly, however often one tries", () => {
    // Heap, image, and room for one more: a library needs two.
    const machine = new Machine({ options: { maxDomainPartitions: 3 } });
    machine.load(1, library(effect(1)));
    const before = machine.resources;
    for (let i = 0; i < 50; i++) expect(machine.create(0x1000, i)).toBe(-28);
    expect(machine.resources).toEqual(before);
    expect(machine.refusals[0]).toBe(
      "EFFECT1 cannot be mapped into domain zephyr_ll_mem_domain (ENOSPC)",
    );
  });

  it("PR-12: what a user thread frees goes back to where it came from", () => {
    const machine = new Machine();
    const before = machine.resources;
    machine.load(1, library({ ...effect(1), cold: new Uint8Array(10), bssBytes: 10 }));
    machine.free(machine.instance(0x1000, 0, 1), 0);
    machine.unload(1);
    expect(machine.resources).toEqual({ ...before, channels: 0 });
    expect(machine.heap.validate()).toBe(true);
  });

  it("PR-14, PR-20, LL-11: forged arguments of the system calls kill the caller or name nothing", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    const living = machine.instance(0x1000, 0);
    const call = (name: string, ...args: readonly unknown[]) =>
      machine.user(() => machine.kernel.syscall(name, ...args));
    const bad = [
      ["lib_manager_module_create", 0x1_0000, 0, 0],
      ["lib_manager_module_create", 0x1000, 0, 2],
      ["lib_manager_module_create", 0x1000, -1, 0],
      ["lib_manager_module_create", "0x1000", 0, 0],
      ["lib_manager_module_create", 0x1000, Number.NaN, 0],
      ["lib_manager_free_module", { handle: 1 }],
      ["lib_manager_free_module", -1],
      ["lib_manager_free_module", 2 ** 40],
    ] as const;
    for (const [name, ...args] of bad) {
      expect(() => call(name, ...args)).toThrow(`${name} by ipc user failed verification`);
    }
    expect(call("lib_manager_free_module", 12345)).toBe(-2);
    expect(living.run(1)).toBe(2);
    expect(machine.manager.use.instances).toBe(1);
  });

  it("PR-15: counts whose product wraps are compared before they are used", () => {
    const machine = new Machine();
    const bytes = library(effect(1)).slice();
    const header = bytes.length - payloadOf(bytes).length + 0x2000;
    // 0x2c234f73 entries of 116 bytes are 28 bytes modulo 2^32.
    new DataView(bytes.buffer).setUint32(header + 36, 0x2c23_4f73, true);
    expect(machine.load(1, bytes)).toBe(-22);
    expect(machine.refusals[0]).toContain("740511603 modules need 85899345948 bytes");
  });

  it("PR-17: with two instances of a library the first to go does not take the pages of the other", () => {
    const machine = new Machine();
    machine.load(1, library({ ...effect(1), data: new Uint8Array(5) }));
    const [playback, capture] = [machine.instance(0x1000, 0), machine.instance(0x1000, 1, 1)];
    expect(usable(machine.llDomain)).toHaveLength(3);
    machine.free(playback);
    expect(usable(machine.llDomain)).toHaveLength(3);
    expect(capture.run(1)).toBe(2);
    machine.free(capture, 1);
    expect(usable(machine.llDomain)).toHaveLength(0);
  });

  it("PR-18: a mapping that fails half-way takes out what it put in and nothing else", () => {
    const machine = new Machine();
    machine.load(1, library({ ...effect(1, ["twice"]), data: new Uint8Array(5) }, maths));
    const dp = new MemDomain(machine.kernel, "dp");
    // Something else lies where the dependency's read-only data goes.
    dp.init([{ start: 0xa068_c000, size: 0x1000, attr: MemAttr.P_RW_U_RW }]);
    machine.instance(0x1000, 0);
    const before = machine.resources;
    expect(attach(machine, 0x1000, 0, dp)).toBe(-22);
    expect(dp.partitions.filter((one) => one !== null)).toEqual([
      { start: 0xa068_c000, size: 0x1000, attr: MemAttr.P_RW_U_RW },
    ]);
    expect(machine.resources).toEqual(before);
  });

  it("PR-21: the host cannot change an image between check and use", () => {
    const machine = new Machine();
    const original = payloadOf(
      library(effect(1), { ...effect(2), rodata: new Uint8Array(40_000) }),
    );
    const memory = original.slice();
    machine.sent = memory;
    let passed = 0;
    const provider = machine.run(function* () {
      const rc = machine.manager.prepare(3);
      const channel = machine.channels[0]!;
      const readBlock = channel.readBlock.bind(channel);
      channel.readBlock = function* (into, timeoutUs) {
        const result = yield* readBlock(into, timeoutUs);
        passed += into.length;
        // As soon as a block is here the host rewrites all that it has sent.
        memory.fill(0xee, 0, passed);
        return result;
      };
      return rc;
    });
    expect(provider).toBe(0);
    expect(machine.run(() => machine.manager.load(3, 1))).toBe(0);
    expect(machine.instance(0x1000, 0).run(1)).toBe(2);
    expect(machine.manager.image(1)?.payload).toEqual(original);
  });
});
