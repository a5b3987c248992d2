import { EOPNOTSUPP } from "@sof-ts/ipc4";
import { errnoName } from "@sof-ts/kit";

/** What an operation of the driver was about when it failed. */
export interface HostErrorContext {
  /** Positive errno, as the kernel driver would return it negated. */
  readonly errno: number;
  /** IPC4 status of the reply, where a reply was the cause. */
  readonly status?: number | undefined;
  /** Name of {@link status}, as SOF's `ipc4/error_status.h` spells it. */
  readonly statusName?: string | undefined;
  /** Request that failed: primary and extension word. */
  readonly request?: { readonly primary: number; readonly extension: number } | undefined;
  /** Widget being set up or addressed. */
  readonly widget?: string | undefined;
  /** PCM whose operation this was. */
  readonly pcm?: string | undefined;
  readonly direction?: "playback" | "capture" | undefined;
}

function compose(reason: string, context: HostErrorContext): string {
  const parts: string[] = [];
  if (context.pcm !== undefined) {
    const direction = context.direction === undefined ? "" : ` ${context.direction}`;
    parts.push(`PCM "${context.pcm}"${direction}`);
  }
  if (context.widget !== undefined) parts.push(`widget ${context.widget}`);
  parts.push(reason);
  const errno = context.errno === EOPNOTSUPP ? "EOPNOTSUPP" : errnoName(context.errno);
  return `${parts.join(": ")} (${errno})`;
}

/**
 * An operation of the host driver failed: a defect of the topology, parameters that the topology cannot
 * take, or an answer of the firmware. Its message is one line that names PCM, widget and reason.
 */
export class HostError extends Error implements HostErrorContext {
  override readonly name = "HostError";
  /** The bare reason, without PCM and widget. */
  readonly reason: string;
  readonly errno: number;
  readonly status: number | undefined;
  readonly statusName: string | undefined;
  readonly request: { readonly primary: number; readonly extension: number } | undefined;
  readonly widget: string | undefined;
  readonly pcm: string | undefined;
  readonly direction: "playback" | "capture" | undefined;

  constructor(reason: string, context: HostErrorContext) {
    super(compose(reason, context));
    this.reason = reason;
    this.errno = context.errno;
    this.status = context.status;
    this.statusName = context.statusName;
    this.request = context.request;
    this.widget = context.widget;
    this.pcm = context.pcm;
    this.direction = context.direction;
  }

  /** @returns this error with more context; what it already says stays */
  within(context: Partial<HostErrorContext>): HostError {
    return new HostError(this.reason, {
      errno: this.errno,
      status: this.status ?? context.status,
      statusName: this.statusName ?? context.statusName,
      request: this.request ?? context.request,
      widget: this.widget ?? context.widget,
      pcm: this.pcm ?? context.pcm,
      direction: this.direction ?? context.direction,
    });
  }
}

/** Adds context to a {@link HostError}; anything else is passed on as it is. */
export function withContext(error: unknown, context: Partial<HostErrorContext>): unknown {
  return error instanceof HostError ? error.within(context) : error;
}
