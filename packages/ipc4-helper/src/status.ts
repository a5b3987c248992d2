import { Status } from "@sof-ts/ipc4";
import { EBUSY, EINVAL, ENOENT, ENOMEM } from "@sof-ts/kit";
import type { PhaseResult } from "@sof-ts/pipeline";

/** Reply status for the outcome of a pipeline phase. */
export function phaseStatus(result: Exclude<PhaseResult, "done">): number {
  switch (result) {
    case "refused":
      return Status.INVALID_REQUEST;
    case "missing-end":
      return Status.INVALID_RESOURCE_ID;
    case "not-triggered":
      return Status.PIPELINE_STATE_NOT_SET;
  }
}

/** Reply status for a failed BIND. */
export function bindStatus(rc: number): number {
  return rc === -ENOMEM ? Status.OUT_OF_MEMORY : Status.INVALID_RESOURCE_STATE;
}

/** Reply status for the result of the library manager. */
export function libraryStatus(rc: number): number {
  if (rc >= 0) return Status.SUCCESS;
  return rc === -EINVAL ? Status.ERROR_INVALID_PARAM : Status.FAILURE;
}

/** Reply status for the result of unloading libraries: BUSY while one is in use, no resource for one that is not loaded. */
export function unloadStatus(rc: number): number {
  if (rc >= 0) return Status.SUCCESS;
  switch (rc) {
    case -EINVAL:
      return Status.ERROR_INVALID_PARAM;
    case -EBUSY:
      return Status.BUSY;
    case -ENOENT:
      return Status.INVALID_RESOURCE_ID;
    default:
      return Status.FAILURE;
  }
}
