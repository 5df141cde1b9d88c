import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "./icons.tsx";

/** What has come of something that was done with a key. */
export interface Notice {
  readonly text: string;
  readonly isBad: boolean;
}

const shownMs = 8_000;

export function NoticeLine({
  notice,
  onClose,
}: {
  readonly notice: Notice | null;
  readonly onClose: () => void;
}): VNode {
  useEffect(() => {
    if (notice === null) return undefined;
    const timer = setTimeout(onClose, shownMs);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div class="notices" role="status">
      {notice !== null && (
        <p class={`notice ${notice.isBad ? "is-bad" : ""}`}>
          <Icon name={notice.isBad ? "warning" : "check"} />
          <span>{notice.text}</span>
          <button type="button" class="quiet icon-button" onClick={onClose}>
            <Icon name="cross" />
            <span class="unseen">Close</span>
          </button>
        </p>
      )}
    </div>
  );
}
