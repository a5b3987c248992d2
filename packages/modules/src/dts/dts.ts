import { ConfigBlob } from "../common/config-blob.js";
import { StandIn } from "../common/stand-in.js";

/** Stands in for the DTS codec. */
export class Dts extends StandIn {
  protected readonly blob = new ConfigBlob();

  protected takeConfiguration(): void {
    this.blob.takeNew();
  }
}
