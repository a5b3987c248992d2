/**
 * One direction of a doorbell pair: the initiator leaves a message of two words and rings; the target accepts
 * it (which frees its interrupt) and completes it (which frees the initiator). IPC between host and DSP and
 * IDC between cores are made of these.
 */
export class Doorbell {
  /** The initiator's request is not completed: `IDR.BUSY`. */
  busy = false;
  /** The target has not accepted the request: `TDR.BUSY`. */
  requested = false;
  /** The initiator has not cleared the completion: `IDA.DONE`. */
  done = false;
  /** 31 bits. */
  primary = 0;
  extension = 0;
  /** Messages rung since the machine was made. */
  count = 0;
  /** Messages overwritten because the initiator rang while busy. */
  lost = 0;

  /** The initiator rings. Ringing while busy overwrites the message, as the hardware does. */
  ring(primary: number, extension: number): void {
    if (this.busy) this.lost++;
    this.primary = primary & 0x7fff_ffff;
    this.extension = extension >>> 0;
    this.busy = true;
    this.requested = true;
    this.count++;
  }

  /** The target finished. @returns whether there was a request to complete */
  complete(): boolean {
    if (!this.busy) return false;
    this.busy = false;
    this.requested = false;
    this.done = true;
    return true;
  }

  reset(): void {
    this.busy = false;
    this.requested = false;
    this.done = false;
    this.primary = 0;
    this.extension = 0;
  }
}
