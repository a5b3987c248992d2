import { EPIPE } from "@sof-ts/kit";
import type { DmaController } from "./dma-controller.js";
import type { Gateways } from "./gateways.js";
import { HostDmaChannel } from "./host-dma.js";
import { LinkDmaChannel } from "./link-dma.js";
import type { PhysicalMemory } from "./physical-memory.js";
import type { PlatformDescription } from "./platform.js";
import { field, type Register, reserved } from "./register.js";
import { RegisterFile } from "./register-file.js";

const GEN = 1 << 26;
const GBUSY = 1 << 15;
const TE = 1 << 14;
const XRUN = 1 << 10;
const BF = 1 << 9;
const BNE = 1 << 8;

/** Memory and links that the gateways reach. */
export interface GatewayPorts {
  readonly memory: PhysicalMemory;
  readonly gateways: Gateways;
}

/**
 * The DSP side of one HD-A DMA controller as registers: per channel control and status (DGCS), ring address and
 * size (DGBBA, DGBS), position increment (DGBFPI), read and write position (DGBRP, DGBWP). Names and bits
 * follow Zephyr's intel_adsp_hda.h. They act on the same channels as the methods; use one or the other for a
 * stream.
 *
 * Setting GEN takes the channel, looks the ring up in memory that is mounted at DGBBA, and starts; on a link
 * the HD-A link gateway of that number must have its format. What fails sets the transfer error.
 */
export class HdaGatewayRegisters {
  readonly registers: RegisterFile;
  private readonly controller: DmaController<HostDmaChannel> | DmaController<LinkDmaChannel>;
  private readonly ports: GatewayPorts;

  constructor(
    platform: PlatformDescription,
    controller: DmaController<HostDmaChannel> | DmaController<LinkDmaChannel>,
    ports: GatewayPorts,
  ) {
    const { name, channels, registerStride } = controller.description;
    this.controller = controller;
    this.ports = ports;
    this.registers = new RegisterFile(`${platform.name} ${name}`, channels * registerStride);
    for (let index = 0; index < channels; index++)
      this.define(index, index * registerStride, registerStride);
  }

  /** As after power-up; the channels are reset by their controller. */
  reset(): void {
    this.registers.reset();
  }

  private define(index: number, base: number, stride: number): void {
    const file = this.registers;
    const channel = this.controller.channels[index] as HostDmaChannel | LinkDmaChannel;
    const address = file.define("DGBBA", base + 0x04, [
      field("address", 31, 7, "rw"),
      reserved(6, 0),
    ]);
    const size = file.define("DGBS", base + 0x08, [
      reserved(31, 24),
      field("size", 23, 4, "rw"),
      reserved(3, 0),
    ]);
    file.define(
      "DGCS",
      base,
      [
        field("scs", 31, 31, "rw"),
        reserved(30, 27),
        field("gen", 26, 26, "rw"),
        field("l1etp", 25, 25, "rw"),
        field("l1exp", 24, 24, "rw"),
        field("fwcb", 23, 23, "rw"),
        reserved(22, 16),
        field("gbusy", 15, 15, "ro"),
        field("te", 14, 14, "w1c"),
        reserved(13, 12),
        field("bsc", 11, 11, "w1c"),
        field("xrun", 10, 10, "w1c"),
        field("bf", 9, 9, "ro"),
        field("bne", 8, 8, "ro"),
        reserved(7, 6),
        field("fifordy", 5, 5, "rw"),
        reserved(4),
        field("bscie", 3, 3, "rw"),
        reserved(2, 0),
      ],
      {
        onRead: (register) => {
          if (channel.status() === -EPIPE) register.value |= XRUN;
          register.value &= ~(GBUSY | BF | BNE);
          if (channel.state === "active") register.value |= GBUSY;
          if (channel.available > 0) register.value |= BNE;
          if (channel.available > 0 && channel.free === 0) register.value |= BF;
        },
        onWrite: (register, _written, before) => {
          const enabled = (register.value & GEN) !== 0;
          if (enabled === ((before & GEN) !== 0)) return;
          if (!enabled) channel.release();
          else if (!this.enable(index, address, size))
            register.value = (register.value & ~GEN) | TE;
        },
      },
    );
    file.define("DGBFPI", base + 0x0c, [reserved(31, 24), field("increment", 23, 0, "wo")], {
      onWrite: (_register, written) => {
        channel.reload(written & 0xff_ffff);
      },
    });
    file.define("DGBRP", base + 0x10, [reserved(31, 24), field("position", 23, 0, "ro")], {
      onRead: (register) => {
        channel.status();
        register.value = channel.readOffset - channel.ringStart;
      },
    });
    file.define("DGBWP", base + 0x14, [reserved(31, 24), field("position", 23, 0, "ro")], {
      onRead: (register) => {
        channel.status();
        register.value = channel.writeOffset - channel.ringStart;
      },
    });
    file.define("DGBSP", base + 0x18, [field("segment", 31, 0, "rw")]);
    file.define("DGMBS", base + 0x1c, [field("minimum", 31, 0, "rw")]);
    if (stride < 0x40) return;
    // The model moves the host's position and the linear one with DGBFPI; drivers write these too.
    file.define("DGLLPI", base + 0x24, [field("increment", 31, 0, "wo")]);
    file.define("DGLPIBI", base + 0x28, [field("increment", 31, 0, "wo")]);
  }

  private enable(index: number, address: Register, size: Register): boolean {
    const memory = this.ports.memory.bytesAt(address.value, size.value);
    const channel = this.controller.request(index);
    if (channel === null) return false;
    const ring = { memory: memory ?? new Uint8Array(0), start: 0, size: size.value };
    let result = -1;
    if (channel instanceof HostDmaChannel) result = channel.configure(ring);
    else {
      const gateway = this.ports.gateways.find("hda", index, channel.direction);
      if (gateway !== null) result = channel.configure({ ...ring, gateway });
    }
    if (result === 0) result = channel.start();
    if (result !== 0) channel.release();
    return result === 0;
  }
}
