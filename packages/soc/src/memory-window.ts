import { BusError } from "./bus-error.js";
import type { BusTarget } from "./bus.js";
import type { PlatformDescription, WindowDescription } from "./platform.js";

/** The bytes of one window: the DSP's memory and what the host sees in its BAR are the same bytes. */
export class MemoryWindow {
  readonly index: number;
  readonly name: string;
  readonly size: number;
  /** Offset in the host's BAR. */
  readonly hostOffset: number;
  /** Address on the DSP, in the uncached alias, through which firmware accesses windows. */
  readonly dspAddress: number;
  /** The DSP's face: plain memory. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The host's face, on the host's bus; refuses writes where the window is read-only. */
  readonly hostTarget: BusTarget;

  constructor(
    index: number,
    description: WindowDescription,
    dspAddress: number,
    bytes: Uint8Array,
  ) {
    this.index = index;
    this.name = `window ${index}`;
    this.size = description.size;
    this.hostOffset = description.hostOffset;
    this.dspAddress = dspAddress;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const writable = description.hostWritable;
    const check = (offset: number, access: "read" | "write") => {
      if ((offset & 3) !== 0) throw new BusError(this.name, "unaligned", access, offset);
    };
    this.hostTarget = {
      name: this.name,
      size: this.size,
      read32: (offset) => {
        check(offset, "read");
        return this.view.getUint32(offset, true);
      },
      write32: (offset, value) => {
        check(offset, "write");
        if (!writable) throw new BusError(this.name, "readOnly", "write", offset);
        this.view.setUint32(offset, value >>> 0, true);
      },
      registers: () => [],
    };
  }
}

/**
 * The four windows over one piece of HPSRAM: 0 status registers and, at 0x1000, the uplink mailbox (DSP to
 * host); 1 the downlink mailbox (host to DSP); 2 the debug slots; 3 the trace buffer where there is one.
 */
export class MemoryWindows {
  readonly all: readonly MemoryWindow[];
  /** All windows' bytes, in the order of their DSP addresses. */
  readonly backing: Uint8Array;
  /** Address of `backing[0]`, in the cached alias. */
  readonly base: number;
  /** Status registers that firmware keeps for the host, as SOF's `struct ipc4_fw_registers`. */
  readonly registers: DataView;
  /** Uplink mailbox, 4096 bytes: payloads of replies and notifications. */
  readonly uplink: Uint8Array;
  /** Downlink mailbox: payloads of requests. */
  readonly downlink: Uint8Array;
  /** Debug slots of 4096 bytes, slot 0 being their directory. */
  readonly debug: Uint8Array;
  /** Trace buffer; empty on platforms without. */
  readonly trace: Uint8Array;

  /** @param uncached translates a cached address to its uncached alias */
  constructor(platform: PlatformDescription, uncached: (address: number) => number) {
    const descriptions = platform.windows;
    const first = (descriptions[0] as WindowDescription).dspOffset;
    const total = descriptions.reduce((sum, description) => sum + description.size, 0);
    this.base = platform.memory.hpsram.base + first;
    this.backing = new Uint8Array(total);
    this.all = descriptions.map((description, index) => {
      const start = description.dspOffset - first;
      const address = uncached(platform.memory.hpsram.base + description.dspOffset);
      return new MemoryWindow(
        index,
        description,
        address,
        this.backing.subarray(start, start + description.size),
      );
    });
    const [uplink, downlink, debug, trace] = this.all as [
      MemoryWindow,
      MemoryWindow,
      MemoryWindow,
      MemoryWindow,
    ];
    this.registers = new DataView(uplink.bytes.buffer, uplink.bytes.byteOffset, 0x1000);
    this.uplink = uplink.bytes.subarray(0x1000, 0x2000);
    this.downlink = downlink.bytes;
    this.debug = debug.bytes;
    this.trace = trace.bytes;
  }
}
