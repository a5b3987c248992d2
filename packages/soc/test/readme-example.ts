import { EventQueue } from "@sof-ts/kit";
import { describePlatform, Soc } from "@sof-ts/soc";

const queue = new EventQueue();
const soc = new Soc({
  platform: describePlatform("ptl"),
  queue,
  interrupts: { raise: (cpu, irq) => console.log(`core ${cpu} takes interrupt ${irq}`) },
});

soc.cores[0]?.powerUp((core) => {
  soc.interrupts.enable(core, soc.platform.irq.hostIpc);
  soc.hostIpc.dsp.enableInterrupts(true, true);
  soc.hostIpc.host.send(0x13000004, 0); // prints: core 0 takes interrupt 0
});
while (queue.runNext());
