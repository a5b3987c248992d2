import type { BackEnds } from "./back-ends.js";
import type { IpcTransport } from "./ipc-transport.js";
import type { ModuleSetup } from "./module-setup.js";
import type { ModuleTable } from "./module-table.js";
import type { HostOptions } from "./options.js";
import type { PipelineControl } from "./pipeline-control.js";
import type { HostDma, HostLink } from "./ports.js";
import type { RouteControl } from "./routes.js";
import type { DriverState } from "./widget-state.js";

/** The parts of the driver that streams work with. */
export interface DriverServices {
  readonly ipc: IpcTransport;
  readonly options: HostOptions;
  readonly link: HostLink;
  readonly dma: HostDma;
  readonly state: DriverState;
  readonly modules: ModuleTable;
  readonly pipelines: PipelineControl;
  readonly routes: RouteControl;
  readonly setup: ModuleSetup;
  readonly backEnds: BackEnds;
}
