import type { ModuleServices } from "@sof-ts/module-api";
import { ENUM_PARAM } from "../common/control-payload.js";

/** Upper half of the id of module events that say an ALSA control changed (SOF's `ALSA_MAGIC_VAL`). */
const CONTROL_CHANGED = 0xa15a0000;
const PAYLOAD_BYTES = 28;
const VALUE_OFFSET = 24;

/** Tells the host a new value of an enum control. Does not allocate once it is made. */
export class DirectionNews {
  private readonly services: ModuleServices;
  private readonly data = new Uint8Array(PAYLOAD_BYTES);
  private readonly view = new DataView(this.data.buffer);

  /** @param control index of the control among the module's enums */
  constructor(services: ModuleServices, control: number) {
    this.services = services;
    this.view.setUint16(0, control, true);
    this.view.setUint16(2, 1, true);
  }

  tell(value: number): void {
    this.view.setUint32(VALUE_OFFSET, value, true);
    this.services.notify(CONTROL_CHANGED + ENUM_PARAM, this.data);
  }
}
