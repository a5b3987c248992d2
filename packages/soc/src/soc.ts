import type { EventQueue } from "@sof-ts/kit";
import { AddressMap } from "./address-map.js";
import { Bus, LazyTarget } from "./bus.js";
import { DerivedCounter } from "./clocks.js";
import { DspCore } from "./core.js";
import { Dma } from "./dma.js";
import { Gateways } from "./gateways.js";
import { HDA_BAR_SIZE, HdaController } from "./hda-controller.js";
import { HdaGatewayRegisters } from "./hda-gateway-registers.js";
import { HostIpc } from "./host-ipc.js";
import { HostMemory } from "./host-memory.js";
import { Idc } from "./idc.js";
import { InterruptController } from "./interrupts.js";
import { MemoryWindows } from "./memory-window.js";
import { Mmu } from "./mmu.js";
import { PhysicalMemory } from "./physical-memory.js";
import type { PlatformDescription } from "./platform.js";
import type { HostInterruptSink, InterruptSink, TimeSource } from "./ports.js";
import { PowerControl } from "./power-control.js";
import { SystemTimer } from "./system-timer.js";
import { WallClockBlock } from "./wall-clock-block.js";

/** What a machine is made of and what it is joined to. */
export interface SocOptions {
  readonly platform: PlatformDescription;
  /** Virtual time, in core clock cycles. */
  readonly queue: EventQueue;
  /** Where interrupts of the DSP's cores go. */
  readonly interrupts: InterruptSink;
  /** Where the host's interrupt goes; without one the host polls. */
  readonly hostInterrupt?: HostInterruptSink;
  /** The present instant, when it is not the queue's own. */
  readonly time?: TimeSource;
}

/**
 * One DSP with its surroundings: cores, interrupts, clocks, host IPC, memory windows, DMA, gateways. It runs
 * by the events in its queue and by the calls of firmware and host; it never looks at real time.
 */
export class Soc {
  readonly platform: PlatformDescription;
  readonly queue: EventQueue;
  readonly time: TimeSource;
  readonly cores: readonly DspCore[];
  readonly interrupts: InterruptController;
  /** 38.4 MHz counter. */
  readonly wallClock: DerivedCounter;
  readonly hostIpc: HostIpc;
  /** Doorbells between the cores. */
  readonly idc: Idc;
  /** Power switches as registers; holds the boot vector. */
  readonly power: PowerControl;
  /** Wall clock and comparators as registers. */
  readonly wallClockBlock: WallClockBlock;
  readonly addresses: AddressMap;
  /** The DSP's memories behind the caches; the windows are mounted in it. */
  readonly memory: PhysicalMemory;
  readonly mmu: Mmu;
  readonly windows: MemoryWindows;
  readonly hostMemory: HostMemory;
  readonly dma: Dma;
  readonly gateways: Gateways;
  /** The DSP's register bus. */
  readonly dspBus: Bus;
  /** The host's BAR of the audio DSP: IPC registers and memory windows. */
  readonly hostBus: Bus;
  /** The host's BAR of the HD Audio controller. */
  readonly hdaBus: Bus;

  private readonly hostInterrupt: HostInterruptSink;
  private hdaController: HdaController | null = null;
  /** Those whose registers were accessed. */
  private readonly hdaGateways: HdaGatewayRegisters[] = [];

  constructor(options: SocOptions) {
    const { platform, queue, interrupts, hostInterrupt = { raise() {} }, time = queue } = options;
    this.platform = platform;
    this.queue = queue;
    this.time = time;
    this.interrupts = new InterruptController(platform.coreCount, interrupts);
    this.wallClock = new DerivedCounter(time, platform.coreClockHz, platform.wallClockHz);
    this.cores = Array.from({ length: platform.coreCount }, (_, index) => this.makeCore(index));
    this.hostIpc = new HostIpc(platform, this.interrupts, hostInterrupt);
    this.idc = new Idc(platform, this.interrupts);
    for (const core of this.cores) {
      core.onPower((index, powered) => {
        if (powered) this.idc.resetCore(index);
      });
    }
    this.power = new PowerControl(platform.power, this.cores);
    this.wallClockBlock = new WallClockBlock(
      this.wallClock,
      platform.coreClockHz,
      queue,
      time,
      this.interrupts,
      platform.irq.timer,
    );
    this.addresses = new AddressMap(platform);
    this.windows = new MemoryWindows(platform, (address) => this.addresses.toUncached(address));
    this.memory = new PhysicalMemory(this.addresses);
    this.memory.mount(this.windows.base, this.windows.backing);
    this.mmu = new Mmu(platform.coreCount, platform.memory.pageSize);
    this.hostMemory = new HostMemory();
    this.gateways = new Gateways(platform);
    this.dma = new Dma(platform, {
      time,
      queue,
      coreClockHz: platform.coreClockHz,
      wallClock: this.wallClock,
    });
    this.hostInterrupt = hostInterrupt;
    this.dspBus = new Bus(`${platform.name} DSP bus`);
    this.hostBus = new Bus(`${platform.name} host BAR`);
    this.hdaBus = new Bus(`${platform.name} HD Audio BAR`);
    this.mapBuses();
  }

  /** The host's HD Audio controller: stream descriptors and link positions as registers. */
  get hda(): HdaController {
    this.hdaController ??= new HdaController(
      this.platform,
      this.dma,
      this.hostMemory,
      this.hostInterrupt,
    );
    return this.hdaController;
  }

  /**
   * A power cycle of the DSP: cores off, registers as after reset, SRAM (windows and mounts included) zero,
   * every DMA channel released. IMR, host memory, the host's streams and the far ends of the links stay.
   */
  reset(): void {
    for (const core of this.cores) core.powerDown();
    this.dma.reset();
    for (const gateways of this.hdaGateways) gateways.reset();
    for (const core of this.cores) this.idc.resetCore(core.index);
    for (const gateway of this.gateways.all) gateway.reset();
    this.hostIpc.reset();
    this.wallClockBlock.reset();
    this.mmu.reset();
    this.memory.losePower();
  }

  private makeCore(index: number): DspCore {
    const { platform, queue, time, interrupts } = this;
    const timer = new SystemTimer(
      index,
      platform.irq.timer,
      platform.coreClockHz,
      queue,
      time,
      interrupts,
    );
    return new DspCore(index, platform.coreBootCycles, timer, queue, time, interrupts);
  }

  private mapBuses(): void {
    const { hostIpc, idcBase, power, wallClockBase } = this.platform;
    this.hdaBus.map(
      0,
      new LazyTarget("HD Audio controller", HDA_BAR_SIZE, () => this.hda.registers),
    );
    const { hostOut, hostIn, linkOut, linkIn } = this.dma;
    for (const controller of [hostOut, hostIn, linkOut, linkIn]) {
      const { name, base, channels, registerStride } = controller.description;
      const make = () => {
        const gateways = new HdaGatewayRegisters(this.platform, controller, this);
        this.hdaGateways.push(gateways);
        return gateways.registers;
      };
      this.dspBus.map(base, new LazyTarget(name, channels * registerStride, make));
    }
    this.dspBus.map(wallClockBase, this.wallClockBlock.registers);
    this.idc.map(this.dspBus, idcBase);
    this.power.map(power, this.dspBus, this.hostBus);
    this.dspBus.map(hostIpc.dspBase, this.hostIpc.dsp.registers);
    this.hostBus.map(hostIpc.hostBase, this.hostIpc.host.registers);
    for (const window of this.windows.all) {
      if (window.size > 0) this.hostBus.map(window.hostOffset, window.hostTarget);
    }
  }
}
