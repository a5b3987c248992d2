import { describe, expect, it } from "vitest";
import type { BusTarget } from "./index.js";
import { machine } from "../test/harness.js";

/**
 * The register maps restated, one register a line: name, offset, then its fields from bit 31 down as bits, access
 * mode and reset value where it is not 0. `-` is reserved. Sources: Zephyr's intel_adsp_hda.h, adsp_shim.h and
 * adsp_ipc_regs.h; Linux's hda.h and mtl.h; the High Definition Audio Specification 1.0a, chapter 3.
 */
const wallClock = `
DSPWC_LO 20 31:0 ro
DSPWC_HI 24 31:0 ro
DSPWCTCS 28 31:10 - | 9:8 rw | 7:6 - | 5:4 w1c | 3:2 - | 1:0 rw
DSPWCT0C_LO 30 31:0 rw
DSPWCT0C_HI 34 31:0 rw
DSPWCT1C_LO 38 31:0 rw
DSPWCT1C_HI 3c 31:0 rw`;

const packedDoorbell = (tda: string) => `
TDR 0 31 w1c | 30:0 ro
TDA 4 31 ${tda} | 30:0 -
TDD 8 31:0 ro
IDR 10 31 w1s | 30:0 rw
IDA 14 31 w1c | 30:0 -
IDD 18 31:0 rw
CTL 28 31:2 - | 1 rw | 0 rw`;

const aceDoorbell = `
TDR 0 31 w1c | 30:0 ro
TDA 4 31 w0c | 30:0 -
IDR 10 31 w1s | 30:0 rw
IDA 14 31 w1c | 30:0 -
CTL 28 31:2 - | 1 rw | 0 rw
TDD 100 31:0 ro
IDD 180 31:0 rw`;

const dgcs =
  "31 rw | 30:27 - | 26 rw | 25 rw | 24 rw | 23 rw | 22:16 - | 15 ro | 14 w1c | 13:12 - | 11 w1c | 10 w1c | " +
  "9 ro | 8 ro | 7:6 - | 5 rw | 4 - | 3 rw | 2:0 -";
const gateway = (base: number, host: boolean) => `
DGCS ${hex(base)} ${dgcs}
DGBBA ${hex(base + 0x4)} 31:7 rw | 6:0 -
DGBS ${hex(base + 0x8)} 31:24 - | 23:4 rw | 3:0 -
DGBFPI ${hex(base + 0xc)} 31:24 - | 23:0 wo
DGBRP ${hex(base + 0x10)} 31:24 - | 23:0 ro
DGBWP ${hex(base + 0x14)} 31:24 - | 23:0 ro
DGBSP ${hex(base + 0x18)} 31:0 rw
DGMBS ${hex(base + 0x1c)} 31:0 rw${
  host ? `\nDGLLPI ${hex(base + 0x24)} 31:0 wo\nDGLPIBI ${hex(base + 0x28)} 31:0 wo` : ""
}`;
const gateways = (count: number, stride: number) =>
  Array.from({ length: count }, (_, index) => gateway(index * stride, stride === 0x40)).join("");

const descriptor = (base: number, playback: boolean) => `
SDCTLSTS ${hex(base)} 31:30 - | 29 ro | 28 w1c | 27 w1c | 26 w1c | 25:24 - | 23:20 rw | 19 ro${
  playback ? "=1" : ""
} | 18 ro=1 | 17:16 rw | 15:5 - | 4 rw | 3 rw | 2 rw | 1 rw | 0 rw
SDLPIB ${hex(base + 4)} 31:0 ro
SDCBL ${hex(base + 8)} 31:0 rw
SDLVI ${hex(base + 0xc)} 31:8 - | 7:0 rw
SDFMTFIFOS ${hex(base + 0x10)} 31 - | 30:24 rw | 23 - | 22:16 rw | 15:0 ro=ff
SDBDPL ${hex(base + 0x18)} 31:7 rw | 6:0 -
SDBDPU ${hex(base + 0x1c)} 31:0 rw`;
const controller = (captures: number, playbacks: number, positions: number, links: number) => {
  const count = captures + playbacks;
  const streams = (mode: string) =>
    `31 ${mode} | 30 ${mode} | 29:${count} - | ${count - 1}:0 ${mode}`;
  const each = (length: number, line: (index: number) => string) =>
    Array.from({ length }, (_, index) => line(index)).join("");
  return `
GCAP 0 31:24 ro=1 | 23:16 ro | 15:12 ro=${hex(playbacks)} | 11:8 ro=${hex(captures)} | 7:3 ro | 2:1 ro | 0 ro=1
GCTL 8 31:9 - | 8 rw | 7:2 - | 1 rw | 0 rw
LLCH 14 31:16 - | 15:0 ro=700
INTCTL 20 ${streams("rw")}
INTSTS 24 ${streams("ro")}${each(count, (index) => descriptor(0x80 + 0x20 * index, index >= captures))}
SPBFCH 700 31:28 - | 27:16 ro=4 | 15:0 ro=800
SPBFCCTL 704 31:${count} - | ${count - 1}:0 rw${each(
    count,
    (index) =>
      `\nSPIB ${hex(0x708 + 8 * index)} 31:0 rw\nMAXFIFOS ${hex(0x70c + 8 * index)} 31:0 ro=ff`,
  )}
PPCH 800 31:28 - | 27:16 ro=3 | 15:0 ro
PPCTL 804 ${streams("rw")}${each(
    links,
    (index) =>
      `\nPPLC${index}LLPL ${hex(positions + 16 * index)} 31:0 ro\nPPLC${index}LLPU ${hex(positions + 16 * index + 4)} 31:0 ro`,
  )}`;
};

/** By platform and name of the device. */
const maps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tgl: {
    "host IPC, DSP side": packedDoorbell("wo"),
    "host IPC, host side": packedDoorbell("wo"),
    IDC: packedDoorbell("wo"),
    "wall clock": wallClock,
    "core power, DSP side": "\nPWRCTL 0 31:20 - | 19:16 ro | 15:4 - | 3:0 rw",
    "core power, host side": "\nCORE0CTL 0 31:25 - | 24 ro | 23:17 - | 16 rw | 15:0 -",
    "hda-host-out": gateways(9, 0x40),
    "hda-host-in": gateways(7, 0x40),
    "hda-link-out": gateways(4, 0x20),
    "hda-link-in": gateways(4, 0x20),
    "HD Audio controller": controller(7, 9, 0x918, 8),
  },
  ptl: {
    "host IPC, DSP side": aceDoorbell,
    "host IPC, host side": aceDoorbell,
    IDC: packedDoorbell("w0c"),
    "wall clock": wallClock,
    "core power, DSP side": "\nPWRCTL 0 31:21 - | 20:16 ro | 15:5 - | 4:0 rw",
    "core power, host side": "\nCORE0CTL 0 31:9 - | 8 ro | 7:1 - | 0 rw",
    "hda-host-out": gateways(9, 0x40),
    "hda-host-in": gateways(11, 0x40),
    "hda-link-out": gateways(9, 0x40),
    "hda-link-in": gateways(11, 0x40),
    "HD Audio controller": controller(11, 9, 0x948, 20),
  },
};

function hex(value: number): string {
  return value.toString(16);
}

function declared(target: BusTarget): string {
  return target
    .registers()
    .map(({ name, offset, fields }) => {
      const parts = [...fields]
        .sort((a, b) => b.shift - a.shift)
        .map(({ shift, width, mode, reset }) => {
          const bits = width === 1 ? `${shift}` : `${shift + width - 1}:${shift}`;
          return `${bits} ${mode === "rsvd" ? "-" : mode}${reset === 0 ? "" : `=${hex(reset)}`}`;
        });
      return `\n${name} ${hex(offset)} ${parts.join(" | ")}`;
    })
    .join("");
}

describe.each(["tgl", "ptl"])("the register map of %s", (name) => {
  it("has the offsets, access modes and reserved bits of the public descriptions", () => {
    const { soc } = machine(name);
    const map = maps[name] as Readonly<Record<string, string>>;
    const found = new Set<string>();
    for (const { target } of [soc.dspBus, soc.hostBus, soc.hdaBus].flatMap((bus) =>
      bus.targets(),
    )) {
      const device = target.name.startsWith("IDC of") ? "IDC" : target.name;
      if (device.startsWith("window")) continue;
      expect(declared(target), target.name).toBe(map[device]);
      found.add(device);
    }
    expect([...found].sort()).toEqual(Object.keys(map).sort());
  });
});
