import { describe, expect, it } from "vitest";
import { machine } from "../test/harness.js";

/** Addresses restated from the platforms' public headers. */
const places = [
  {
    name: "tgl",
    dsp: {
      TDR: 0x71e00,
      TDA: 0x71e04,
      TDD: 0x71e08,
      IDR: 0x71e10,
      IDA: 0x71e14,
      IDD: 0x71e18,
      CTL: 0x71e28,
    },
    host: { TDR: 0xc0, TDA: 0xc4, TDD: 0xc8, IDR: 0xd0, IDA: 0xd4, IDD: 0xd8, CTL: 0xe8 },
    finish: 0x80000000,
    irq: 7,
  },
  {
    name: "mtl",
    dsp: {
      TDR: 0x73000,
      TDA: 0x73004,
      TDD: 0x73100,
      IDR: 0x73010,
      IDA: 0x73014,
      IDD: 0x73180,
      CTL: 0x73028,
    },
    host: {
      TDR: 0x73200,
      TDA: 0x73204,
      TDD: 0x73300,
      IDR: 0x73210,
      IDA: 0x73214,
      IDD: 0x73380,
      CTL: 0x73228,
    },
    finish: 0,
    irq: 0,
  },
];

describe.each(places)("host IPC of $name", ({ name, dsp, host, finish, irq }) => {
  function setup() {
    const box = machine(name);
    box.soc.cores[0]?.powerUp(() => {});
    box.pass(1_000_000);
    box.soc.interrupts.enable(0, irq);
    box.soc.dspBus.write32(dsp.CTL, 3);
    box.soc.hostBus.write32(host.CTL, 3);
    return box;
  }

  it("carries 31 bits and a data word to the DSP and its completion back", () => {
    const box = setup();
    const { dspBus, hostBus } = box.soc;
    hostBus.write32(host.IDD, 0x2345_6789);
    hostBus.write32(host.IDR, 0x8000_0000 | 0x1300_0004);

    expect(box.raised).toEqual([`0:${irq}`]);
    expect(hostBus.read32(host.IDR)).toBe(0x9300_0004);
    expect(dspBus.read32(dsp.TDR)).toBe(0x9300_0004);
    expect(dspBus.read32(dsp.TDD)).toBe(0x2345_6789);

    dspBus.write32(dsp.TDR, 0x8000_0000);
    expect(dspBus.read32(dsp.TDR)).toBe(0x1300_0004);
    expect(hostBus.read32(host.IDR)).toBe(0x9300_0004);
    expect(box.hostInterrupts).toBe(0);

    dspBus.write32(dsp.TDA, finish);
    expect(hostBus.read32(host.IDR)).toBe(0x1300_0004);
    expect(hostBus.read32(host.IDA)).toBe(0x8000_0000);
    expect(box.hostInterrupts).toBe(1);

    hostBus.write32(host.IDA, 0x8000_0000);
    expect(hostBus.read32(host.IDA)).toBe(0);
  });

  it("carries a message to the host and its completion back", () => {
    const box = setup();
    const { dspBus, hostBus } = box.soc;
    dspBus.write32(dsp.IDD, 0x11);
    dspBus.write32(dsp.IDR, 0x8000_0000 | 0x1b08_0000);
    expect(box.hostInterrupts).toBe(1);
    expect(hostBus.read32(host.TDR)).toBe(0x9b08_0000);
    expect(hostBus.read32(host.TDD)).toBe(0x11);

    hostBus.write32(host.TDR, 0x8000_0000);
    hostBus.write32(host.TDA, finish);
    expect(dspBus.read32(dsp.IDR)).toBe(0x1b08_0000);
    expect(dspBus.read32(dsp.IDA)).toBe(0x8000_0000);
    expect(box.raised).toEqual([`0:${irq}`]);
  });

  it("interrupts for what came while the cause was disabled, once it is enabled", () => {
    const box = setup();
    const { dspBus, hostBus } = box.soc;
    dspBus.write32(dsp.CTL, 2);
    hostBus.write32(host.IDR, 0x8000_0001);
    expect(box.raised).toEqual([]);
    dspBus.write32(dsp.CTL, 3);
    expect(box.raised).toEqual([`0:${irq}`]);
  });

  it("does nothing for a write of IDR without the busy bit", () => {
    const box = setup();
    box.soc.hostBus.write32(host.IDR, 0x1234);
    expect(box.soc.dspBus.read32(dsp.TDR)).toBe(0);
    expect(box.raised).toEqual([]);
  });

  it("shows a message written without the busy bit to nobody but its writer", () => {
    const { hostBus, dspBus } = setup().soc;
    hostBus.write32(host.IDD, 0x77);
    hostBus.write32(host.IDR, 0x8000_0001);
    hostBus.write32(host.IDR, 0x2222);
    hostBus.write32(host.IDD, 0x88);
    expect([hostBus.read32(host.IDR), hostBus.read32(host.IDD)]).toEqual([0x8000_2222, 0x88]);
    expect([dspBus.read32(dsp.TDR), dspBus.read32(dsp.TDD)]).toEqual([0x8000_0001, 0x77]);
  });

  it("agrees between its registers and its methods", () => {
    const box = setup();
    const ipc = box.soc.hostIpc;
    expect(ipc.host.send(0x0600_0001, 0x22)).toBe(0);
    expect(ipc.host.send(0x0600_0002, 0x23)).toBe(-16);
    expect([ipc.dsp.requested, ipc.dsp.primary, ipc.dsp.extension]).toEqual([
      true,
      0x0600_0001,
      0x22,
    ]);
    expect(box.soc.hostBus.read32(host.IDR)).toBe(0x8600_0001);
    expect(box.soc.hostBus.read32(host.IDD)).toBe(0x22);
    ipc.dsp.accept();
    expect(box.soc.dspBus.read32(dsp.TDR)).toBe(0x0600_0001);
    ipc.dsp.complete();
    expect(ipc.host.send(0x0600_0002, 0x23)).toBe(-16);
    ipc.host.clearDone();
    expect(ipc.host.send(0x0600_0002, 0x23)).toBe(0);
  });

  it("forgets everything in a power cycle", () => {
    const box = setup();
    box.soc.hostBus.write32(host.IDR, 0x8000_0001);
    box.soc.reset();
    expect(box.soc.hostBus.read32(host.IDR)).toBe(0);
    expect(box.soc.dspBus.read32(dsp.TDR)).toBe(0);
    expect(box.soc.dspBus.read32(dsp.CTL)).toBe(0);
  });
});
