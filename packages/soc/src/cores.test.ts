import { type Cycles, EventQueue } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { describePlatform, Soc } from "./index.js";
import { MS, machine } from "../test/harness.js";

/** Boot time of a core: 100 us at 400 MHz. */
const BOOT = 40_000;

describe("platforms", () => {
  it("have the cores, memories and clocks of their kind", () => {
    const facts = (name: string) => {
      const { coreCount, coreClockHz, wallClockHz, memory } = describePlatform(name);
      return [
        coreCount,
        coreClockHz,
        wallClockHz,
        memory.hpsram.base,
        memory.hpsram.size,
        memory.lpsram.base,
        memory.imr.base,
      ];
    };
    expect(facts("tgl")).toEqual([4, 400e6, 38.4e6, 0xbe000000, 3014656, 0xbe800000, 0xb0000000]);
    expect(facts("mtl")).toEqual([3, 400e6, 38.4e6, 0xa0020000, 2883584, 0xa0000000, 0xa1000000]);
    expect(facts("lnl")).toEqual([5, 400e6, 38.4e6, 0xa0020000, 2883584, 0xa0000000, 0xa1000000]);
    expect(facts("ptl")).toEqual([5, 400e6, 38.4e6, 0xa0020000, 4718592, 0xa0000000, 0xa1000000]);
    expect(() => describePlatform("xyz")).toThrow("Known platforms: tgl, mtl, lnl, ptl");
  });
});

describe("a core", () => {
  it("starts its firmware one boot time after power-up", () => {
    const { soc, pass } = machine("ptl");
    const log: string[] = [];
    const core = soc.cores[3];
    expect(core?.powerUp((index) => log.push(`core ${index} at ${soc.queue.now}`))).toBe(0);
    expect(core?.powerUp(() => {})).toBe(-120);
    expect(core?.state).toBe("booting");
    pass(BOOT - 1);
    expect(log).toEqual([]);
    pass(1);
    expect([log, core?.state, core?.boots]).toEqual([[`core 3 at ${BOOT}`], "on", 1]);
    pass(MS);
    expect(core?.powerDown()).toBe(0);
    expect(core?.powerDown()).toBe(-22);
    pass(MS);
    expect(core?.cyclesPowered).toBe(BOOT + MS);
  });

  it("counts its cycles in 32 bits from its power-up on", () => {
    const { soc, pass } = machine("ptl");
    const core = soc.cores[2];
    pass(1000);
    expect(core?.cycleCount).toBe(0);
    core?.powerUp(() => {});
    pass(70_000);
    expect(core?.cycleCount).toBe(70_000);
    pass(2 ** 32);
    expect(core?.cycleCount).toBe(70_000);
    core?.powerDown();
    expect(core?.cycleCount).toBe(0);
  });

  it("does not start when the power goes during the boot", () => {
    const { soc, pass } = machine("ptl");
    let started = 0;
    soc.cores[1]?.powerUp(() => started++);
    pass(BOOT / 2);
    soc.cores[1]?.powerDown();
    pass(MS);
    expect([started, soc.cores[1]?.state]).toEqual([0, "off"]);
    soc.cores[1]?.powerUp(() => started++);
    pass(BOOT);
    expect(started).toBe(1);
  });

  it.each([
    { name: "tgl", host: 0x04, spa: 1 << 16, cpa: 1 << 24, dsp: 0x71f90 },
    { name: "mtl", host: 0x178d04, spa: 1, cpa: 1 << 8, dsp: 0x71b90 },
  ])("is powered through registers on $name", ({ name, host, spa, cpa, dsp }) => {
    const { soc, pass } = machine(name);
    const booted: number[] = [];
    soc.power.bootVector = (core) => booted.push(core);
    expect(soc.hostBus.read32(host)).toBe(0);
    soc.hostBus.write32(host, spa);
    pass(BOOT);
    expect(soc.hostBus.read32(host)).toBe(spa + cpa);
    soc.dspBus.write32(dsp, 0b101);
    pass(BOOT);
    expect(soc.dspBus.read32(dsp)).toBe(0b101_0000_0000_0000_0101);
    soc.dspBus.write32(dsp, 0b001);
    expect(soc.dspBus.read32(dsp)).toBe(0b001_0000_0000_0000_0001);
    soc.hostBus.write32(host, 0);
    expect(soc.cores.map((core) => core.state)).toEqual(soc.cores.map(() => "off"));
    expect(booted).toEqual([0, 2]);
  });
});

describe("interrupts", () => {
  it("that come while masked are delivered once on enabling, and those of a core without power never", () => {
    const { soc, raised, pass } = machine("ptl");
    soc.cores[0]?.powerUp(() => {});
    pass(BOOT);
    soc.interrupts.raise(0, 5);
    soc.interrupts.raise(0, 5);
    soc.interrupts.raise(1, 5);
    expect(raised).toEqual([]);
    expect([soc.interrupts.isPending(0, 5), soc.interrupts.isPending(1, 5)]).toEqual([true, false]);
    soc.interrupts.enable(0, 5);
    soc.interrupts.enable(1, 5);
    expect(raised).toEqual(["0:5"]);
    soc.interrupts.disable(0, 5);
    soc.interrupts.enable(0, 5);
    expect(raised).toEqual(["0:5"]);
  });

  it("do not reach a core without power, whatever it has enabled", () => {
    const { soc, raised } = machine("ptl");
    soc.interrupts.enable(3, 6);
    soc.interrupts.raise(3, 6);
    soc.interrupts.raiseShared(6);
    expect([raised, soc.interrupts.isPending(3, 6)]).toEqual([[], false]);
  });

  it("are masked again by a power cycle", () => {
    const { soc, raised, pass } = machine("ptl");
    soc.cores[2]?.powerUp(() => {});
    pass(BOOT);
    soc.interrupts.enable(2, 31);
    soc.interrupts.raise(2, 31);
    soc.cores[2]?.powerDown();
    soc.interrupts.raise(2, 31);
    soc.cores[2]?.powerUp(() => {});
    pass(BOOT);
    expect(soc.interrupts.isEnabled(2, 31)).toBe(false);
    soc.interrupts.enable(2, 31);
    expect(raised).toEqual(["2:31"]);
  });

  it("of a shared line go to every core that enables them, lowest first", () => {
    const { soc, raised, pass } = machine("ptl");
    for (const core of soc.cores) core.powerUp(() => {});
    pass(BOOT);
    for (const core of [3, 1]) soc.interrupts.enable(core, 0);
    soc.interrupts.raiseShared(0);
    expect(raised).toEqual(["1:0", "3:0"]);
  });
});

describe("the system timer", () => {
  it("ticks on a grid of absolute time, each core on its own phase", () => {
    const { soc, raised, pass, queue } = machine("ptl");
    const ticks: string[] = [];
    for (const index of [0, 1]) soc.cores[index]?.powerUp(() => soc.interrupts.enable(index, 10));
    pass(123_456);
    soc.cores[0]?.timer.start(1000);
    soc.cores[1]?.timer.start(1000, 1000);
    expect(soc.cores[0]?.timer.nextTick).toBe(400_000);
    const seen = { length: 0 };
    for (let i = 0; i < 6; i++) {
      queue.runNext();
      while (seen.length < raised.length) ticks.push(`${raised[seen.length++]}@${queue.now}`);
    }
    expect(ticks).toEqual([
      "0:10@400000",
      "1:10@401000",
      "0:10@800000",
      "1:10@801000",
      "0:10@1200000",
      "1:10@1201000",
    ]);
    soc.cores[0]?.powerDown();
    expect(soc.cores[0]?.timer.running).toBe(false);
    soc.cores[1]?.timer.stop();
    expect(queue.length).toBe(0);
    expect([soc.cores[0]?.timer.ticks, soc.cores[1]?.timer.ticks]).toEqual([3, 3]);
  });
});

describe("the wall clock", () => {
  it("counts 38.4 MHz exactly, also past 32 bits", () => {
    const { soc, pass } = machine("ptl");
    pass(400_000_000 * 100 + 20);
    expect(soc.wallClock.read()).toBe(3_840_000_001);
    expect(soc.dspBus.read32(0x72020)).toBe(3_840_000_001);
    pass(400_000_000 * 100);
    expect([soc.dspBus.read32(0x72024), soc.dspBus.read32(0x72020)]).toEqual([
      1,
      7_680_000_001 - 2 ** 32,
    ]);
  });

  it.each([
    { name: "tgl", base: 0x71f00, irq: 22 },
    { name: "ptl", base: 0x72000, irq: 10 },
  ])("fires a comparator of $name once, when the counter gets there", ({ name, base, irq }) => {
    const { soc, pass, raised } = machine(name);
    soc.cores[0]?.powerUp(() => soc.interrupts.enable(0, irq));
    pass(BOOT);
    soc.dspBus.write32(base + 0x38, 10_001);
    soc.dspBus.write32(base + 0x3c, 0);
    soc.dspBus.write32(base + 0x28, 0x202);
    pass(Math.ceil((10_001 * 125) / 12) - BOOT - 1);
    expect([raised, soc.dspBus.read32(base + 0x20)]).toEqual([[], 10_000]);
    pass(1);
    expect([raised, soc.dspBus.read32(base + 0x20)]).toEqual([[`0:${irq}`], 10_001]);
    expect(soc.dspBus.read32(base + 0x28)).toBe(0x220);
    soc.dspBus.write32(base + 0x28, 0x220);
    pass(MS);
    expect(soc.dspBus.read32(base + 0x28)).toBe(0x200);
    expect(raised.length).toBe(1);
  });
});

describe("a comparator beyond all time", () => {
  it("is taken and never fires", () => {
    const { soc, queue } = machine("ptl");
    soc.dspBus.write32(0x72030, 0xffff_ffff);
    soc.dspBus.write32(0x72034, 0xffff_ffff);
    soc.dspBus.write32(0x72028, 0x101);
    expect([soc.dspBus.read32(0x72028), queue.length]).toEqual([0x101, 0]);
    soc.dspBus.write32(0x72034, 0x1000);
    expect(queue.length).toBe(1);
  });
});

describe("a core that runs ahead of the event queue", () => {
  function ahead(instant: number) {
    const queue = new EventQueue();
    const time = { now: instant as Cycles };
    const raised: string[] = [];
    const interrupts = {
      raise: (cpu: number, irq: number) => raised.push(`${cpu}:${irq}@${queue.now}`),
    };
    const soc = new Soc({ platform: describePlatform("ptl"), queue, interrupts, time });
    return { soc, queue, time, raised };
  }

  it("powers another up from its own instant on", () => {
    const { soc, queue, time } = ahead(300_000);
    let at = 0;
    soc.cores[1]?.powerUp(() => {
      at = queue.now;
    });
    queue.runNext();
    expect(at).toBe(300_000 + BOOT);
    time.now = (300_000 + BOOT + 7) as Cycles;
    expect(soc.cores[1]?.cyclesPowered).toBe(BOOT + 7);
  });

  it("starts a timer whose ticks all lie ahead of it", () => {
    const { soc } = ahead(900_000);
    soc.cores[0]?.timer.start(1000);
    expect(soc.cores[0]?.timer.nextTick).toBe(1_200_000);
  });

  it("arms a comparator that fires no earlier than the arming", () => {
    const { soc, queue, raised } = ahead(300_000);
    soc.cores[0]?.powerUp(() => soc.interrupts.enable(0, 10));
    queue.runNext();
    soc.dspBus.write32(0x72030, 100);
    soc.dspBus.write32(0x72028, 0x101);
    queue.runNext();
    expect(raised).toEqual([`0:10@${300_000 + BOOT}`]);
  });
});

describe("inter-core doorbells", () => {
  function two() {
    const box = machine("ptl");
    for (const index of [0, 1]) {
      box.soc.cores[index]?.powerUp(() => {
        box.soc.interrupts.enable(index, 24);
        box.soc.idc.endpoint(index, 1 - index).enableInterrupts(true, true);
      });
    }
    box.pass(BOOT);
    return box;
  }

  it("carry words and payload to one core, and its completion back", () => {
    const { soc, raised } = two();
    soc.idc.payload(0, 1).set([9, 8, 7]);
    expect(soc.idc.endpoint(0, 1).send(0x123, 0x456)).toBe(0);
    expect(raised).toEqual(["1:24"]);
    const target = soc.idc.endpoint(1, 0);
    expect([target.requested, target.primary, target.extension]).toEqual([true, 0x123, 0x456]);
    expect([...soc.idc.payload(0, 1).subarray(0, 3)]).toEqual([9, 8, 7]);
    expect(soc.idc.endpoint(0, 1).send(1, 1)).toBe(-16);
    target.accept();
    target.complete();
    expect(raised).toEqual(["1:24", "0:24"]);
    expect(soc.idc.endpoint(0, 1).done).toBe(true);
    soc.idc.endpoint(0, 1).clearDone();
    expect(soc.idc.endpoint(0, 1).send(1, 1)).toBe(0);
  });

  it("can cross", () => {
    const { soc, raised } = two();
    expect(soc.idc.endpoint(0, 1).send(1, 0)).toBe(0);
    expect(soc.idc.endpoint(1, 0).send(2, 0)).toBe(0);
    expect(raised).toEqual(["1:24", "0:24"]);
    expect([soc.idc.endpoint(1, 0).primary, soc.idc.endpoint(0, 1).primary]).toEqual([1, 2]);
  });

  it("are on the bus", () => {
    const { soc, raised } = two();
    const at = (core: number, peer: number) => 0x92000 + (core * 5 + peer) * 0x30;
    soc.dspBus.write32(at(0, 1) + 0x18, 0x77);
    soc.dspBus.write32(at(0, 1) + 0x10, 0x8000_0055);
    expect(raised).toEqual(["1:24"]);
    expect([soc.dspBus.read32(at(1, 0)), soc.dspBus.read32(at(1, 0) + 8)]).toEqual([
      0x8000_0055, 0x77,
    ]);
  });

  it("to a core without power stay unanswered until it is powered up, which empties them", () => {
    const { soc, raised, pass } = machine("ptl");
    soc.cores[0]?.powerUp(() => {});
    pass(BOOT);
    expect(soc.idc.endpoint(0, 4).send(1, 2)).toBe(0);
    pass(100 * MS);
    expect([soc.idc.endpoint(0, 4).send(1, 2), raised]).toEqual([-16, []]);
    soc.cores[4]?.powerUp(() => {});
    expect(soc.idc.endpoint(4, 0).requested).toBe(false);
    expect(soc.idc.endpoint(0, 4).send(1, 2)).toBe(0);
  });
});
