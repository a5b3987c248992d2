import type { Direction } from "../abi.js";
import type { Control } from "./controls.js";
import type { Link } from "./links.js";
import type { Pcm } from "./pcms.js";
import type { Route, Widget } from "./types.js";

/**
 * How bad a defect is: `error`, the Linux driver refuses the file, the route, the widget or the stream;
 * `warning`, it goes on but somebody made a mistake; `note`, worth knowing.
 */
export type Severity = "error" | "warning" | "note";

interface DefectBase {
  readonly severity: Severity;
  /** What the defect is in: a widget's, route's, link's or PCM's name. */
  readonly subject: string;
  /** One sentence, fit to be shown. */
  readonly message: string;
}

/** Something that is wrong in a topology that could be read. */
export type TopologyDefect = DefectBase &
  (
    | { readonly kind: "route-end-missing"; readonly route: Route; readonly end: "source" | "sink" }
    | { readonly kind: "route-duplicate"; readonly route: Route; readonly first: number }
    | { readonly kind: "chain-dma-mixed"; readonly route: Route }
    | { readonly kind: "widget-without-uuid"; readonly widget: Widget }
    | { readonly kind: "widget-without-pipeline"; readonly widget: Widget }
    | { readonly kind: "widget-name-repeated"; readonly widget: Widget }
    | { readonly kind: "widget-type-unknown"; readonly widget: Widget; readonly type: string }
    | { readonly kind: "module-unknown"; readonly widget: Widget; readonly uuid: string }
    | {
        readonly kind: "pins-too-many";
        readonly widget: Widget;
        readonly side: Side;
        readonly pins: number;
      }
    | {
        readonly kind: "formats-missing";
        readonly widget: Widget;
        readonly side: Side;
        readonly declared: number;
        readonly found: number;
      }
    | {
        readonly kind: "format-labels-differ";
        readonly widget: Widget;
        readonly side: Side;
        /** Number of the set, from 0. */
        readonly set: number;
      }
    | { readonly kind: "scheduler-has-formats"; readonly widget: Widget }
    | { readonly kind: "control-has-formats"; readonly widget: Widget; readonly control: Control }
    | { readonly kind: "control-data-invalid"; readonly widget: Widget; readonly control: Control }
    | {
        readonly kind: "token-repeated";
        readonly token: number;
        readonly times: number;
        /** All occurrences have one value. */
        readonly equal: boolean;
      }
    | { readonly kind: "token-unknown"; readonly token: number }
    | { readonly kind: "pipeline-repeated"; readonly pipelineId: number }
    | { readonly kind: "stream-without-host"; readonly pcm: Pcm; readonly direction: Direction }
    | { readonly kind: "dai-without-link"; readonly widget: Widget }
    | { readonly kind: "link-without-dai"; readonly link: Link }
    | { readonly kind: "link-without-type"; readonly link: Link }
    | { readonly kind: "manifest-missing" }
    | {
        readonly kind: "count-wrong";
        readonly element: string;
        readonly declared: number;
        readonly found: number;
      }
    | { readonly kind: "block-unknown"; readonly type: number }
  );

/** Side of a module. */
export type Side = "input" | "output";
