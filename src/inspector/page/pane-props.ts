/** What the parts of the page that concern one delivery, or one event, are given. */
import type { DeliverySummary, Status } from "../protocol.ts";
import type { Api } from "./api.ts";

export interface PaneProps {
  readonly api: Api;
  /** `undefined` until the process has told it. */
  readonly status: Status | undefined;
  /** Nothing can be sent: the process is gone, or is another now. */
  readonly isReadOnly: boolean;
  readonly onClose: () => void;
  /** Shows a delivery, one that was just made. */
  readonly onOpen: (id: string) => void;
}

export interface DetailProps extends PaneProps {
  readonly id: string;
  /** What the list knows of it; `undefined` when it is not in there. */
  readonly summary: DeliverySummary | undefined;
  /** Rises whenever the delivery has changed. */
  readonly change: number;
  /** How far the clock of the process is ahead of this machine's: that of a mock can be moved. */
  readonly clockAheadMs: number;
}
