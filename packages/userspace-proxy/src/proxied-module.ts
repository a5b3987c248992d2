import type { AudioModule } from "@sof-ts/module-api";

/**
 * What a module may have beyond the module interface when it runs behind the proxy. All of it is optional:
 * any `AudioModule` will do.
 */
export interface ProxiedModule extends AudioModule {
  /** SOF's `set_processing_mode`: 0 normal, 1 bypass. @returns 0 or a negative errno */
  setProcessingMode?(mode: number): number;
  /** SOF's `get_processing_mode`. @returns the mode or a negative errno */
  getProcessingMode?(): number;
  /**
   * The module carries its border with it, so that threads of any memory domain may call it directly
   * (a module in a sandbox of its own memory).
   */
  readonly sandboxed?: boolean;
  /** DSP cycles of the last operation, whichever it was. */
  readonly lastOperationCycles?: number;
  /** Ends the instance: its caller has given up on `operation`. Later calls of it return an error. */
  terminate?(operation: string, detail: string): void;
}
