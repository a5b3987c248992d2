import type { HostIpcPort } from "@sof-ts/ipc4-helper";
import type { Soc } from "@sof-ts/soc";

/** Bit of the primary doorbell register that rings it. */
const BUSY = 0x8000_0000;

/** The soc's host doorbell and mailboxes as the IPC4 handlers want them. */
export class SocHostIpc implements HostIpcPort {
  readonly downlink: Uint8Array;
  readonly uplink: Uint8Array;
  private readonly endpoint: Soc["hostIpc"]["dsp"];
  private readonly layout: Soc["platform"]["hostIpc"]["layout"];

  constructor(soc: Soc) {
    this.endpoint = soc.hostIpc.dsp;
    this.layout = soc.platform.hostIpc.layout;
    this.downlink = soc.windows.downlink.subarray(0, 0x1000);
    this.uplink = soc.windows.uplink;
  }

  get uplinkBusy(): boolean {
    const { outgoing } = this.endpoint;
    return outgoing.busy || outgoing.done;
  }

  readRequest(): { readonly primary: number; readonly extension: number } {
    return { primary: this.endpoint.primary, extension: this.endpoint.extension };
  }

  completeRequest(): void {
    this.endpoint.complete();
  }

  send(primary: number, extension: number): void {
    this.endpoint.send(primary, extension);
  }

  sendRegardless(primary: number, extension: number): void {
    const { registers } = this.endpoint;
    registers.write32(this.layout.idd, extension);
    registers.write32(this.layout.idr, (primary | BUSY) >>> 0);
  }
}
